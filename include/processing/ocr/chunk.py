"""The kept frames of a chunk → its screen text."""

import tarfile
from functools import partial
from pathlib import Path

from include.processing.boxes import mostly_in
from include.processing.frames_archive import load, load_map
from include.processing.ocr.engine import OcrEngine
from include.processing.ocr.film import FilmReader, line_reader
from include.processing.ocr.junk import without_junk
from include.processing.ocr.lines import same_place
from include.processing.ocr.passing import films, passing
from include.processing.ocr.rapidocr import find_text
from include.processing.ocr.readings import Reading
from include.processing.ocr.states import screen_texts
from include.processing.ocr.still import StillReader
from include.processing.ocr.tracks import follow, screen_line
from include.processing.pictures import Gray
from include.processing.ports import Progress, no_progress
from include.processing.subtitle_streams import read_pictures
from include.processing.switches import from_picture
from include.processing.types import Box, ChunkScreens, Frame, FrameIndex


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
        self._size, self._tar = (index.width, index.height), tar
        self._film = FilmReader(engine, find_text, line_reader(engine))
        self._still = StillReader(engine, index.height)
        self._moved: tuple[Box, ...] = ()
        self._passing, self._films = passing(index.frames), films(index.frames)
        self.frames = 0

    @property
    def readings(self) -> int:
        return self._still.readings + self._film.readings

    def read(self, frame: Frame) -> Reading:
        picture, before = load(self._tar, frame.file), self.readings
        begun = tuple(area.box for area in frame.changed if area in self._films)
        for area in frame.changed:
            if area.box not in begun and not self._rests(picture, frame, area.box):
                self._still.read(frame, picture, area.box, passing=area in self._passing)
        moving = begun or frame.moving
        self._still.without(moving)
        self._still.saw(picture, frame.top)
        film = self._film.look(picture, frame.top, moving, self._size[1])
        moved, self._moved = self._moved, frame.moving
        self.frames += self.readings > before
        still = self._still.lines
        return Reading(
            tick=frame.tick,
            still=still,
            film=tuple(line for line in film if not any(same_place(line, other) for other in still)),
            areas=frame.changed,
            moving=(*moved, *frame.moving),
            switches=from_picture(load_map(self._tar, frame.switches)) if frame.switches else None,
            size=self._size,
        )

    def _rests(self, picture: Gray, frame: Frame, area: Box) -> bool:
        """What moved until now stands: what was read of it meanwhile need not be read again."""
        if not any(mostly_in(area, moved) for moved in self._moved):
            return False
        known = self._film.look(picture, frame.top, [area], self._size[1])
        return self._still.came_to_rest(picture, frame.top, area, known)
