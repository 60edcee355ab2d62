"""What a reading transcript tells between paragraphs: slides, what came on the screen, and where speech is missing."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from include.processing.outputs_heard import unsaid
from include.processing.outputs_screen import appearances, bare
from include.processing.outputs_titles import Slide, slides
from include.processing.subtitle_units import Run
from include.processing.types import VideoText

TOGETHER = 10.0  # seconds within which what appears on one slide is quoted together
_ORDER = {"slide": 0, "gap": 1, "quote": 2}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something told at `time` (seconds); `lines` are text of the video."""

    time: float
    end: float
    kind: Literal["slide", "gap", "quote"]
    lines: tuple[str, ...] = ()


def marks_of(text: VideoText, spoken: Sequence[Run]) -> list[Mark]:
    """In order of time."""
    found = slides(text.screen, text.video.height, text.video.duration)
    told = [Mark(slide.start, slide.start, "slide", (bare(slide.title),)) for slide in found]
    gaps = [Mark(c.start, c.end, "gap") for c in text.coverage if c.state == "failed" and text.video.audio_codec]
    return sorted([*told, *gaps, *_quotes(text, found, spoken)], key=lambda mark: (mark.time, _ORDER[mark.kind]))


def _quotes(text: VideoText, found: Sequence[Slide], spoken: Sequence[Run]) -> Iterator[Mark]:
    """What is new, once; what a heading or the speech says is not said again."""
    starts = [slide.start for slide in found]
    quote: Mark | None = None
    slide_of_quote = -1
    for new in unsaid(appearances(text.screen, text.video.height), spoken):
        slide = bisect_right(starts, new.start) - 1
        title = found[slide].title if slide >= 0 else ""
        lines = tuple(line for line in new.lines if line not in title)
        if not lines:
            continue
        if quote and slide == slide_of_quote and new.start - quote.time < TOGETHER and not new.whole:
            quote = Mark(quote.time, new.end, "quote", quote.lines + lines)
            continue
        if quote:
            yield quote
        quote, slide_of_quote = Mark(new.start, new.end, "quote", lines), slide
    if quote:
        yield quote
