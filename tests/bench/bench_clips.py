"""Any number of different lectures at little cost: scenes of twelve seconds, encoded once, in another order each.

A scene is a film of its own (it begins with a key frame, as an encoder begins one at a cut), so its packets can be
laid behind any other's without being encoded again. The voice is the sample's, its sentences in another order and
with other pauses in each clip; that is encoded for each.

PYTHONPATH=tests python tests/bench/bench_clips.py SECONDS NUMBER FOLDER
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np

from bench import bench_prose, bench_scenes, bench_slides
from bench.bench_film import X264, State
from bench.bench_scenes import FPS, LECTURE, Shot

SAMPLE = Path(__file__).resolve().parents[2] / "include" / "local" / "sample"
RATE = 48_000
SCENE = 12  # seconds
TOPICS = 3  # scenes of each kind
STILL = 3  # a scene in which nothing changes
PIECE = 600  # seconds of it that are repeated: whole packets of sound (1024 samples each) and of scenes
PAUSES = (0.3, 1.5)  # seconds between two sentences
NOISE = 30.0  # of a room, in steps of 16 bits
CLOCK = Fraction(1, 12_800)  # ticks of the picture's packets


@dataclass(frozen=True, slots=True)
class Clip:
    """`states`: what stands on the screen when. `spoken`: whether anybody speaks."""

    seconds: int
    video: Path
    states: tuple[State, ...]
    spoken: bool = True


def make_clip(seconds: int, number: int, folder: Path) -> Clip:
    """The `number`th of this length. Made once, as long as the code that makes it stays the same."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"clip-{seconds}s-{number:04d}-{_version()}.mp4"
    rng = np.random.default_rng((seconds, number))
    order = _order(rng, -(-seconds // SCENE))
    if not path.is_file():
        draft = path.with_name(f"draft-{path.name}")
        voice = _voice(rng, seconds)
        _join([_scene(index, folder) for index in order], lambda s: voice[s * RATE : (s + 1) * RATE], seconds, draft)
        draft.replace(path)
    return Clip(seconds, path, tuple(_states(order, seconds)))


def make_still(hours: int, folder: Path) -> Clip:
    """One slide and the noise of a room. Made once."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    seconds, path = hours * 3600, folder / f"still-{hours}h-{_version()}.mp4"
    if not path.is_file():
        draft, piece = path.with_name(f"draft-{path.name}"), path.with_name(f"piece-{path.name}")
        room = np.random.default_rng(hours).normal(0.0, NOISE, RATE).astype(np.int16)
        _join([_scene(STILL, folder)] * (PIECE // SCENE), lambda _: room, PIECE, piece)
        _repeat(piece, seconds // PIECE, draft)
        piece.unlink()
        draft.replace(path)
    (shot,) = _shots(STILL)
    return Clip(seconds, path, (State(0.0, seconds, shot.text or "", shot.style),), spoken=False)


def _order(rng: np.random.Generator, count: int) -> list[int]:
    """All scenes once, shuffled, before any comes again; none twice in a row."""
    order: list[int] = []
    while len(order) < count:
        more = [int(i) for i in rng.permutation(len(LECTURE) * TOPICS)]
        order += more[1:] if order and more[0] == order[-1] else more
    return order[:count]


def _scene(index: int, folder: Path) -> Path:
    path = folder / f"scene-{index:02d}-{_version()}.mp4"
    if not path.is_file():
        draft = path.with_name(f"draft-{path.name}")
        with av.open(str(draft), "w") as out:
            video = out.add_stream("libx264", rate=FPS, options=X264)
            video.width, video.height, video.pix_fmt = bench_slides.WIDTH, bench_slides.HEIGHT, "yuv420p"
            at = 0
            for shot in _shots(index):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(shot.picture), format="rgb24")
                frame = frame.reformat(format="yuv420p")
                for _ in range(shot.frames):
                    frame.pts, frame.time_base = at, Fraction(1, FPS)
                    out.mux(video.encode(frame))
                    at += 1
            out.mux(video.encode(None))
        draft.replace(path)
    return path


def _shots(index: int) -> Iterator[Shot]:
    kind, topic = index % len(LECTURE), index // len(LECTURE)
    return LECTURE[kind](SCENE * FPS, kind + topic * len(LECTURE))


def _states(order: Sequence[int], seconds: int) -> Iterator[State]:
    at = 0
    for index in order:
        for shot in _shots(index):
            if shot.text is not None and at < seconds * FPS:
                yield State(at / FPS, min((at + shot.frames) / FPS, seconds), shot.text, shot.style)
            at += shot.frames


def _join(scenes: Sequence[Path], heard: Callable[[int], np.ndarray], seconds: int, path: Path) -> None:
    """`heard`: the samples of a second."""
    with av.open(str(path), "w") as out, av.open(str(scenes[0])) as first:
        video = out.add_stream_from_template(first.streams.video[0])
        sound = out.add_stream("aac", rate=RATE, layout="mono")
        sound.bit_rate = 64_000
        for second in range(seconds):
            frame = av.AudioFrame.from_ndarray(heard(second)[None], format="s16p", layout="mono")
            frame.rate, frame.pts, frame.time_base = RATE, second * RATE, Fraction(1, RATE)
            out.mux(sound.encode(frame))
            if second % SCENE == 0:
                _lay(scenes[second // SCENE], second, seconds, video, out)
        out.mux(sound.encode(None))


def _lay(scene: Path, start: int, end: int, video: av.VideoStream, out: av.container.OutputContainer) -> None:
    """A scene's packets from second `start`; the last scene may be cut, at a picture, by the end of the clip."""
    with av.open(str(scene)) as source:
        stream = source.streams.video[0]
        assert stream.time_base == CLOCK
        for packet in source.demux(stream):
            if packet.pts is None or packet.dts is None:
                continue
            packet.pts += int(start / CLOCK)
            packet.dts += int(start / CLOCK)
            if packet.pts < int(end / CLOCK):
                packet.stream = video
                out.mux(packet)


def _repeat(piece: Path, times: int, path: Path) -> None:
    with av.open(str(path), "w") as out, av.open(str(piece)) as source:
        made = {s.index: out.add_stream_from_template(s) for s in source.streams}
        for at in range(0, times * PIECE, PIECE):
            source.seek(0)
            for packet in source.demux():
                if packet.dts is None or packet.pts is None or (at and packet.pts < 0):  # the encoder's run-up, once
                    continue
                shift = int(at / packet.time_base)
                packet.pts, packet.dts, packet.stream = (
                    packet.pts + shift,
                    packet.dts + shift,
                    made[packet.stream.index],
                )
                out.mux(packet)


def _voice(rng: np.random.Generator, seconds: int) -> np.ndarray:
    room = rng.normal(0.0, NOISE, seconds * RATE).astype(np.int16)
    at = round(rng.uniform(*PAUSES) * RATE)
    while True:
        for index in rng.permutation(len(_sentences())):
            said = _sentences()[index]
            if at + len(said) > len(room):
                return room
            room[at : at + len(said)] += said
            at += len(said) + round(rng.uniform(*PAUSES) * RATE)


@cache
def _sentences() -> tuple[np.ndarray, ...]:
    """Of the sample, as 16 bits."""
    to = av.AudioResampler("s16p", "mono", RATE)
    with av.open(str(SAMPLE / "sample.mp4")) as box:
        blocks = [part.to_ndarray()[0] for frame in box.decode(audio=0) for part in to.resample(frame)]
    sound = np.concatenate(blocks) // 2
    told = json.loads((SAMPLE / "sample.truth.json").read_text())["utterances"]
    return tuple(sound[round(u["start"] * RATE) : round(u["end"] * RATE)] for u in told)


@cache
def _version() -> str:
    sources = (__file__, bench_prose.__file__, bench_scenes.__file__, bench_slides.__file__)
    made_by = b"".join(Path(str(s)).read_bytes() for s in sources) + bench_slides.font_in_use().encode()
    return hashlib.sha256(made_by).hexdigest()[:10]


if __name__ == "__main__":
    made = make_clip(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
    made.video.with_suffix(".truth.json").write_text(json.dumps({"on_screen": [asdict(s) for s in made.states]}))
    print(made.video)
