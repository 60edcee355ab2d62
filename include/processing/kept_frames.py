"""Of all pictures of a chunk, those that show something new, with their times."""

from __future__ import annotations  # PyAV's Packet is generic for type checkers only

import tarfile
from collections.abc import Sequence

import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from include.processing.appearance import STEP, AppearanceClock
from include.processing.frame_dedup import NEW_PICTURE, ChangeDetector, rows_to_keep
from include.processing.frames import FramePicker, Shown, ticks
from include.processing.frames_archive import FILM_QUALITY, FramesArchive
from include.processing.motion import Motion
from include.processing.pictures import Gray, gray, small_colour, thumbnail, upright
from include.processing.switches import drawn
from include.processing.types import Box, ChangedArea, Chunk, Frame, FrameIndex, MediaInfo, Problem

THUMBNAIL = 320  # pixels, the longer side
TYPED_THUMBNAILS = 2.0  # seconds between those of smaller changes
FILM_THUMBNAILS = 10.0  # … and of a film
SEAM_LOOK = 0.02  # seconds before a seam: what changed since the last tick would get the seam as its date
WORTH_IT = 0.1  # … if the last tick is longer ago than this
BETWEEN_LOOKS = 0.055  # seconds: motion shows in half of a file's pictures as well as in all


class FrameKeeper:
    """Takes a chunk's picture packets in file order; `index()` tells what was kept."""

    def __init__(
        self, media: MediaInfo, chunk: Chunk, fps: float, stream: VideoStream, zero: float, archive: tarfile.TarFile
    ) -> None:
        self._media, self._chunk = media, chunk
        # the last picture stands while the sound goes on
        looks = _looks(chunk, fps)
        self._picker, self._last_tick = FramePicker(stream, zero, looks, chunk.end), looks[-1]
        self._detector, self._clock, self._motion = ChangeDetector(), AppearanceClock(), Motion()
        self._archive = FramesArchive(archive)
        self._frames: list[Frame] = []
        self._moved: tuple[Box, ...] = ()  # where it did at the tick before
        self._ticks_seen = 0
        self._looked = self._before = self._pictured = float("-inf")

    @property
    def errors(self) -> int:
        return self._picker.errors

    def feed(self, packet: Packet[VideoStream]) -> None:
        for new in self._picker.feed(packet):
            self._see(new)

    def finish(self) -> None:
        for new in self._picker.finish():
            self._see(new)
        for tick, shown in self._picker.rest():
            self._tick(tick, shown)

    def index(self, problems: tuple[Problem, ...]) -> FrameIndex:
        seen = min(self._picker.end, self._chunk.end) if self._frames else self._chunk.start
        return FrameIndex(
            chunk=self._chunk,
            width=self._media.width,
            height=self._media.height,
            ticks=self._ticks_seen,
            end=round(max(0.0, seen - self._chunk.start), 3),
            frames=tuple(self._frames),
            problems=problems,
            stored=tuple(self._archive.stored),
        )

    def _see(self, new: Shown) -> None:
        for tick, shown in self._picker.due(new):
            self._tick(tick, shown)
        if not new.quiet:
            small = _small(new.frame)
            self._clock.saw(new.time, small)
            if not 0.0 <= new.time - self._looked < BETWEEN_LOOKS:
                self._motion.saw(new.time, small, since=max(self._looked, self._before))
                self._looked = new.time
        self._before = new.time

    def _tick(self, tick: float, shown: Shown) -> None:
        self._ticks_seen += 1
        picture = upright(gray(shown.frame), int(shown.frame.rotation))
        moving = self._motion.areas(picture.shape[1], picture.shape[0])
        areas = self._detector.look(picture, moving, last=tick == self._last_tick)
        changed = self._dated(areas, min(shown.time, tick), _small(shown.frame)) if areas else ()
        if changed or moving:
            self._frames.append(self._kept(tick, shown, picture, changed, moving))
        self._moved = moving
        self._motion.tick()
        self._clock.tick(tick)

    def _dated(self, areas: Sequence[Box], at: float, small: Gray) -> tuple[ChangedArea, ...]:
        if not self._frames:  # it stood since the chunk began, as far as this chunk can know
            self._clock.appeared(at, small)
            return tuple(ChangedArea(box, 0.0) for box in areas)
        dates = [self._clock.appeared(at, small, box) for box in areas]
        told = [(box.area, date) for box, date in zip(areas, dates, strict=True) if date is not None]
        usual = max(told, default=(0, at))[1]  # what can't be dated came with the largest change that can
        times = [max(0.0, self._chunk_time(usual if date is None else date)) for date in dates]
        return tuple(ChangedArea(box, time) for box, time in zip(areas, times, strict=True))

    def _kept(
        self, tick: float, shown: Shown, picture: Gray, changed: tuple[ChangedArea, ...], moving: tuple[Box, ...]
    ) -> Frame:
        first, end = rows_to_keep([*(a.box for a in changed), *moving], picture.shape[0])
        at = self._chunk_time(tick)
        switches = None
        if moving or self._moved:
            switches = f"{round(tick * 1000):010d}.png"
            self._archive.add(switches, drawn(self._motion.switches(tick)))
        return Frame(
            tick=at,
            pts=self._chunk_time(shown.time),
            appeared=min((a.appeared for a in changed), default=at),
            file=self._archive.keep(tick, picture, first, end, film=bool(moving)),
            changed=changed,
            top=first,
            moving=moving,
            switches=switches,
            thumbnail=self._thumbnail(tick, shown.frame, sum(a.box.area for a in changed) / picture.size),
        )

    def _thumbnail(self, tick: float, frame: VideoFrame, changed: float) -> str | None:
        """For what changed this share of the picture; now and then for a smaller change, or a film."""
        pause = 0.0 if changed >= NEW_PICTURE else TYPED_THUMBNAILS if changed else FILM_THUMBNAILS
        if tick - self._pictured < pause:
            return None
        self._pictured = tick
        name = f"{round(tick * 1000):010d}.thumb.jpg"
        self._archive.add(name, small_colour(frame, THUMBNAIL), FILM_QUALITY)
        return name

    def _chunk_time(self, video_time: float) -> float:
        return round(video_time - self._chunk.start, 3)


def _looks(chunk: Chunk, fps: float) -> list[float]:
    """The ticks, and one just before the next chunk begins."""
    looks, last = ticks(chunk.start, chunk.end, fps), round(chunk.end - SEAM_LOOK, 6)
    return [*looks, last] if chunk.index + 1 < chunk.count and last - looks[-1] > WORTH_IT else looks


def _small(frame: VideoFrame) -> Gray:
    return np.ascontiguousarray(upright(thumbnail(frame, STEP), int(frame.rotation)))
