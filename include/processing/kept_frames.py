"""Of all pictures of a chunk, those that show something new, as JPEGs in a tar with their times."""

from __future__ import annotations  # PyAV's Packet is generic for type checkers only

import io
import tarfile

import cv2
from av.packet import Packet
from av.video.stream import VideoStream

from include.processing.frame_dedup import STEP, AppearanceClock, ChangeDetector, rows_to_keep
from include.processing.frames import FramePicker, Shown, ticks
from include.processing.pictures import Gray, gray, thumbnail, upright
from include.processing.types import Chunk, Frame, FrameIndex, MediaInfo, Problem

JPEG_QUALITY = 90


class FrameKeeper:
    """Takes a chunk's picture packets in file order; `index()` tells what was kept."""

    def __init__(
        self, media: MediaInfo, chunk: Chunk, fps: float, stream: VideoStream, zero: float, archive: tarfile.TarFile
    ) -> None:
        self._media, self._chunk, self._archive = media, chunk, archive
        goes_on = chunk.end < media.readable_end
        self._picker = FramePicker(stream, zero, ticks(chunk.start, chunk.end, fps), chunk.end if goes_on else None)
        self._detector, self._clock = ChangeDetector(), AppearanceClock()
        self._frames: list[Frame] = []
        self._ticks_seen = 0

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
        )

    def _see(self, new: Shown) -> None:
        for tick, shown in self._picker.due(new):
            self._tick(tick, shown)
        self._clock.saw(new.time, thumbnail(new.frame, STEP))

    def _tick(self, tick: float, shown: Shown) -> None:
        self._ticks_seen += 1
        picture = upright(gray(shown.frame), int(shown.frame.rotation))
        change = self._detector.look(picture)
        if change is not None:
            appeared = self._clock.appeared(min(shown.time, tick), thumbnail(shown.frame, STEP))
            rows = rows_to_keep(change.box, picture.shape[0])
            top, bottom = rows or (0, picture.shape[0])
            name = f"{round(tick * 1000):010d}.jpg"
            _store(self._archive, name, picture[top:bottom])
            first = not self._frames  # it stood since the chunk began, as far as this chunk can know
            self._frames.append(
                Frame(
                    tick=self._chunk_time(tick),
                    pts=self._chunk_time(shown.time),
                    appeared=0.0 if first else max(0.0, self._chunk_time(appeared)),
                    file=name,
                    changed=change.box if rows else None,
                    top=top,
                )
            )
        self._clock.tick(tick)

    def _chunk_time(self, video_time: float) -> float:
        return round(video_time - self._chunk.start, 3)


def _store(archive: tarfile.TarFile, name: str, picture: Gray) -> None:
    _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    entry = tarfile.TarInfo(name)
    entry.size = len(jpeg)
    archive.addfile(entry, io.BytesIO(jpeg.tobytes()))
