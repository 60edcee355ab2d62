"""When was something said, shown, or both: lanes to draw, each one path, however long the video is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from include.processing.types import Coverage, Cue

WIDTH = 1000
"""Of a lane, in units of its drawing. What lies closer than one of them is drawn as one."""
HEIGHT = 10
LANES = (("speech", "Said"), ("screen", "Shown"), ("both", "Said and shown"), ("subtitle", "Subtitles"))
STATES = (("transcribed", "Heard"), ("silent", "No speech"), ("failed", "Missing"))


@dataclass(frozen=True, slots=True)
class Lane:
    """`path` is SVG's, in a box of WIDTH by HEIGHT; `seconds` is how long it is in all."""

    source: str
    label: str
    path: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Strip:
    """What became of the sound: as `Lane`. `reasons` are those given for it, each once."""

    state: str
    label: str
    path: str
    seconds: float
    reasons: tuple[str, ...]


def lanes(timeline: Sequence[Cue], duration: float) -> tuple[Lane, ...]:
    """Subtitles only where the file has some."""
    made = []
    for source, label in LANES:
        spans = [(cue.start, cue.end) for cue in timeline if cue.source == source]
        if spans or source != "subtitle":
            made.append(Lane(source, label, path(spans, duration), covered(spans)))
    return tuple(made)


def strips(coverage: Sequence[Coverage], duration: float) -> tuple[Strip, ...]:
    """Those states that there are."""
    made = []
    for state, label in STATES:
        found = [stretch for stretch in coverage if stretch.state == state]
        spans = [(stretch.start, stretch.end) for stretch in found]
        reasons = tuple(dict.fromkeys(stretch.reason for stretch in found if stretch.reason))
        if found:
            made.append(Strip(state, label, path(spans, duration), covered(spans), reasons))
    return tuple(made)


def path(spans: Iterable[tuple[float, float]], duration: float) -> str:
    """Rectangles over the whole height, at least half a unit wide: a word in twelve hours is still seen."""
    scale = WIDTH / duration if duration > 0 else 0.0
    return "".join(
        f"M{start:.1f} 0h{max(0.5, end - start):.1f}v{HEIGHT}H{start:.1f}z"
        for start, end in _joined(((start * scale, end * scale) for start, end in spans), apart=1.0)
    )


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """Seconds that belong to at least one span."""
    return sum(end - start for start, end in _joined(spans, apart=0.0))


def _joined(spans: Iterable[tuple[float, float]], apart: float) -> Iterator[tuple[float, float]]:
    """What overlaps, or lies less than `apart` from each other, is one."""
    begun: tuple[float, float] | None = None
    for start, end in sorted(spans):
        if begun is not None and start <= begun[1] + apart:
            begun = begun[0], max(begun[1], end)
            continue
        if begun is not None:
            yield begun
        begun = start, end
    if begun is not None:
        yield begun
