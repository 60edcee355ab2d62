"""Known English text aligned to its sound by pocketsphinx's acoustic model: to a few hundredths, and cheaply.

Its dictionary has 130,000 words. What it lacks (names, numbers, abbreviations) is spelt by simple rules: a rough
pronunciation is enough to find where a known word lies.
"""

import re
import unicodedata
from functools import cache
from threading import Lock
from typing import Any

from include.processing.audio import RATE, Samples
from include.processing.errors import PermanentError
from include.processing.transcription.engine import LEAST_SECONDS
from include.processing.transcription.spoken import tokens
from include.processing.types import Word

FRAMES_PER_SECOND = 100
MOST_UNKNOWN = 0.2  # with more words that the dictionary lacks it is another language
# Narrow beams lose the way and save no time.
WIDE = {"beam": 1e-300, "wbeam": 1e-250, "pbeam": 1e-300, "bestpath": False}
_LOCK = Lock()  # one decoder per process, and it hears one thing at a time

_SHORT_FORMS = {"mr": "mister", "mrs": "missus", "dr": "doctor", "st": "saint", "vs": "versus", "etc": "etcetera"}
_SYMBOLS = {"%": "percent", "$": "dollars", "€": "euros", "£": "pounds", "&": "and", "+": "plus", "=": "equals"}
_NUMBERS = """
zero one two three four five six seven eight nine ten
eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
twenty thirty forty fifty sixty seventy eighty ninety
"""
_ONES, _TENS = _NUMBERS.split()[:20], _NUMBERS.split()[20:]
_PIECE = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*|[%$€£&+=]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_SOUNDS = {
    **{"tion": "SH AH N", "ough": "AO", "eigh": "EY", "tch": "CH", "igh": "AY"},
    **{"sh": "SH", "ch": "CH", "th": "TH", "ph": "F", "ck": "K", "ng": "NG", "qu": "K W", "wh": "W", "kn": "N"},
    **{"ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW", "ai": "EY", "ay": "EY", "oa": "OW", "oi": "OY"},
    **{"au": "AO", "aw": "AO", "ie": "IY", "ei": "EY", "ew": "UW", "er": "ER", "ir": "ER", "ur": "ER", "ar": "AA R"},
    **{"a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH", "j": "JH"},
    **{"k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T"},
    **{"u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z"},
}
_LONGEST_SPELLING = 4


def sphinx_align(samples: Samples, text: str) -> tuple[Word, ...] | None:
    """The words of `tokens(text)`, in seconds of `samples` (16 kHz mono).

    None where it can't: another language than English, or text that does not fit the sound.
    Raises PermanentError ASR_NO_WEIGHTS where the installation is broken.
    """
    words = tokens(text)
    said = [spoken_as(word) for word in words]
    if len(samples) < LEAST_SECONDS * RATE:
        return None
    with _LOCK:
        decoder = _decoder()
        if not any(said) or not _taught(decoder, {s for pieces in said for s in pieces}):
            return None
        found = _found(decoder, samples, [s for pieces in said for s in pieces])
    return None if found is None else _timed(words, said, found)


def spoken_as(word: str) -> list[str]:
    """What the dictionary would call it: "Mr. O'Neil's" is mister o'neil's, "25%" is twenty five percent."""
    pieces: list[str] = []
    for piece in _PIECE.findall(_THOUSANDS.sub("", word.lower().replace("’", "'"))):
        if piece.isdigit():
            pieces += _number(piece)
        else:
            pieces.append(_SYMBOLS.get(piece) or (_SHORT_FORMS.get(piece, piece)))
    return pieces


def _number(digits: str) -> list[str]:
    """As English speakers say it: 1455 in two halves, like a year; what is long or begins with 0 digit by digit."""
    value = int(digits)
    if len(digits) > 6 or (digits[0] == "0" and len(digits) > 1):
        return [_ONES[int(digit)] for digit in digits]
    if value >= 1000:
        if len(digits) == 4 and value % 1000 >= 100:
            return [*_number(digits[:2]), *(_number(digits[2:]) if value % 100 else ["hundred"])]
        return [*_number(str(value // 1000)), "thousand", *(_number(str(value % 1000)) if value % 1000 else [])]
    if value >= 100:
        return [_ONES[value // 100], "hundred", *(_number(str(value % 100)) if value % 100 else [])]
    if value >= 20:
        return [_TENS[value // 10 - 2], *([_ONES[value % 10]] if value % 10 else [])]
    return [_ONES[value]]


@cache
def _decoder() -> Any:
    """One per process: a tenth of a second and 30 MB."""
    from pocketsphinx import Decoder, get_model_path

    sounds, dictionary = get_model_path("en-us/en-us"), get_model_path("en-us/cmudict-en-us.dict")
    try:
        return Decoder(hmm=sounds, dict=dictionary, lm=None, loglevel="FATAL", **WIDE)
    except (RuntimeError, ValueError, OSError) as exc:
        raise PermanentError(
            "ASR_NO_WEIGHTS", "pocketsphinx came without its model", "install pocketsphinx again from its wheel"
        ) from exc


def _taught(decoder: Any, words: set[str]) -> bool:
    """Is it English? What the dictionary lacks is added, in order, so that it becomes the same in every process."""
    unknown = sorted(w for w in words if decoder.lookup_word(w) is None)
    if len(unknown) > max(1.0, MOST_UNKNOWN * len(words)):
        return False
    for word in unknown:
        decoder.add_word(word, _sounds(word) or "AH", True)
    return True


def _sounds(word: str) -> str:
    word = "".join(c for c in unicodedata.normalize("NFKD", word) if unicodedata.category(c) != "Mn")
    sounds, at = [], 0
    while at < len(word):
        size = next((n for n in range(_LONGEST_SPELLING, 0, -1) if word[at : at + n] in _SOUNDS), 0)
        if size:
            sounds.append(_SOUNDS[word[at : at + size]])
        at += size or 1
    return " ".join(sounds)


def _found(decoder: Any, samples: Samples, words: list[str]) -> list[tuple[float, float]] | None:
    """Start and end of each word."""
    decoder.reinit_feat(decoder.config)  # or the answer hangs on what the process heard before
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    try:
        decoder.process_raw(samples.tobytes(), full_utt=True)
    finally:
        decoder.end_utt()
    parts = [part for part in decoder.seg() or () if part.word[0] not in "<[+"]
    times = [(p.start_frame / FRAMES_PER_SECOND, (p.end_frame + 1) / FRAMES_PER_SECOND) for p in parts]
    return times if len(times) == len(words) else None


def _timed(words: tuple[str, ...], said: list[list[str]], found: list[tuple[float, float]]) -> tuple[Word, ...]:
    """A word that is only a mark takes no time, after the one before it."""
    timed, at, last = [], 0, found[0][0]
    for word, pieces in zip(words, said, strict=True):
        parts = found[at : at + len(pieces)]
        start, last = (parts[0][0], parts[-1][1]) if parts else (last, last)
        timed.append(Word(start, last, word))
        at += len(pieces)
    return tuple(timed)
