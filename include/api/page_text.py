"""What the page of a video shows of its result.json: made once per result, small enough to be kept.

A video of twelve hours has some ten thousand stretches of speech: they come in sections of ten minutes, of which the
page has the first at once and fetches the others.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from include.api.page_timeline import Lane, Strip, lanes, strips
from include.processing.ocr.counters import COUNTS
from include.processing.types import Coverage, Cue, EngineInfo, Problem, Subtitle

SECTION = 600.0  # seconds
TOGETHER = 1.0  # seconds between two states of the picture that may be one slide being built
UNSURE = 0.5  # confidence below which speech is marked


@dataclass(frozen=True, slots=True)
class _Word:
    start: float
    text: str


@dataclass(frozen=True, slots=True)
class _Segment:
    start: float
    end: float
    text: str
    confidence: float | None = None
    speaker: str | None = None
    words: tuple[_Word, ...] = ()


@dataclass(frozen=True, slots=True)
class _Screen:
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class _Quality:
    status: str
    mean_confidence: float | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Video:
    duration: float
    width: int
    height: int
    video_codec: str | None
    audio_codec: str | None


@dataclass(frozen=True, slots=True)
class _Result:
    """Of `VideoText`, what a page needs: no boxes, which are nine tenths of it."""

    video: _Video
    language: str | None
    speech: tuple[_Segment, ...]
    screen: tuple[_Screen, ...]
    timeline: tuple[Cue, ...]
    coverage: tuple[Coverage, ...]
    quality: _Quality
    engines: dict[str, EngineInfo]
    subtitles: tuple[Subtitle, ...] = ()


@dataclass(frozen=True, slots=True)
class Spoken:
    """`marks` says where words begin and when they are said: `0:0 5:320`, characters from the text's start and
    milliseconds from the stretch's."""

    number: int
    start: float
    end: float
    text: str
    speaker: str | None
    unsure: bool
    marks: str


@dataclass(frozen=True, slots=True)
class Section:
    number: int
    start: float
    end: float
    spoken: tuple[Spoken, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class PageText:
    """All that the page draws. Sections without speech are left out; the others keep their order."""

    duration: float
    language: str | None
    picture: bool
    sections: tuple[Section, ...]
    shown: tuple[Shown, ...]
    lanes: tuple[Lane, ...]
    strips: tuple[Strip, ...]
    problems: tuple[Problem, ...]
    confidence: float | None
    engines: dict[str, EngineInfo]

    def section_at(self, seconds: float) -> int:
        """The place in `sections` of what is said then, or of what was said last."""
        return max(0, bisect_right([section.start for section in self.sections], seconds) - 1)


_ADAPTER = TypeAdapter(_Result)


def page_text(data: bytes) -> PageText:
    """Of the bytes of result.json."""
    result = _ADAPTER.validate_json(data)
    duration = result.video.duration
    return PageText(
        duration,
        result.language,
        result.video.width > 0,
        tuple(_sections(result.speech)),
        tuple(_slides(result.screen)),
        lanes(result.timeline, duration),
        strips(result.coverage, duration),
        tuple(sorted(result.quality.problems, key=lambda problem: problem.start)),
        result.quality.mean_confidence,
        result.engines,
    )


def _sections(spoken: Sequence[_Segment]) -> Iterator[Section]:
    made: list[Spoken] = []
    for number, segment in enumerate(spoken):
        if made and segment.start // SECTION > made[0].start // SECTION:
            yield _section(made)
            made = []
        speaker = segment.speaker if number == 0 or spoken[number - 1].speaker != segment.speaker else None
        unsure = segment.confidence is not None and segment.confidence < UNSURE
        times = segment.start, segment.end
        made.append(Spoken(number, *times, segment.text, speaker, unsure, marks(segment.text, segment)))
    if made:
        yield _section(made)


def _section(spoken: list[Spoken]) -> Section:
    number = int(spoken[0].start // SECTION)
    return Section(number, number * SECTION, (number + 1) * SECTION, tuple(spoken))


def marks(text: str, segment: _Segment) -> str:
    """A word that the text spells in another way is left out: a click on it finds the one before."""
    found, place = [], 0
    for word in segment.words:
        at = text.find(word.text, place)
        if at >= 0 and word.text:
            found.append(f"{at}:{max(0, round((word.start - segment.start) * 1000))}")
            place = at + len(word.text)
    return " ".join(found)


def _slides(states: Sequence[_Screen]) -> Iterator[Shown]:
    """Without running clocks; a slide that is being built is shown once, when it is complete, from when it began."""
    still = [state for state in states if state.text.strip() and COUNTS not in state.text]
    start: float | None = None
    for number, state in enumerate(still):
        start = state.start if start is None else start
        after = still[number + 1] if number + 1 < len(still) else None
        if after and after.start - state.end <= TOGETHER and _lines(state) <= _lines(after):
            continue
        yield Shown(start, state.end, state.text)
        start = None


def _lines(state: _Screen) -> set[str]:
    return set(state.text.splitlines())
