"""Could a word that was said be the one that stands on the screen? Recognisers of sound and of pictures both slip.

Two words that exist and differ are two words, however alike they look ("modern", "modem").
"""

import re
from functools import cache, lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from include.processing.alignment_words import number, unaccented
from include.processing.transcription.common_words import is_common
from include.processing.transcription.languages import language_code
from include.processing.transcription.likeness import likeness

WORTH_A_LOOK = 60.0  # percent of their letters that two words share at least
FORM, LOOK = 0.97, 0.98  # likeness of two forms of a word, of two words that look the same
LETTERS_A_SLIP = 5  # in a word of so many one may be wrong, in one of twice as many two
MOST_SLIPS = 3
SOUND, LONG = 85.0, 6  # percent, and letters, from which on a rare word may be one that sounds like it
ENDING = 3  # letters in which two forms of a word may differ in length
_LOOK_ALIKE = str.maketrans({"0": "o", "1": "i", "l": "i", "|": "i", "5": "s", "8": "b"})
_RUN_TOGETHER = re.compile("rn|vv")


@lru_cache(maxsize=1 << 16)
def alike(said: str, shown: str, language: str | None) -> float:
    """0 to 1; 0: another word. Both are keys."""
    if said == shown:
        return 1.0
    if number(said) or number(shown):
        return LOOK if _digits_misread(said, shown) else 0.0
    if _one_word(said, shown, language):
        return FORM
    if language == "en" and is_common(said) and is_common(shown):
        return 0.0
    if looks(said) == looks(shown):
        return LOOK
    slips = OSA.distance(looks(said), looks(shown), score_cutoff=MOST_SLIPS)
    least = min(len(said), len(shown))
    if slips <= min(MOST_SLIPS, least // LETTERS_A_SLIP) and not _has_digit(said + shown):
        return round(1 - slips / max(len(said), len(shown)), 3)
    return _sounds(said, shown, language)


@lru_cache(maxsize=1 << 16)
def looks(key: str) -> str:
    """The same for all readings of one picture of a word."""
    return _RUN_TOGETHER.sub(lambda m: "m" if m[0] == "rn" else "w", unaccented(key).translate(_LOOK_ALIKE))


def _digits_misread(said: str, shown: str) -> bool:
    mixed = [k for k in (said, shown) if not number(k) and _has_digit(k)]
    return len(mixed) == 1 and looks(said) == looks(shown)


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


def _sounds(said: str, shown: str, language: str | None) -> float:
    """A rare word comes back as another rare one, or as several in a row."""
    if language != "en" or min(len(said), len(shown)) < LONG or is_common(shown) or is_common(said):
        return 0.0
    percent = likeness(said, shown)
    return round(percent / 100, 3) if percent >= SOUND and fuzz.ratio(said, shown) >= WORTH_A_LOOK else 0.0


def _one_word(said: str, shown: str, language: str | None) -> bool:
    """Two forms of it, as singular and plural."""
    short, long = sorted((said, shown), key=len)
    if len(long) - len(short) > ENDING or long[: max(3, len(short) - 1)] != short[: max(3, len(short) - 1)]:
        return False
    if "\uac00" <= short[0] <= "\ud7a3":  # Korean particles follow the noun without a space
        return len(short) >= 2 and long.startswith(short)
    return _has_stemmer(language) and _stem(said, language) == _stem(shown, language)


@cache
def _stemmers() -> dict[str | None, str]:
    from snowballstemmer import algorithms  # type: ignore[import-untyped]

    return {language_code(name): name for name in algorithms() if language_code(name) != name}


def _has_stemmer(language: str | None) -> bool:
    return language in _stemmers()


@lru_cache(maxsize=1 << 16)
def _stem(key: str, language: str | None) -> str:
    return str(_stemmer(_stemmers()[language]).stemWord(key))


@cache
def _stemmer(name: str):  # type: ignore[no-untyped-def]  # the library has no types
    from snowballstemmer import stemmer

    return stemmer(name)
