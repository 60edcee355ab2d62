"""What appears on the screen as subtitles: only what is new, title first, two rows at a time, as long as reading takes.

A slide of twelve lines comes as several texts one after another while it stands; they never cover more of the picture
than what somebody says would. Where a slide goes before all of it could be read, its last lines are left out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from include.processing.outputs_screen import Appearance
from include.processing.subtitle_cues import GAP, LINGERS, LONGEST, Line
from include.processing.subtitle_times import COMFORTABLE, Subtitle
from include.processing.subtitle_units import LINE
from include.processing.text_units import cut, pieces, width

ROW = LINE - 2  # columns: there is room for brackets
ROWS = 2
BESIDE = " · "  # between lines that share a row
AGAIN = 60.0  # seconds after which a line that comes back is shown again
HURRIED = 25.0  # columns a second, where a slide goes soon
LEAST, SHORTEST = 1.5, 1.0  # seconds that a text stands; where a slide goes soon
FLASH = 0.4  # seconds: what would stand for less is not shown
BULLETS = "•●▪◦‣·*-–—>»→ "


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A line that stands until `until` (seconds)."""

    text: str
    until: float


@dataclass(slots=True)
class _Page:
    """`lines` are those that end in `rows`."""

    rows: list[str]
    lines: list[_Waiting]

    def seconds(self, pace: float, least: float) -> float:
        return min(LONGEST, max(least, sum(map(width, self.rows)) / pace)) + GAP


def captions(found: Sequence[Appearance]) -> list[Subtitle]:
    """In order, never two at once. What had no time yet when something new appears comes after it, if it still stands
    then."""
    cues: list[Subtitle] = []
    waiting: list[_Waiting] = []
    for place, new in enumerate(found):
        start = max(0.0, new.start)
        lines = [_Waiting(line, new.end) for line in new.lines]
        lines += [line for line in waiting if line.until > start + SHORTEST]
        limit = found[place + 1].start - GAP if place + 1 < len(found) else inf
        pages, seconds = _in_time(_pages(lines), min(limit, max(n.until for n in lines) + LINGERS) - start)
        done = {id(line) for page in pages for line in page.lines}
        waiting = [line for line in lines if id(line) not in done]
        cues += _timed(start, pages, seconds)
    return cues


def _timed(start: float, pages: Iterable[_Page], seconds: Iterable[float]) -> Iterator[Subtitle]:
    for page, length in zip(pages, seconds, strict=True):
        rows = tuple(Line(None, row) for row in page.rows)
        yield Subtitle(round(start * 1000), round((start + length - GAP) * 1000), rows)
        start += length


def _in_time(pages: list[_Page], room: float) -> tuple[list[_Page], list[float]]:
    """The pages for which there is room (seconds), and how long each stands."""
    wanted = [page.seconds(COMFORTABLE, LEAST) for page in pages]
    if sum(wanted) <= room:
        return pages, wanted
    least = [page.seconds(HURRIED, SHORTEST) for page in pages]
    count = next((n for n in range(len(pages), 0, -1) if sum(least[:n]) <= room), 0)
    if not count:
        return (pages[:1], [room]) if room > FLASH else ([], [])
    spare = (room - sum(least[:count])) / max(sum(wanted[:count]) - sum(least[:count]), 1e-9)
    return pages[:count], [
        low + min(1.0, spare) * (high - low) for low, high in zip(least[:count], wanted, strict=False)
    ]


def _pages(lines: Iterable[_Waiting]) -> list[_Page]:
    """A line that needs two rows has a page of its own; short ones share rows and pages."""
    pages = [_Page([], [])]
    before = LINE  # columns of the row before, if a whole line stands there
    for line in lines:
        rows = _wrapped(line.text.lstrip(BULLETS) or line.text)
        last = pages[-1]
        if len(rows) == 1 and before + width(BESIDE) + width(rows[0]) <= ROW:
            last.rows[-1] += BESIDE + rows[0]
        elif len(last.rows) + len(rows) <= ROWS:
            last.rows += rows
        else:
            pages += [_Page(rows[i : i + ROWS], []) for i in range(0, len(rows), ROWS)]
        pages[-1].lines.append(line)
        before = width(pages[-1].rows[-1]) if len(rows) == 1 else LINE
    return [page for page in pages if page.rows]


def _wrapped(line: str) -> list[str]:
    rows = [""]
    for piece in pieces(line):
        for place, part in enumerate(cut(piece.text, ROW)):
            space = " " if piece.spaced and not place and rows[-1] else ""
            if width(rows[-1]) + len(space) + width(part) <= ROW:
                rows[-1] += space + part
            else:
                rows.append(part)
    return [row for row in rows if row]
