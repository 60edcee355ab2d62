"""A video's screen text and sound by our stages, in one process, without speech recognition; and parts of that.

python our_way.py all|extract|pick|decode VIDEO FOLDER      writes report.json, and screen.json for `all`

`extract`: no reading; `pick`: only the pictures at the ticks, decoded; `decode`: every frame, by PyAV alone.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from include.processing.container import open_container, picture_stream, zero
from include.processing.extract import Extracted, extract_chunk
from include.processing.frames import FramePicker, ticks
from include.processing.merging import merge
from include.processing.ocr import ocr_engine, rapidocr
from include.processing.ocr.chunk import read_chunk
from include.processing.planning import Outline, outline
from include.processing.probe import Probe, probe
from include.processing.sources import open_source
from include.processing.types import Chunk

FPS = 1.0
CHUNK_MINUTES = 10.0


def cpu() -> float:
    """User and system seconds of this process and the children that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


class Stages:
    """CPU seconds by stage; what passed before the first one is the start-up."""

    def __init__(self) -> None:
        self._last = cpu()
        self.seconds = {"start": self._last}

    def done(self, stage: str) -> None:
        now = cpu()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now


class Timed:
    """A function that counts its calls and CPU seconds."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.calls, self.seconds = 0, 0.0

    def __call__(self, *args: Any, **named: Any) -> Any:
        began = cpu()
        try:
            return self._function(*args, **named)
        finally:
            self.calls += 1
            self.seconds += cpu() - began


class TimedEngine:
    """An OCR engine that also counts how much it is given, in pixels."""

    def __init__(self, engine: Any) -> None:
        self.info, self.pixels, self.timed = engine.info, 0, Timed(engine.read)

    def read(self, picture: Any) -> Any:
        self.pixels += picture.size
        return self.timed(picture)


def all_stages(video: str, folder: Path) -> dict[str, Any]:
    stages, jpeg = Stages(), _timed_jpeg()
    finder, line_reader = _timed_everywhere(rapidocr.find_text), _timed_everywhere(rapidocr.read_line)
    engine = TimedEngine(ocr_engine("auto"))
    stages.done("engine")
    found, rough = _planned(video)
    stages.done("plan")
    screens = []
    for chunk in rough.chunks:
        with TemporaryDirectory(dir=folder) as scratch:
            extracted = _extracted(video, found, rough, chunk, Path(scratch))
            stages.done("extract")
            screens.append(read_chunk(extracted.index, extracted.frames, engine))
            stages.done("read")
    text = merge(Path(video).name, found.media, found.problems, (), screens)
    stages.done("merge")
    shown = [{"start": s.start, "end": s.end, "text": s.text} for s in text.screen]
    (folder / "screen.json").write_text(json.dumps(shown))
    return {
        "engine": f"{engine.info.name} {engine.info.model}",
        "stages": stages.seconds,
        "jpeg": jpeg.seconds,
        "ocr": engine.timed.seconds + line_reader.seconds,
        "finder": finder.seconds,
        "ticks": sum(s.ticks for s in screens),
        "frames_read": sum(s.frames_read for s in screens),
        "engine_calls": engine.timed.calls,
        "line_calls": line_reader.calls,
        "finder_calls": finder.calls,
        "pictures_worth": engine.pixels / max(1, found.media.width * found.media.height),
        "records": len(shown),
    }


def extract_only(video: str, folder: Path) -> dict[str, Any]:
    jpeg = _timed_jpeg()
    found, rough = _planned(video)
    stages = Stages()
    for chunk in rough.chunks:
        with TemporaryDirectory(dir=folder) as scratch:
            _extracted(video, found, rough, chunk, Path(scratch))
    stages.done("extract")
    return {"extract": stages.seconds["extract"], "jpeg": jpeg.seconds}


def pick(video: str, _: Path) -> dict[str, Any]:
    found, _rough = _planned(video)
    wanted = ticks(0.0, found.media.readable_end, FPS)
    with open_container(open_source(video), found.index) as (container, _file):
        stream = picture_stream(container)
        assert stream is not None
        stages = Stages()
        picker = FramePicker(stream, zero(container), wanted, None)
        for packet in container.demux(stream):
            for new in picker.feed(packet) if packet.size else ():
                list(picker.due(new))
        for new in picker.finish():
            list(picker.due(new))
        stages.done("pick")
    return {"pick": stages.seconds["pick"]}


def decode(video: str, _: Path) -> dict[str, Any]:
    import av  # here and below: NumPy is loaded as the command loads it, by our modules

    with av.open(video) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        stages = Stages()
        frames = sum(1 for _ in container.decode(stream))
        stages.done("decode")
    return {"decode": stages.seconds["decode"], "frames": frames}


def _planned(video: str) -> tuple[Probe, Outline]:
    source = open_source(video)
    found = probe(source)
    return found, outline(source, found, "bench", CHUNK_MINUTES, "best", None, estimated=False)


def _extracted(video: str, found: Probe, rough: Outline, chunk: Chunk, folder: Path) -> Extracted:
    source = open_source(video)
    return extract_chunk(source, found.media, chunk, folder, fps=FPS, index=found.index, sound=rough.sound)


def _timed_everywhere(function: Callable[..., Any]) -> Timed:
    """Takes the function's place in all our modules that imported it."""
    timed = Timed(function)
    for module in [m for name, m in sys.modules.items() if name.startswith("include.processing")]:
        if getattr(module, function.__name__, None) is function:
            setattr(module, function.__name__, timed)
    return timed


def _timed_jpeg() -> Timed:
    import cv2

    timed = Timed(cv2.imencode)
    cv2.imencode = timed
    return timed


def _peak_rss_mb() -> float:
    """Of this process, or of the largest child that it waited for. The kernel's ru_maxrss of a process begins with
    that of the one that started it, so its own is taken from /proc."""
    status = Path("/proc/self/status")
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if not status.is_file():
        return max(children, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024
    own = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return max(own, children) / 1024


if __name__ == "__main__":
    mode, video, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    modes = {"all": all_stages, "extract": extract_only, "pick": pick, "decode": decode}
    report = modes[mode](video, folder)
    report["peak_rss_mb"] = _peak_rss_mb()
    (folder / "report.json").write_text(json.dumps(report))
    os._exit(0)  # as the command does
