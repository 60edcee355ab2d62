"""What was shown, in pages: a slide that is built up, a line that is typed and a terminal that scrolls are one each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from include.processing.ocr.likeness import same_but_slips
from include.processing.passages_draft import Draft, by_letters
from include.processing.types import ScreenText

GAP = 0.5  # seconds without text that a page outlasts
OVERLAP = 0.1  # … by which the next state may begin before the last has ended
LOST = 0.5  # share of a page's letters that must be there still, where lines went away
LONGEST = 2000  # characters of a page that scrolls
CURSORS = "_|▌▍█▮▏"


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    since: float
    confidence: float


@dataclass(frozen=True, slots=True)
class _Page:
    """`gone` has scrolled away, `lines` stand there now, or did when most of them stood."""

    start: float
    end: float
    gone: tuple[_Line, ...]
    lines: tuple[_Line, ...]
    of: tuple[int, ...]


def pages(screens: Sequence[ScreenText]) -> list[Draft]:
    """A slide that comes back after another is a page of its own, and so is a counter or a ticker beside it."""
    found: list[_Page] = []
    open_pages: list[int] = []
    for index, screen in sorted(enumerate(screens), key=lambda numbered: (numbered[1].start, numbered[1].end)):
        lines = _lines(screen)
        if not lines:
            continue
        open_pages = [i for i in open_pages if found[i].end >= screen.start - GAP]
        for i in reversed(open_pages):
            if found[i].end <= screen.start + OVERLAP and (page := _continued(found[i], lines)):
                found[i] = replace(page, end=max(page.end, screen.end), of=(*page.of, index))
                break
        else:
            open_pages.append(len(found))
            found.append(_Page(screen.start, screen.end, (), lines, (index,)))
    return [_draft(page) for page in found]


def _lines(screen: ScreenText) -> tuple[_Line, ...]:
    sure: dict[str, float] = {b.text: b.confidence for b in screen.boxes}
    texts = (text.strip() for text in screen.text.splitlines())
    return tuple(_Line(t, screen.start, sure.get(t, screen.confidence)) for t in texts if t)


def _continued(page: _Page, now: tuple[_Line, ...]) -> _Page | None:
    """None where `now` is another page."""
    if since := _since(page.lines, now):
        return replace(page, lines=tuple(replace(n, since=since.get(i, n.since)) for i, n in enumerate(now)))
    if _letters(now) >= LOST * _letters(page.lines) and _since(now, page.lines):
        return page
    return _scrolled(page, now)


def _since(before: tuple[_Line, ...], now: tuple[_Line, ...]) -> dict[int, float] | None:
    """For each place in `now` of a line that was there before, since when; None where a line is missing.

    The reading may differ by slips, and one line may have been typed on.
    """
    if len(now) < len(before):
        return None
    free: dict[str, list[int]] = {}
    for i, line in reversed(list(enumerate(now))):
        free.setdefault(_bare(line.text), []).append(i)
    since = {free[key].pop(): old.since for old in before if free.get(key := _bare(old.text))}
    missing = _unmatched(before, now)
    left = [i for i in range(len(now)) if i not in since]
    typed = False
    for old in missing:
        place = next((i for i in left if same_but_slips(old.text, now[i].text)), None)
        if place is None and not typed:
            typed = True
            place = next((i for i in left if now[i].text.startswith(_bare(old.text))), None)
        if place is None:
            return None
        left.remove(place)
        since[place] = old.since
    return since


def _unmatched(before: tuple[_Line, ...], now: tuple[_Line, ...]) -> list[_Line]:
    left = [_bare(n.text) for n in now]
    missing = []
    for line in before:
        if (bare := _bare(line.text)) in left:
            left.remove(bare)
        else:
            missing.append(line)
    return missing


def _scrolled(page: _Page, now: tuple[_Line, ...]) -> _Page | None:
    """The lower part of the page, half of it or more, has moved up, and there is more below."""
    there = page.lines
    for gone in range(1, len(there) // 2 + 1):
        kept = len(there) - gone
        if kept <= len(now) and _since(there[gone:], now[:kept]) is not None:
            moved = tuple(replace(n, since=old.since) for old, n in zip(there[gone:], now, strict=False))
            longer = replace(page, gone=page.gone + there[:gone], lines=moved + now[kept:])
            return longer if _letters(longer.gone + longer.lines) <= LONGEST else None
    return None


def _bare(text: str) -> str:
    """Without the cursor at its end."""
    return text.rstrip(CURSORS).rstrip() or text


def _letters(lines: Sequence[_Line]) -> int:
    return sum(len(n.text) for n in lines)


def _draft(page: _Page) -> Draft:
    marks: list[tuple[int, float]] = []
    lines, at = page.gone + page.lines, 0
    for line in lines:
        if not marks or line.since != marks[-1][1]:
            marks.append((at, line.since))
        at += len(line.text) + 1
    text = "\n".join(n.text for n in lines)
    return Draft(page.start, page.end, text, by_letters((n.text, n.confidence) for n in lines), tuple(marks), page.of)
