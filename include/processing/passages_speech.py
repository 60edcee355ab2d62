"""What was said, in passages of one to three sentences: a phrase is not cut by the border of an engine's segment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from include.processing.passages_draft import Draft, by_letters
from include.processing.subtitle_phrases import cost
from include.processing.transcription.spoken import Ending, ending, joined, tokens
from include.processing.types import Segment, Subtitle, Word

LONGEST = 20.0  # seconds
WIDEST = 300  # characters
PAUSE = 2.0  # seconds of silence over which nothing is one passage
MARK = 1.0  # seconds: a word is at most that much later than its mark
NEAR = 40  # characters of a text within which its next word must be


@dataclass(frozen=True, slots=True)
class _Said:
    """A word of a segment's text; where nobody knows when it begins, `start` is of the last one that is known."""

    text: str
    start: float
    end: float
    confidence: float | None
    segment: int
    speaker: str | None


def speech_passages(segments: Sequence[Segment]) -> list[Draft]:
    order = sorted(range(len(segments)), key=lambda i: (segments[i].start, segments[i].end))
    said = [word for i in order for word in _words(i, segments[i])]
    stretches = _cut(said, [i for i, (a, b) in enumerate(pairwise(said), 1) if _parted(a, b)])
    return [_draft(words) for stretch in stretches for words in _packed(stretch)]


def subtitle_passages(subtitles: Sequence[Subtitle]) -> list[Draft]:
    return speech_passages([Segment(s.start, s.end, s.text) for s in subtitles])


def _words(index: int, segment: Segment) -> list[_Said]:
    texts = tokens(segment.text)
    known = _known(texts, segment.words)
    found: list[_Said] = []
    start = segment.start
    for i, text in enumerate(texts):
        if word := known.get(i):
            start = max(start, word.start)
        found.append(_Said(text, start, start, _sure(word, segment), index, segment.speaker))
    end = max(segment.end, start)
    for i in reversed(range(len(found))):
        word = known.get(i)
        ends = min(max(word.end, found[i].start), end) if word else end
        found[i] = replace(found[i], end=ends)
        end = found[i].start if word else end
    return found


def _sure(word: Word | None, segment: Segment) -> float | None:
    return segment.confidence if word is None or word.confidence is None else word.confidence


def _known(texts: Sequence[str], words: Sequence[Word]) -> dict[int, Word]:
    """For places in `texts` the engine's word that begins there; its words may lack marks, or some be missing."""
    line = "\n".join(texts)
    places, at = {}, 0
    for i, text in enumerate(texts):
        places[at + _first_letter(text)] = i
        at += len(text) + 1
    found, cursor = {}, 0
    for word in words:
        core = word.text.strip()
        core = core[_first_letter(core) :].split(" ")[0]
        at = line.find(core, cursor, cursor + NEAR + len(core)) if core else -1
        if at >= 0:
            cursor = at + len(core)
            if at in places:
                found[places[at]] = word
    return found


def _first_letter(text: str) -> int:
    return next((i for i, c in enumerate(text) if c.isalnum()), 0)


def _parted(a: _Said, b: _Said) -> bool:
    return a.speaker != b.speaker or b.start - a.end > PAUSE


def _cut(said: Sequence[_Said], places: Sequence[int]) -> list[Sequence[_Said]]:
    return [said[a:b] for a, b in pairwise([0, *places, len(said)]) if a < b]


def _packed(stretch: Sequence[_Said]) -> Iterator[Sequence[_Said]]:
    """Whole sentences as far as they fit."""
    ends = [i for i, (a, b) in enumerate(pairwise(stretch), 1) if ending(a.text, b.text) is Ending.SENTENCE]
    first = 0
    for a, b in pairwise([0, *ends, len(stretch)]):
        if a > first and not _fits(stretch[first:b]):
            yield from _shortened(stretch[first:a])
            first = a
    yield from _shortened(stretch[first:])


def _shortened(sentence: Sequence[_Said]) -> Iterator[Sequence[_Said]]:
    while not _fits(sentence) and len(sentence) > 1:
        most = next((n for n in range(2, len(sentence)) if not _fits(sentence[:n])), len(sentence)) - 1
        place = min(range(max(1, most // 2), most + 1), key=lambda n: (_torn(sentence[n - 1], sentence[n]), -n))
        yield sentence[:place]
        sentence = sentence[place:]
    yield sentence


def _torn(a: _Said, b: _Said) -> float:
    return cost(a.text.rstrip(), b.text, a.text.endswith(" "), max(0.0, b.start - a.end))


def _fits(words: Sequence[_Said]) -> bool:
    return words[-1].end - words[0].start <= LONGEST and sum(len(w.text) + 1 for w in words) <= WIDEST + 1


def _draft(words: Sequence[_Said]) -> Draft:
    text = joined(w.text for w in words)
    start = words[0].start
    marks, at = [(0, start)], 0
    for word in words:
        at += not text.startswith(word.text.rstrip(), at)
        if at and word.start >= marks[-1][1] + MARK:
            marks.append((at, word.start))
        at += len(word.text)
    end = max(w.end for w in words)
    sure = by_letters((w.text, w.confidence) for w in words)
    return Draft(start, end, text, sure, tuple(marks), tuple(sorted({w.segment for w in words})))
