"""Invented text out, and each time on record: loops, credits of subtitles, phrases over music, more than can be said.

Recognisers write such things where nobody speaks. What was said stays: in doubt nothing is taken out.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from include.processing.transcription.evidence import Ear, Sound
from include.processing.transcription.loops import loops
from include.processing.transcription.pace import too_fast
from include.processing.transcription.phantom_lines import unheard, unspoken
from include.processing.transcription.said import Cut, Unit, letters, rebuilt, spans, text_of, units
from include.processing.types import Problem, Segment, Span

FAR = 0.5  # seconds from any voice
QUOTE = 60  # letters

_Check = Callable[[Sequence[Unit], Sound], list[Cut]]


def checked(
    segments: Sequence[Segment],
    islands: Sequence[Span],
    seconds: float,
    ear: Ear | None = None,
    *,
    laid: bool = False,
) -> tuple[tuple[Segment, ...], tuple[Problem, ...]]:
    """Timed segments without what cannot have been said, and a Problem for each text taken out.

    Times are of the sound that was sent, `seconds` long; `islands` are its voiced parts. An `ear` decides where these
    leave doubt: it is asked about suspicious text only. `laid`: the text came without times, and has them from us.
    """
    sound = Sound(islands, seconds, ear, laid)
    return _through((_repeated, unspoken, _unvoiced, unheard, too_fast), segments, sound)


def tidied(segments: Sequence[Segment], seconds: float) -> tuple[tuple[Segment, ...], tuple[Problem, ...]]:
    """The checks that need no times: for text before it is laid over the sound, where a loop would take up room."""
    return _through((_repeated, unspoken), segments, Sound((), seconds))


def _through(
    checks: Sequence[_Check], segments: Sequence[Segment], sound: Sound
) -> tuple[tuple[Segment, ...], tuple[Problem, ...]]:
    before = kept = units(segments)
    problems: list[Problem] = []
    done = False
    while not done:  # what one check leaves may be the next one's
        done = True
        for check in checks:
            cuts = check(kept, sound)
            problems += [_problem(kept[c.first : c.last], c, sound.seconds) for c in cuts]
            gone = {i for c in cuts for i in range(c.first, c.last)}
            kept = [u for i, u in enumerate(kept) if i not in gone]
            done = done and not gone
    ordered = sorted(problems, key=lambda p: (p.start, p.end, p.code, p.message))
    return rebuilt(segments, before, kept), tuple(ordered)


def _problem(gone: Sequence[Unit], cut: Cut, seconds: float) -> Problem:
    text = text_of(gone)
    quote = text if len(text) <= QUOTE else text[: QUOTE - 1].rstrip() + "…"
    start = min(max(0.0, min(u.start for u in gone)), seconds)
    end = min(max(start, max(u.end for u in gone)), seconds)
    return Problem(cut.code, f"“{quote}” was taken out: {cut.why}", round(start, 3), round(end, 3))


def _repeated(found: Sequence[Unit], _: Sound) -> list[Cut]:
    """Signs that stand alone, like a dash, make no difference; they go with the word after them."""
    said = [i for i, u in enumerate(found) if u.key]
    cuts = loops([found[i].key for i in said], lambda a, b: letters([found[i] for i in said[a:b]]))
    return [replace(c, first=said[c.first - 1] + 1, last=said[c.last - 1] + 1) for c in cuts]


def _unvoiced(found: Sequence[Unit], sound: Sound) -> list[Cut]:
    cuts = []
    for first, last in spans(found):
        start, end = min(u.start for u in found[first:last]), max(u.end for u in found[first:last])
        if not sound.voice(start - FAR, end + FAR) and not sound.heard(letters(found[first:last]), start, end):
            cuts.append(Cut(first, last, "ASR_NO_VOICE", "there is no voice within half a second of it"))
    return cuts
