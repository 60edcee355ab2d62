"""Which line of a screen is its title: the one that is set larger than the rest, where slides have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rapidfuzz.fuzz import ratio

from include.processing.ocr.counters import COUNTS
from include.processing.ocr.likeness import ALIKE
from include.processing.types import ScreenText, TextBox

LARGER = 1.2  # than the middle one of the other lines
ALONE = 0.05  # of the picture's height: a line that is a title even if nothing stands with it
LOWEST = 0.65  # of the picture's height: below stand captions
LONGEST = 100  # letters
FIRST = 3  # lines among which the title is
STANDS = 3.0  # seconds that a slide stands at least
OFTEN = 10.0  # seconds between titles, on average, below which they are no slides
_HANGING, _STANDING = frozenset("gjpqyQ,;()[]{}@$|/_"), frozenset("bdfhklti'\"!?%&#*")


@dataclass(frozen=True, slots=True)
class Slide:
    start: float
    title: str


def slides(states: Sequence[ScreenText], height: int, duration: float) -> list[Slide]:
    """One after another; none where titles change as in a film. One that comes again is there again."""
    found: list[Slide] = []
    for state in states:
        title = title_of(state, height) if state.end - state.start >= STANDS else None
        if title and not (found and ratio(found[-1].title.casefold(), title.casefold()) >= ALIKE):
            found.append(Slide(state.start, title))
    return found if len(found) == 1 or duration >= OFTEN * len(found) else []


def title_of(state: ScreenText, height: int) -> str | None:
    """`height` of the picture in pixels."""
    boxes = [] if COUNTS in state.text else list(state.boxes)
    sizes = [_size(box) for box in boxes]
    most = max(sizes[:FIRST], default=0.0)
    place = sizes.index(most) if most else 0
    if not most or not _readable(boxes[place].text) or boxes[place].top > LOWEST * height:
        return None
    end = place + 1
    if end < len(boxes) and _continues(boxes[place], boxes[end], most, sizes[end]):
        end += 1
    rest = sizes[:place] + sizes[end:]
    large = most >= LARGER * median(rest) if len(rest) > 1 else most >= ALONE * height
    large = large and all(most >= LARGER * size for size in sizes[:place])
    title = " ".join(" ".join(box.text.split()) for box in boxes[place:end])
    return title if large and len(title) <= LONGEST else None


def _size(box: TextBox) -> float:
    """The height that the line's letters would have with all strokes: `ace` is as large as `by`."""
    if not box.text.isascii():
        return float(box.height)
    hanging = any(c in _HANGING for c in box.text)
    standing = any(c in _STANDING or c.isupper() or c.isdigit() for c in box.text)
    return box.height / (1.0 if hanging and standing else 0.78 if hanging or standing else 0.55)


def _continues(first: TextBox, second: TextBox, large: float, size: float) -> bool:
    near = 0 < second.top - first.top < 2 * first.height
    return near and size >= large / LARGER and _readable(second.text)


def _readable(text: str) -> bool:
    return sum(c.isalpha() for c in text) >= 2
