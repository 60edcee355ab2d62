"""What an engine heard becomes segments that a person can read, each word with its time."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from include.processing.audio import Samples
from include.processing.transcription.alignment import aligned
from include.processing.transcription.engine import Heard
from include.processing.transcription.matching import matched
from include.processing.transcription.phrases import phrases
from include.processing.transcription.speech_clock import clock
from include.processing.transcription.spoken import joined, tokens
from include.processing.types import Segment, Span, Word

Aligner = Callable[[Samples, str], tuple[Word, ...] | None]

LEAD_IN = 0.15  # seconds that a phrase stands before its first word, as subtitles do, where nothing else is said
STRAY = 0.25  # seconds: a word that reaches farther into silence has its pause included
PAUSE = 0.3  # seconds between islands that one word does not span, nor twice what is said on either side of it
NO_WORD = 0.06  # seconds of voice, which are too short for one
BELIEVED = 0.6  # share of an aligner's words that must lie where somebody speaks

_Owned = tuple[Word, Segment]


def timed(
    heard: Heard, islands: Sequence[Span], samples: Samples | None = None, align: Aligner | None = None
) -> tuple[Segment, ...]:
    """Phrases in order, in the time of the sound that was given to the engine; nothing of its text is lost.

    `islands` are where somebody speaks in it. Speaker and confidence are kept; no phrase has two speakers. Each
    segment has words, and `joined` makes its text of theirs. `align` times text that came without times; it may say
    that it can't.
    """
    said = [s for s in heard.segments if s.text.strip()]
    owned = _timed_words(said, islands, samples) if heard.timed else _laid_out(said, islands, samples, align)
    segments: list[Segment] = []
    for _, turn in groupby(_in_order(owned), key=lambda word: word[1].speaker):
        segments += _segments(list(turn))
    return _led_in(sorted(segments, key=lambda s: s.start))


def _laid_out(
    said: Sequence[Segment], islands: Sequence[Span], samples: Samples | None, align: Aligner | None
) -> list[_Owned]:
    """Text without times."""
    owners = [(token, s) for s in said for token in tokens(s.text)]
    texts = [token for token, _ in owners]
    where = islands or [Span(s.start, s.end) for s in said]
    words = align(samples, joined(texts)) if align and samples is not None and texts else None
    if words is None or [w.text for w in words] != texts or not _believable(words, where):
        words = aligned(texts, where, clock(where, samples))
    return [(word, owner) for word, (_, owner) in zip(words, owners, strict=True)]


def _believable(words: Sequence[Word], islands: Sequence[Span]) -> bool:
    inside = sum(part.end - part.start for w in words for part in _parts(w, islands))
    return inside >= BELIEVED * sum(w.end - w.start for w in words)


def _parts(word: Word | Segment, islands: Sequence[Span]) -> list[Span]:
    """Where somebody speaks in it; to the millisecond, so that a request's start changes no comparison of them."""
    first = bisect_right(islands, word.start, key=lambda i: i.end)
    beyond = bisect_left(islands, word.end, lo=first, key=lambda i: i.start)
    found = (Span(round(max(word.start, i.start), 3), round(min(word.end, i.end), 3)) for i in islands[first:beyond])
    return [part for part in found if part.start < part.end]


def _timed_words(said: Sequence[Segment], islands: Sequence[Span], samples: Samples | None) -> list[_Owned]:
    """By the engine's words where it gave some, else inside the segment's own time."""
    spoken = [s for s in said if s.words]
    texts = [(token, Span(s.start, s.end)) for s in spoken for token in tokens(s.text)]
    times = iter(matched([t for t, _ in texts], [s for _, s in texts], [w for s in spoken for w in s.words]))
    ticks = clock(islands, samples) if len(spoken) < len(said) else None
    owned: list[_Owned] = []
    for segment in said:
        words = tokens(segment.text)
        if segment.words or ticks is None:
            owned += [(_trimmed(next(times), islands), segment) for _ in words]
        else:
            where = _parts(segment, islands) or [Span(segment.start, segment.end)]
            owned += [(word, segment) for word in aligned(words, where, ticks)]
    return owned


def _trimmed(word: Word, islands: Sequence[Span]) -> Word:
    """Engines let a word begin with the pause before it, or last through the one after it.

    A short sound beyond a pause says little: it comes and goes with the noise that a decoder adds.
    """
    parts: list[Span] = []
    for part in _parts(word, islands):
        if parts and _seconds(parts[-1].end, part.start) < min(PAUSE, 2 * _length(parts[-1]), 2 * _length(part)):
            parts[-1] = Span(parts[-1].start, part.end)
        else:
            parts.append(part)
    said = max(parts, key=_length, default=None)
    if said is None or _length(said) < NO_WORD:
        return word
    start = said.start if _seconds(word.start, said.start) > STRAY else word.start
    end = said.end if _seconds(said.end, word.end) > STRAY else word.end
    return replace(word, start=start, end=end)


def _seconds(start: float, end: float) -> float:
    return round(end - start, 3)


def _length(part: Span) -> float:
    return _seconds(part.start, part.end)


def _segments(turn: list[_Owned]) -> list[Segment]:
    """The phrases of one speaker's turn."""
    owners = iter([owner for _, owner in turn])
    found: list[Segment] = []
    for phrase in phrases([word for word, _ in turn]):
        of = [next(owners) for _ in phrase]
        text = joined(word.text for word in phrase)
        found.append(Segment(phrase[0].start, phrase[-1].end, text, _confidence(phrase, of), of[0].speaker, phrase))
    return found


def _led_in(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Each begins a moment before its words, where nothing else is said."""
    found, said = [], 0.0
    for segment in segments:
        start = min(segment.start, max(said, segment.start - LEAD_IN))
        found.append(replace(segment, start=round(start, 3)))
        said = max(said, segment.end)
    return tuple(found)


def _in_order(owned: Sequence[_Owned]) -> list[_Owned]:
    """No word begins before the one that the same person said before it has ended."""
    found: list[_Owned] = []
    last: dict[str | None, int] = {}
    for word, owner in owned:
        if owner.speaker in last:
            before, whose = found[last[owner.speaker]]
            if word.start < before.end:
                middle = max(before.start, min(word.start, before.end))
                found[last[owner.speaker]] = (replace(before, end=middle), whose)
                word = replace(word, start=middle, end=max(middle, word.end))
        last[owner.speaker] = len(found)
        found.append((word, owner))
    return found


def _confidence(words: Sequence[Word], owners: Sequence[Segment]) -> float | None:
    """Of the segments that the words came from; each counts by its letters here."""
    known = [(o.confidence, len(w.text)) for w, o in zip(words, owners, strict=True) if o.confidence is not None]
    letters = sum(n for _, n in known)
    return round(sum(c * n for c, n in known) / letters, 3) if letters else None
