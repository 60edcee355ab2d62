"""Second-long clips made on the spot: slides and numbered pictures at known times, bursts of sound, odd containers."""

import wave
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from include.processing.audio import RATE

BITS = 10  # of a number painted as bars
SMALL = (96, 80)  # width, height of a numbered picture: it encodes in no time and is still told exactly
SLIDE = (640, 360)
BASE = Fraction(1, 1000)
X264 = {"preset": "ultrafast", "tune": "zerolatency"}  # no B-frames; see BFRAMES
BFRAMES = {"preset": "fast", "bf": "3", "b_strategy": "0", "g": "24", "b-pyramid": "normal", "refs": "3"}

Picture = np.ndarray


def needs_encoder(name: str) -> None:
    try:
        av.Codec(name, "w")
    except av.error.FFmpegError:
        pytest.skip(f"PyAV's wheel has no encoder {name}")


# ---------------------------------------------------------------- pictures


def numbered(number: int, size: tuple[int, int] = SMALL) -> Picture:
    """The number as BITS vertical bars, white for 1, in its upper half; their complement in the lower half."""
    width, height = size
    bits = np.array([(number >> bit) & 1 for bit in range(BITS)], np.uint8)
    edges = np.linspace(0, width, BITS + 1).astype(int)
    row = np.concatenate(
        [np.full(b - a, 235 if bit else 16, np.uint8) for bit, (a, b) in zip(bits, pairwise(edges), strict=False)]
    )
    return np.concatenate([np.tile(row, (height // 2, 1)), np.tile(251 - row, (height - height // 2, 1))])


def number_of(picture: Picture) -> int:
    """Of an upright gray picture."""
    height, width = picture.shape
    edges = np.linspace(0, width, BITS + 1).astype(int)
    upper, lower = picture[: height // 2 - 2], picture[height // 2 + 2 :]
    bright = [float(upper[:, a:b].mean()) - float(lower[:, a:b].mean()) for a, b in pairwise(edges)]
    assert all(abs(b) > 60 for b in bright), f"no clear number: {bright}"
    return sum(1 << bit for bit, b in enumerate(bright) if b > 0)


def font(points: int) -> Any:
    """The one that comes with Pillow: no font need be installed."""
    return ImageFont.load_default(points)


def slide(
    *lines: str, size: tuple[int, int] = SLIDE, ink: int = 0, paper: int = 255, points: int = 28, left: int = 40
) -> Picture:
    picture = Image.new("L", size, paper)
    pen = ImageDraw.Draw(picture)
    for i, line in enumerate(lines):
        pen.text((left, 40 + i * round(points * 1.8)), line, fill=ink, font=font(points))
    return np.asarray(picture)


def with_panel(picture: Picture, text: str, left: int, top: int, points: int = 24) -> Picture:
    """Light text filling a dark panel, as a time code or a caption."""
    image = Image.fromarray(picture.copy())
    pen = ImageDraw.Draw(image)
    x0, y0, x1, y1 = pen.textbbox((left, top), text, font=font(points))
    pen.rectangle((x0 - 10, y0 - 6, x1 + 10, y1 + 6), fill=20)
    pen.text((left, top), text, fill=240, font=font(points))
    return np.asarray(image)


def page(number: int, *lines: str) -> Picture:
    """In faint ink, its number at the foot."""
    image = Image.fromarray(slide(*lines, ink=145, paper=205))
    ImageDraw.Draw(image).text((520, 320), f"Page {number}", fill=145, font=font(16))
    return np.asarray(image)


def cfr(pictures: Iterable[Picture], fps: float) -> list[tuple[float, Picture]]:
    return [(i / fps, p) for i, p in enumerate(pictures)]


def held(states: Sequence[tuple[float, Picture]], fps: float) -> list[tuple[float, Picture]]:
    """Each picture for so many seconds, in order."""
    return cfr([p for seconds, p in states for _ in range(round(seconds * fps))], fps)


# ---------------------------------------------------------------- sound


def bursts(
    spans: Iterable[tuple[float, float]],
    seconds: float,
    *,
    speech: float = -20,
    noise: float = -60,
    steady: bool = False,
) -> Any:
    """Two tones at `speech` dB, rising and falling four times a second as syllables do (or steady), over white noise
    at `noise` dB of full scale; 16 kHz mono."""
    count = round(seconds * RATE)
    rng = np.random.default_rng(7)
    sound = rng.standard_normal(count) * 10 ** (noise / 20)
    t = np.arange(count) / RATE
    tone = (np.sin(2 * np.pi * 310 * t) + np.sin(2 * np.pi * 730 * t)) * 10 ** (speech / 20)
    if not steady:
        tone *= 0.15 + 0.85 * np.abs(np.sin(2 * np.pi * 2 * t))
    for start, end in spans:
        sound[round(start * RATE) : round(end * RATE)] += tone[round(start * RATE) : round(end * RATE)]
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def write_wav(path: Path, sound: Any) -> Path:
    """Quick, for long ones."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(sound.tobytes())
    return path


# ---------------------------------------------------------------- containers


def decoded(path: Path) -> list[tuple[float, int]]:
    """[(seconds from the container's start, number)] of every picture, nothing skipped, nothing of ours used."""
    with av.open(str(path)) as container:
        start = (container.start_time or 0) / av.time_base
        pictures = []
        for frame in container.decode(container.streams.video[0]):
            upright = np.rot90(frame.to_ndarray(format="gray"), frame.rotation // 90)
            pictures.append((float(frame.pts * frame.time_base) - start, number_of(upright)))
    return pictures


def standing(pictures: Sequence[tuple[float, int]], times: Iterable[float]) -> list[tuple[float, int]]:
    """The number that stands at each time: the last one that came, or the first one before any came."""
    return [(t, ([n for at, n in pictures if at <= t + 1e-4] or [pictures[0][1]])[-1]) for t in times]


def write(
    path: Path,
    pictures: Sequence[tuple[float, Picture]] = (),
    sound: Any = None,
    *,
    container: str | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    muxing: dict[str, str] | None = None,
    rate: int = 25,
    base: Fraction = BASE,
    offset: float = 0.0,
    rotation: int = 0,
    sound_codec: str = "aac",
    sound_rate: int = RATE,
    sound_offset: float = 0.0,
) -> Path:
    """`pictures` are (seconds, picture) in showing order; a rotated clip stores them turned, to show upright."""
    needs_encoder(codec)
    with av.open(str(path), "w", format=container, options=muxing or {}) as out:
        options = X264 if options is None and codec == "libx264" else options
        pictures = [(at, turned(picture, rotation)) for at, picture in pictures]
        video = _video(out, pictures, codec, pix_fmt, options, rate, base)
        audio = None
        if sound is not None:
            needs_encoder(sound_codec)
            audio = out.add_stream(sound_codec, rate=sound_rate, layout="mono")
        if video and rotation:
            video.set_display_rotation(rotation)
        _mux(out, video, audio, pictures, sound, base, offset, sound_offset)
    return path


def _video(out: Any, pictures: Any, codec: str, pix_fmt: str, options: Any, rate: int, base: Fraction) -> Any:
    if not pictures:
        return None
    stream = out.add_stream(codec, rate=rate, options=dict(options or {}))
    stream.height, stream.width = pictures[0][1].shape[:2]
    stream.pix_fmt = pix_fmt
    stream.codec_context.time_base = base
    return stream


def turned(picture: Picture, rotation: int) -> Picture:
    """As it must be stored to stand upright once turned counterclockwise by `rotation` degrees."""
    return np.ascontiguousarray(np.rot90(picture, -rotation // 90))


def _mux(
    out: Any, video: Any, audio: Any, pictures: Any, sound: Any, base: Fraction, offset: float, late: float
) -> None:
    """Interleaved by time, as every muxer wants it."""
    jobs: list[tuple[float, Any, Any]] = [(at + offset, video, p) for at, p in pictures]
    if audio is not None:
        jobs += [(late + offset + i / RATE, audio, sound[i : i + 1024]) for i in range(0, len(sound), 1024)]
    for at, stream, data in sorted(jobs, key=lambda job: job[0]):
        if stream is video:
            frame = av.VideoFrame.from_ndarray(data, format="gray")
            frame.pts, frame.time_base = round(at / base), base
            out.mux(video.encode(frame.reformat(format=video.pix_fmt)))
            continue
        samples = av.AudioFrame.from_ndarray(data.reshape(1, -1), format="s16", layout="mono")
        samples.sample_rate, samples.pts, samples.time_base = RATE, round(at * RATE), Fraction(1, RATE)
        out.mux(audio.encode(samples))
    for stream in (video, audio):
        if stream is not None:
            out.mux(stream.encode(None))
