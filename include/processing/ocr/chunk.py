"""The kept frames of a chunk → its screen text. Only what changed is read; the other lines carry over."""

import tarfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from include.processing.boxes import mostly_in, overlap, shifted
from include.processing.frames_archive import load, load_map
from include.processing.ocr.engine import OcrEngine
from include.processing.ocr.film import FilmReader, line_reader
from include.processing.ocr.junk import without_junk
from include.processing.ocr.lines import around, in_reading_order, moved, same_place, touched, without_bars
from include.processing.ocr.rapidocr import find_text
from include.processing.ocr.readings import Reading
from include.processing.ocr.second_opinion import quick
from include.processing.ocr.states import screen_texts
from include.processing.ocr.tracks import follow, screen_line
from include.processing.pictures import Gray
from include.processing.ports import Progress, no_progress
from include.processing.subtitle_streams import read_pictures
from include.processing.switches import from_picture
from include.processing.types import Box, ChangedArea, ChunkScreens, Frame, FrameIndex, TextBox

INK = 40  # gray levels between the brightest and the darkest of a column in which something stands
RIM = 4  # rows above and below a change, in which a text's panel ends
SOON = 2.5  # seconds within which what changes again is not worth a second engine's opinion
NEXT = 4  # frames that are looked at for that
MARGIN = 16  # pixels around a changed line that the engine sees along with it


def read_chunk(index: FrameIndex, archive: Path, engine: OcrEngine, progress: Progress = no_progress) -> ChunkScreens:
    """`archive` is the tar that `extract_chunk` wrote. One picture at a time is in memory."""
    with tarfile.open(archive, "r:") as tar:
        reader = _Reader(index, tar, engine)
        readings = []
        for frame in index.frames:
            readings.append(reader.read(frame))
            progress("ocr", index.chunk.index, frame.tick, index.end)
        progress("ocr", index.chunk.index, index.end, index.end)
        subtitles = read_pictures(index.subtitle_pictures, partial(load, tar), engine)
    tracks, junk = without_junk(follow(readings, index.end))
    return ChunkScreens(
        chunk=index.chunk,
        engine=engine.info,
        screens=screen_texts(tracks, index.end / max(1, index.ticks)),
        lines=tuple(map(screen_line, tracks)),
        subtitles=(*index.subtitles, *subtitles),
        ticks=index.ticks,
        frames_read=reader.frames,
        readings=reader.readings,
        junk=junk,
        problems=index.problems,
    )


class _Reader:
    """Takes a chunk's frames in order; holds the lines that stand."""

    def __init__(self, index: FrameIndex, tar: tarfile.TarFile, engine: OcrEngine) -> None:
        self._size, self._tar, self._engine = (index.width, index.height), tar, engine
        self._film = FilmReader(engine, find_text, line_reader(engine))
        self._lines: tuple[TextBox, ...] = ()
        self._moved: tuple[Box, ...] = ()
        self._passing = passing(index.frames)
        self._pages: dict[str, tuple[TextBox, ...]] = {}
        self._read = 0
        self.frames = 0

    @property
    def readings(self) -> int:
        return self._read + self._film.readings

    def read(self, frame: Frame) -> Reading:
        picture, before = load(self._tar, frame.file), self.readings
        for area in frame.changed:
            engine = quick(self._engine) if area in self._passing else self._engine
            self._lines = self._still(frame, picture, area.box, engine)
        self._lines = tuple(n for n in self._lines if not any(mostly_in(n.box, area) for area in frame.moving))
        film = self._film.look(picture, frame.top, frame.moving, self._size[1])
        moved, self._moved = self._moved, frame.moving
        self.frames += self.readings > before
        return Reading(
            tick=frame.tick,
            still=self._lines,
            film=tuple(line for line in film if not any(same_place(line, other) for other in self._lines)),
            areas=frame.changed,
            moving=(*moved, *frame.moving),
            switches=from_picture(load_map(self._tar, frame.switches)) if frame.switches else None,
            size=self._size,
        )

    def _still(self, frame: Frame, picture: Gray, area: Box, engine: OcrEngine) -> tuple[TextBox, ...]:
        """All lines that stand still now: those read in the changed area, and the old ones outside of it."""
        height, width = picture.shape
        if area.height > self._size[1] // 2 and not frame.top:
            return self._page(frame, picture)
        changed = _whole_line(picture, area, frame.top)
        stale = [line for line in self._lines if touched(line, changed)]
        band = around(changed, stale, MARGIN, width, frame.top, frame.top + height)
        part = picture[band.top - frame.top : band.bottom - frame.top, band.left : band.right]
        kept = [line for line in self._lines if line not in stale]
        self._read += 1
        others = [shifted(line.box, -band.left, -band.top) for line in kept]
        part = _without(part, others, shifted(changed, -band.left, -band.top))
        fresh = [moved(line, band.left, band.top) for line in _lines_of(engine, part)]
        fresh = [line for line in fresh if not any(_seen(line, old) for old in kept)]
        return in_reading_order([*kept, *fresh])

    def _page(self, frame: Frame, picture: Gray) -> tuple[TextBox, ...]:
        """A picture that comes again was read before."""
        if frame.file not in self._pages:
            self._read += 1
            self._pages[frame.file] = _lines_of(self._engine, picture)
        return self._pages[frame.file]


def passing(frames: Sequence[Frame]) -> set[ChangedArea]:
    """Areas that change again at once, as those of a running clock, or of what is typed."""
    found: set[ChangedArea] = set()
    for i, frame in enumerate(frames):
        soon = [later for later in frames[i + 1 : i + 1 + NEXT] if later.tick - frame.tick <= SOON]
        for area in frame.changed:
            if any(overlap(area.box, next_one.box) * 2 > area.box.area for later in soon for next_one in later.changed):
                found.add(area)
    return found


def _lines_of(engine: OcrEngine, picture: Gray) -> tuple[TextBox, ...]:
    return tuple(line for read in engine.read(picture) if (line := without_bars(read)))


def _whole_line(picture: Gray, changed: Box, top: int) -> Box:
    """The change widened to all that stands beside it without a wide gap: half a line would be read as nonsense."""
    rows = picture[max(0, changed.top - top - RIM) : changed.bottom - top + RIM]
    if not rows.size:
        return changed
    inked = np.flatnonzero(rows.max(axis=0).astype(int) - rows.min(axis=0) > INK)
    gap = max(MARGIN, round(1.5 * changed.height))
    left, right = changed.left, changed.right
    for column in reversed(inked[inked < left].tolist()):
        if left - column > gap:
            break
        left = column
    for column in inked[inked >= right].tolist():
        if column - right > gap:
            break
        right = column + 1
    return Box(left, changed.top, right - left, changed.height)


def _without(picture: Gray, lines: Sequence[Box], changed: Box) -> Gray:
    """A copy in which these are painted over above and below the change: a neighbour that is cut through is read as
    nonsense, at a price."""
    picture = np.ascontiguousarray(picture).copy()
    there = [box for box in lines if overlap(box, Box(0, 0, picture.shape[1], picture.shape[0]))]
    paper = int(np.median(picture)) if there else 0
    for box in there:
        for first, end in ((box.top, min(box.bottom, changed.top)), (max(box.top, changed.bottom), box.bottom)):
            picture[max(0, first) : max(0, end), max(0, box.left) : max(0, box.right)] = paper
    return picture


def _seen(line: TextBox, kept: TextBox) -> bool:
    """A neighbour at the band's edge that was read along, perhaps cut through: the whole reading stays."""
    return touched(line, kept.box)
