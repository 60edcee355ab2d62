"""The kept frames of a chunk → its screen text. Only what changed is read; the other lines carry over."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from include.processing.errors import PermanentError
from include.processing.ocr.engine import OcrEngine
from include.processing.ocr.lines import around, in_reading_order, moved, touched
from include.processing.ocr.states import Reading, screen_texts
from include.processing.pictures import Gray
from include.processing.ports import Progress, no_progress
from include.processing.types import Box, ChunkScreens, Frame, FrameIndex, TextBox

INK = 40  # gray levels between the brightest and the darkest of a column in which something stands
RIM = 4  # rows above and below a change, in which a text's panel ends
MARGIN = 16  # pixels around a changed line that the engine sees along with it


def read_chunk(index: FrameIndex, archive: Path, engine: OcrEngine, progress: Progress = no_progress) -> ChunkScreens:
    """`archive` is the tar that `extract_chunk` wrote. One picture at a time is in memory."""
    readings: list[Reading] = []
    lines: tuple[TextBox, ...] = ()
    for i, (frame, picture) in enumerate(_pictures(index, archive)):
        end = index.frames[i + 1].appeared if i + 1 < len(index.frames) else index.end
        lines = _read(frame, picture, lines, engine)
        readings.append(Reading(frame.appeared, max(end, frame.appeared), lines))
        progress("ocr", index.chunk.index, end, index.end)
    return ChunkScreens(
        chunk=index.chunk,
        engine=engine.info,
        screens=screen_texts(readings),
        ticks=index.ticks,
        frames_read=len(readings),
        problems=index.problems,
    )


def _pictures(index: FrameIndex, archive: Path) -> Iterator[tuple[Frame, Gray]]:
    with tarfile.open(archive, "r|") as tar:
        for frame, entry in zip(index.frames, tar, strict=True):
            jpeg = tar.extractfile(entry)
            if jpeg is None or entry.name != frame.file:
                raise PermanentError(
                    "CORRUPT", f"frames archive and its index differ at {frame.file}", "clear the extract task"
                )
            picture = cv2.imdecode(np.frombuffer(jpeg.read(), np.uint8), cv2.IMREAD_GRAYSCALE)
            yield frame, np.asarray(picture, np.uint8)


def _read(frame: Frame, picture: Gray, lines: tuple[TextBox, ...], engine: OcrEngine) -> tuple[TextBox, ...]:
    """All lines that stand now: those read in the changed band, and the old ones outside of it."""
    height, width = picture.shape
    if frame.changed is None:
        return engine.read(picture)
    changed = _whole_line(picture, frame.changed, frame.top)
    stale = [line for line in lines if touched(line, changed)]
    band = around(changed, stale, MARGIN, width, frame.top, frame.top + height)
    part = picture[band.top - frame.top : band.bottom - frame.top, band.left : band.right]
    fresh = [moved(line, band.left, band.top) for line in engine.read(part)]
    kept = [line for line in lines if line not in stale]
    fresh = [line for line in fresh if not any(_seen(line, old) for old in kept)]
    return in_reading_order([*kept, *fresh])


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


def _seen(line: TextBox, kept: TextBox) -> bool:
    """A neighbour at the band's edge that was read along, perhaps cut through: the whole reading stays."""
    return touched(line, kept.box)
