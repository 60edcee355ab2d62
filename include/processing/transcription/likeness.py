"""Could one word be another one, misheard?"""

import re

from rapidfuzz import fuzz

LETTERS = 60.0  # percent that both share
SOUNDS = 80.0  # the same of their consonants, by sound, of words that share at least
LOOSELY = 45.0  # percent of their letters
FEWEST = 3  # consonants that say anything

_SOUNDS = [
    (re.compile(letters), sound)
    for letters, sound in (
        ("ph", "f"),
        ("x", "ks"),
        ("ck|[qcg]", "k"),
        ("[zß]", "s"),
        ("d", "t"),
        ("b", "p"),
        ("[vw]", "f"),
        ("[aeiouyjhäöü]", ""),
        (r"(.)\1+", r"\1"),
    )
]


def likeness(term: str, text: str) -> float:
    """Percent; 0 where the one can't be the other. Both in lower case, without spaces."""
    letters = fuzz.ratio(term, text, score_cutoff=LOOSELY)
    sounds = [_sound(term), _sound(text)]
    if letters and min(map(len, sounds)) >= FEWEST and (alike := fuzz.ratio(*sounds, score_cutoff=SOUNDS)):
        return max(letters, alike)
    return letters if letters >= LETTERS else 0.0


def _sound(text: str) -> str:
    for letters, sound in _SOUNDS:
        text = letters.sub(sound, text)
    return text
