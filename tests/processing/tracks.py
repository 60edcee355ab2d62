"""Files with several sound tracks, and sounds that tell where they lie."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition

import include.local.sample
from include.processing.audio import RATE

SAMPLE = Path(include.local.sample.__file__).parent / "sample.mp4"
BLOCK = 1600


@dataclass(frozen=True)
class Track:
    """`sound` is int16 of shape (samples,), or (samples, 2) for stereo; it begins at `offset` seconds."""

    sound: Any
    offset: float = 0.0
    marks: Disposition | None = None
    facts: dict[str, str] = field(default_factory=dict)


def write_tracks(path: Path, tracks: Sequence[Track], codec: str = "flac", rate: int = RATE) -> Path:
    """Without a picture, interleaved by time."""
    with av.open(str(path), "w") as out:
        streams = [out.add_stream(codec, rate=rate, layout="stereo" if t.sound.ndim > 1 else "mono") for t in tracks]
        jobs = []
        for place, (stream, track) in enumerate(zip(streams, tracks, strict=True)):
            stream.metadata.update(track.facts)
            stream.disposition = track.marks or Disposition(0)
            jobs += [(track.offset + at / RATE, place, at) for at in range(0, len(track.sound), BLOCK)]
        for _, place, at in sorted(jobs):
            out.mux(streams[place].encode(_frame(tracks[place], at)))
        for stream in streams:
            out.mux(stream.encode(None))
    return path


def _frame(track: Track, at: int) -> av.AudioFrame:
    block = track.sound[at : at + BLOCK]
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(block.reshape(1, -1)), format="s16", layout="stereo" if block.ndim > 1 else "mono"
    )
    frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
    frame.pts = round(track.offset * RATE) + at
    return frame


def sample_sound() -> Any:
    """The sample video's: half a minute of speech."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(SAMPLE)) as video:
        frames = [f for frame in video.decode(audio=0) for f in resampler.resample(frame)]
    return np.concatenate([f.to_ndarray()[0] for f in [*frames, *resampler.resample(None)]])


def music(seconds: float, decibels: float = -20.0) -> Any:
    """Chords that change twice a second, struck and dying away."""
    t = np.arange(round(seconds * RATE)) / RATE
    roots = np.array([220.0, 262.0, 294.0, 330.0])[(t * 2).astype(int) % 4]
    phase = 2 * np.pi * np.cumsum(roots) / RATE
    sound = sum(np.sin(phase * step) for step in (1, 1.25, 1.5)) * np.exp(-3 * (t % 0.5))
    return as_samples(sound / np.sqrt(np.mean(sound**2)) * 10 ** (decibels / 20))


def hiss(seconds: float, decibels: float = -35.0, seed: int = 3) -> Any:
    return as_samples(np.random.default_rng(seed).standard_normal(round(seconds * RATE)) * 10 ** (decibels / 20))


def as_samples(sound: Any) -> Any:
    return np.rint(np.clip(sound, -1, 1) * 32767).astype(np.int16)


def silence(seconds: float) -> Any:
    return np.zeros(round(seconds * RATE), np.int16)


def stereo(left: Any, right: Any) -> Any:
    count = min(len(left), len(right))
    return np.stack([left[:count], right[:count]], axis=1)


def loudness(samples: Any) -> float:
    """dB of full scale."""
    return float(10 * np.log10(np.mean((samples / 32768.0) ** 2) + 1e-12))


def shift(sound: Any, reference: Any, most: int = 4000) -> int:
    """By how many samples `sound` comes after `reference`, where they are most alike."""
    size = 1 << (len(sound) + len(reference)).bit_length()
    spectra = np.fft.rfft(sound.astype(float), size) * np.conj(np.fft.rfft(reference.astype(float), size))
    alike = np.fft.irfft(spectra, size)
    return int(np.argmax(np.concatenate([alike[-most:], alike[: most + 1]]))) - most
