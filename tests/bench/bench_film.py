"""A lecture of any length, made on the spot, with the truth about what stands on screen when.

PYTHONPATH=tests python tests/bench/bench_film.py SECONDS FOLDER
"""

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from bench import bench_prose, bench_scenes, bench_slides
from bench.bench_scenes import FPS, Shot, shots

RATE = 48_000
X264 = {"preset": "medium", "crf": "23", "g": "250"}


@dataclass(frozen=True, slots=True)
class State:
    """One state of the screen, exact to a frame."""

    start: float
    end: float
    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Film:
    """`silent` has the same packets but those of the sound."""

    seconds: int
    video: Path
    silent: Path
    states: tuple[State, ...]


def make_film(seconds: int, folder: Path) -> Film:
    """Made once: what lies in the folder is taken if it was made by this very code with these fonts."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sources = (__file__, bench_prose.__file__, bench_scenes.__file__, bench_slides.__file__)
    made_by = b"".join(Path(str(s)).read_bytes() for s in sources) + bench_slides.font_in_use().encode()
    stem = f"lecture-{seconds}s-{hashlib.sha256(made_by).hexdigest()[:10]}"
    video, silent = folder / f"{stem}.mp4", folder / f"{stem}-silent.mp4"
    truth = folder / f"{stem}.truth.json"
    if not truth.is_file():
        states = _encode(seconds, video, X264, sound=True)
        _without_sound(video, silent)
        draft = truth.with_suffix(".draft")
        draft.write_text(json.dumps({"on_screen": [asdict(s) for s in states]}, indent=1))
        draft.replace(truth)
    return Film(seconds, video, silent, tuple(State(**s) for s in json.loads(truth.read_text())["on_screen"]))


def without_b_frames(film: Film) -> Path:
    """The same pictures without sound in a file in which every frame is one that others refer to."""
    path = film.video.with_name(f"{film.video.stem}-allref.mp4")
    if not path.is_file():
        draft = path.with_name(f"draft-{path.name}")
        _encode(film.seconds, draft, X264 | {"bf": "0"}, sound=False)
        draft.replace(path)
    return path


def _encode(seconds: int, path: Path, options: dict[str, str], *, sound: bool) -> list[State]:
    states: list[State] = []
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=FPS, options=options)
        video.width, video.height, video.pix_fmt = bench_slides.WIDTH, bench_slides.HEIGHT, "yuv420p"
        audio = out.add_stream("aac", rate=RATE, layout="stereo") if sound else None
        at = 0
        for shot in shots(seconds):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(shot.picture), format="rgb24")
            frame = frame.reformat(format="yuv420p")
            for at in range(at + 1, at + shot.frames + 1):  # noqa: B020 - it goes on counting
                frame.pts, frame.time_base = at - 1, Fraction(1, FPS)
                out.mux(video.encode(frame))
                if audio and at % FPS == 0:
                    out.mux(audio.encode(_second_of_sound(at // FPS - 1)))
            _note(states, shot, at)
        for stream in filter(None, (video, audio)):
            out.mux(stream.encode(None))
    return states


def _second_of_sound(second: int) -> av.AudioFrame:
    """Tones that rise and fall as syllables do, over noise."""
    t = second + np.arange(RATE) / RATE
    tone = (np.sin(2 * np.pi * 210 * t) + np.sin(2 * np.pi * 630 * t)) * abs(np.sin(2 * np.pi * 2.1 * t)) * 0.12
    noise = np.random.default_rng(second).normal(0, 0.004, (2, RATE))
    frame = av.AudioFrame.from_ndarray((tone + noise).astype(np.float32), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, second * RATE, Fraction(1, RATE)
    return frame


def _note(states: list[State], shot: Shot, at: int) -> None:
    """`at` is the frame after the shot's last one. A state goes on while its text does."""
    start, end = (at - shot.frames) / FPS, at / FPS
    if shot.text is None:
        return
    last = states[-1] if states else None
    if last and (last.text, last.style, last.end) == (shot.text, shot.style, start):
        states[-1] = State(last.start, end, shot.text, shot.style)
    else:
        states.append(State(start, end, shot.text, shot.style))


def _without_sound(video: Path, silent: Path) -> None:
    """The same packets."""
    with av.open(str(video)) as source, av.open(str(silent), "w") as out:
        picture = source.streams.video[0]
        stream: Any = out.add_stream_from_template(picture)
        for packet in source.demux(picture):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)


if __name__ == "__main__":
    print(make_film(int(sys.argv[1]), Path(sys.argv[2])).video)
