"""Known inventions in an answer: those that nobody says, and those that nobody is heard to say."""

from collections.abc import Callable, Sequence

from include.processing.transcription import phantoms
from include.processing.transcription.evidence import FASTEST, PACE, Sound
from include.processing.transcription.said import Cut, Unit, letters, spans, text_of

CREDIT = "nobody says such a line about the making of subtitles"
REMARK = "a recogniser's remark, not speech"
PHRASE = "recognisers invent this phrase, and nobody is heard to say it"

CERTAIN = ("amaraorg", "dimatorzok")  # a line with one of these need not begin where a sentence does
LONGEST_REMARK = 6  # words
SLOWEST = 2.5  # a whole answer of fewer letters a second of voice was hardly said
CLEARLY = 0.6  # of the time that it takes: like speech, if it was said all the same
AROUND = 0.3  # seconds by which a recogniser's times may be wrong
EDGE = 0.1
MISSED = 0.15  # seconds of voice that a detector by energy may miss


def unspoken(found: Sequence[Unit], _: Sound) -> list[Cut]:
    """Credits of subtitles, "[Music]", and segments of nothing but signs."""
    signs = [(a, b) for a, b in spans(found) if not any(u.key for u in found[a:b])]
    cuts = [Cut(a, b, "ASR_PHANTOM", REMARK) for a, b in _apart([*signs, *_remarks(found)])]
    credit = phantoms.credit()
    if not credit.search("".join(u.key for u in found)):
        return cuts
    lines = [(a, b) for a, b, key, opens in _lines(found, credit.fullmatch) if opens or any(c in key for c in CERTAIN)]
    return cuts or [Cut(a, b, "ASR_PHANTOM", CREDIT) for a, b in _apart(lines)]


def unheard(found: Sequence[Unit], sound: Sound) -> list[Cut]:
    """Phrases that can be said, where the sound says that nobody did."""
    own = [(a, b) for a, b in spans(found) if not sound.laid and _stretched(*_times(found[a:b]))]
    words = [(a, b) for a, b in [(0, len(found)), *own] if "".join(u.key for u in found[a:b]) in phantoms.words()]
    phrases = [(a, b) for a, b, _, _ in _lines(found, phantoms.phrases().__contains__)]
    known = _apart([*phrases, *words])
    if sum(b - a for a, b in known) == len(found):
        return [Cut(a, b, "ASR_PHANTOM", PHRASE) for a, b in known if not _said_alone(letters(found[a:b]), sound)]
    return [Cut(a, b, "ASR_PHANTOM", PHRASE) for a, b in known if not _said(found, a, b, sound)]


def _remarks(found: Sequence[Unit]) -> list[tuple[int, int]]:
    return [
        (a, b)
        for a, unit in enumerate(found)
        if unit.word.text[0] in phantoms.REMARK_BEGINS
        for b in range(a + 1, min(len(found), a + LONGEST_REMARK) + 1)
        if phantoms.REMARK.fullmatch(text_of(found[a:b]))
    ]


def _lines(found: Sequence[Unit], known: Callable[[str], object]) -> list[tuple[int, int, str, bool]]:
    """Known lines that begin and end where a sentence may; and whether one surely begins there."""
    lines = []
    for first, unit in enumerate(found):
        opens = first == 0 or found[first - 1].closes or found[first - 1].segment != unit.segment
        if not unit.key or not (opens or unit.may_open):
            continue
        key = ""
        for last in range(first, len(found)):
            key += found[last].key
            if len(key) > phantoms.LONGEST:
                break
            closes = last + 1 == len(found) or found[last].closes or found[last + 1].may_open
            if closes and known(key):
                lines.append((first, last + 1, key, opens))
    return lines


def _apart(found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those that share nothing, longer ones first; in order."""
    chosen: list[tuple[int, int]] = []
    for a, b in sorted(found, key=lambda s: (s[0] - s[1], s)):
        if all(b <= c or a >= d for c, d in chosen):
            chosen.append((a, b))
    return sorted(chosen)


def _said_alone(amount: float, sound: Sound) -> bool:
    """There are only such phrases in the answer, so that their times say little."""
    if amount < SLOWEST * sound.voice(0.0, sound.seconds):
        return bool(sound.heard(amount, 0.0, sound.seconds, CLEARLY))
    return _heard(amount, 0.0, sound.seconds, sound)


def _said(found: Sequence[Unit], first: int, last: int, sound: Sound) -> bool:
    """The outermost word of an answer must be heard, too, if it lasts: the rest may lie over what was said before."""
    edges = found[last - 1 : last] if last == len(found) else found[:1] if first == 0 else []
    long = [part for part in (_times([unit]) for unit in edges) if _stretched(*part)]
    return all(_heard(*part, sound) for part in [*long, _times(found[first:last])])


def _times(found: Sequence[Unit]) -> tuple[float, float, float]:
    return letters(found), found[0].start, max(u.end for u in found)


def _stretched(amount: float, start: float, end: float) -> bool:
    return end - start > amount / PACE + 1


def _heard(amount: float, start: float, end: float, sound: Sound) -> bool:
    """Not at its edges, where it is stretched: there sound the words around."""
    edge = EDGE if _stretched(amount, start, end) else -EDGE
    heard = sound.heard(amount, start + edge, end - edge)
    if heard is None:
        return amount <= FASTEST * (sound.voice(start - AROUND, end + AROUND) + MISSED)
    return heard
