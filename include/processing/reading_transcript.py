"""transcript.md: what was said, to be read, and what was on the screen at that point."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby

from include.processing.outputs_screen import bare, key
from include.processing.reading_transcript_head import head, span
from include.processing.reading_transcript_marks import Mark, marks_of
from include.processing.reading_transcript_markup import Link, clock, escaped, escaped_line, linked
from include.processing.reading_transcript_speech import Spoken, break_near, paragraphs, words_of
from include.processing.subtitle_cues import text_of
from include.processing.subtitle_units import Run, runs
from include.processing.types import Segment, VideoText


def markdown(text: VideoText, spoken: Sequence[Run], link: Link) -> str:
    """`spoken` are the runs of `text.speech`; where nobody was heard, the file's subtitles are what is said."""
    spoken = spoken or runs(_written(text))
    marks, words = marks_of(text, spoken), words_of(spoken, text.terms)
    lines = [*head(text, marks, link), *_Body(words, marks, link).lines()]
    return "\n".join(lines).rstrip("\n") + "\n"


def _written(text: VideoText) -> list[Segment]:
    return [Segment(cue.start, cue.end, cue.text) for cue in text.timeline if cue.source == "subtitle"]


class _Body:
    def __init__(self, words: Sequence[Spoken], marks: Sequence[Mark], link: Link) -> None:
        self._words, self._marks, self._link = words, marks, link
        self._several = len({word.speaker for word in words if word.speaker}) > 1
        self._voice: str | None = None
        self._heading: Mark | None = None
        self._bold: set[str] = set()  # of this section: the first mention is enough

    def lines(self) -> Iterator[str]:
        """Blocks, each with the empty line behind it."""
        starts = list(accumulate((word.unit.start for word in self._words), max))
        near = {mark.time: break_near(self._words, starts, mark.time) for mark in self._marks}
        places = list(accumulate((near[mark.time] for mark in self._marks), max))
        told = 0
        for begin, end in paragraphs(self._words, places):
            while told < len(places) and places[told] <= begin:
                yield from self._mark(self._marks[told])
                told += 1
            yield from (self._paragraph(self._words[begin:end]), "")
        for mark in self._marks[told:]:
            yield from self._mark(mark)

    def _mark(self, mark: Mark) -> Iterator[str]:
        if mark.kind == "gap":
            yield f"*{span(mark.time, mark.end, self._link)}: what was said here is missing*"
        elif mark.kind == "slide":
            self._heading, self._voice = mark, None
            self._bold.clear()
            yield f"## {self._time(mark.time)} {escaped(mark.lines[0])}"
        else:
            lines = [escaped_line(line) for line in mark.lines]
            if self._heading is None or mark.time > self._heading.time:
                lines.insert(0, self._time(mark.time))
            yield "\\\n".join(f"> {line}" for line in lines)
        yield ""

    def _paragraph(self, words: Sequence[Spoken]) -> str:
        parts = [self._time(words[0].unit.start)]
        if self._several and words[0].speaker and words[0].speaker != self._voice:
            parts.append(f"**{escaped(bare(words[0].speaker))}:**")
        self._voice = words[0].speaker
        grouped = groupby(words, key=lambda word: word.term)
        text = "".join(self._text(group, term) for term, found in grouped if (group := list(found)))
        return " ".join([*parts, text.strip()])

    def _text(self, words: Sequence[Spoken], term: int) -> str:
        text = text_of([word.unit for word in words])
        space = " " if words[0].unit.spaced else ""
        name = key(text)
        if term < 0 or not name or name in self._bold:
            return space + escaped(text)
        self._bold.add(name)
        begin = next(i for i, c in enumerate(text) if c.isalnum())
        end = len(text) - next(i for i, c in enumerate(reversed(text)) if c.isalnum() or not c.isascii())
        return f"{space}{escaped(text[:begin])}**{escaped(text[begin:end])}**{escaped(text[end:])}"

    def _time(self, seconds: float) -> str:
        return linked(clock(seconds), self._link(seconds))
