"""Sound on the video's clock: sample 0 at the chunk's start, whatever the frames do."""

import itertools
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.processing.audio import FlacWriter, SoundClock, SoundMix, read_flac, write_flac

RATE = 16000


def frame(start, seconds, value=1000, rate=RATE, layout="mono", fmt="s16"):
    """Constant samples, so that what lies where can be read off."""
    count = round(seconds * rate)
    channels = 2 if layout == "stereo" else 1
    if fmt == "fltp":
        data = np.full((channels, count), value / 32768, np.float32)
    else:
        data = np.full((1, count * channels), value, np.int16)
    made = av.AudioFrame.from_ndarray(data, format=fmt, layout=layout)
    made.sample_rate, made.time_base = rate, Fraction(1, rate)
    if start is not None:
        made.pts = round(start * rate)
    return made


def run(clock, frames):
    pieces = [p for f in frames for p in clock.feed(f)]
    pieces += clock.finish()
    samples = np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
    assert clock.written == len(samples)
    return samples


def runs(samples):
    """[(seconds, value)] of stretches of like samples; edges of the resampler (under 3 ms) left out."""
    values = np.round(samples.astype(float) / 100).astype(int) * 100
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1), len(values)]
    found = [(n / RATE, int(values[a])) for a, b in itertools.pairwise(edges) if (n := b - a) > 48]
    return [(pytest.approx(seconds, abs=0.003), value) for seconds, value in found]


A = frame(0.0, 1.0, 1000)
LOUD = frame(0.0, 1.0, 32767)


@pytest.mark.parametrize(
    ("window", "zero", "frames", "expected"),
    [
        pytest.param((0, 2), 0.0, [A, frame(1.0, 1.0, 2000)], [(1.0, 1000), (1.0, 2000)], id="in-step"),
        pytest.param(
            (0, 3), 0.0, [A, frame(2.0, 1.0, 2000)], [(1.0, 1000), (1.0, 0), (1.0, 2000)], id="gap-is-silence"
        ),
        pytest.param((0, 3), 0.0, [A, frame(0.5, 1.0, 2000)], [(1.0, 1000), (0.5, 2000)], id="overlap-is-dropped"),
        pytest.param((0, 3), 0.0, [A, frame(0.0, 1.0, 2000)], [(1.0, 1000)], id="repetition-is-dropped"),
        pytest.param((0, 3), 0.0, [frame(1.5, 1.0)], [(1.5, 0), (1.0, 1000)], id="late-start"),
        pytest.param((0, 3), 0.0, [frame(-0.5, 1.0)], [(0.5, 1000)], id="starts-before-zero"),
        pytest.param((0, 3), -0.5, [frame(-0.5, 1.0)], [(1.0, 1000)], id="negative-zero"),
        pytest.param((0, 1), 3600.0, [frame(3600.0, 1.0)], [(1.0, 1000)], id="zero-is-an-hour"),
        pytest.param((0.25, 0.75), 0.0, [A], [(0.5, 1000)], id="both-ends-cut"),
        pytest.param((5, 6), 0.0, [A], [], id="all-before"),
        pytest.param((0, 1), 0.0, [frame(5.0, 1.0)], [], id="all-behind"),
        pytest.param((0, 3), 0.0, [A, frame(None, 1.0, 2000)], [(1.0, 1000), (1.0, 2000)], id="no-time-stamp"),
        pytest.param((0, 3), 0.0, [A, frame(1.02, 1.0, 2000)], [(1.0, 1000), (1.0, 2000)], id="jitter-is-ignored"),
        pytest.param(
            (0, 3),
            0.0,
            [A, frame(1.0, 1.0, 2000, rate=48000), frame(2.0, 1.0, 3000, rate=8000)],
            [(1.0, 1000), (1.0, 2000), (1.0, 3000)],
            id="rate-changes",
        ),
        pytest.param(
            (0, 2),
            0.0,
            [frame(0.0, 1.0, 1000, layout="stereo"), frame(1.0, 1.0, 2000, fmt="fltp")],
            [(1.0, 1000), (1.0, 2000)],
            id="layout-and-format-change",
        ),
    ],
)
def test_what_lies_where(window, zero, frames, expected):
    assert runs(run(SoundClock(*window, zero), frames)) == expected


def two_sided(start, seconds, left, right, rate=RATE):
    count = round(seconds * rate)
    data = np.tile(np.array([left, right], np.int16), count).reshape(1, -1)
    made = av.AudioFrame.from_ndarray(data, format="s16", layout="stereo")
    made.sample_rate, made.time_base, made.pts = rate, Fraction(1, rate), round(start * rate)
    return made


@pytest.mark.parametrize(
    ("channel", "frames", "expected"),
    [
        pytest.param(None, [two_sided(0, 1, 1000, 3000)], [(1.0, 2000)], id="mixed"),
        pytest.param(0, [two_sided(0, 1, 1000, 3000)], [(1.0, 1000)], id="left"),
        pytest.param(1, [two_sided(0, 1, 1000, 3000)], [(1.0, 3000)], id="right"),
        pytest.param(1, [two_sided(0, 1, 1000, 3000, rate=48000)], [(1.0, 3000)], id="resampled"),
        pytest.param(2, [two_sided(0, 1, 1000, 3000)], [(1.0, 2000)], id="none-such"),
        pytest.param(1, [A], [(1.0, 1000)], id="mono"),
        pytest.param(
            1,
            [two_sided(0, 1, 1000, 3000), frame(1.0, 1.0, 2000), two_sided(2, 1, 1000, 4000)],
            [(1.0, 3000), (1.0, 2000), (1.0, 4000)],
            id="mono-for-a-while",
        ),
    ],
)
def test_one_channel(channel, frames, expected):
    assert runs(run(SoundClock(0, 3, 0.0, channel), frames)) == expected


def mixed(window, zero, fed, tracks=2):
    """Of `fed`: (track, frame) in the order of the file."""
    mix = SoundMix([SoundClock(*window, zero) for _ in range(tracks)])
    pieces = [p for track, f in fed for p in mix.feed(track, f)]
    pieces += mix.finish()
    samples = np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
    assert mix.written == len(samples)
    return samples


@pytest.mark.parametrize(
    ("window", "zero", "fed", "expected"),
    [
        pytest.param((0, 3), 0.0, [(0, A), (1, frame(0.0, 1.0, 3000))], [(1.0, 2000)], id="together"),
        pytest.param((0, 3), 0.0, [(0, A), (1, frame(1.0, 1.0, 3000))], [(1.0, 500), (1.0, 1500)], id="one-by-one"),
        pytest.param((0, 3), 0.0, [(1, frame(1.0, 1.0, 3000)), (0, A)], [(1.0, 500), (1.0, 1500)], id="out-of-order"),
        pytest.param(
            (0, 3), 0.0, [(0, A), (1, frame(0.5, 1.0, 3000))], [(0.5, 500), (0.5, 2000), (0.5, 1500)], id="overlapping"
        ),
        pytest.param((0.25, 0.75), 0.0, [(0, A), (1, A)], [(0.5, 1000)], id="both-ends-cut"),
        pytest.param((0, 1), 7.0, [(0, frame(7.0, 1.0)), (1, frame(7.5, 1.0))], [(0.5, 500), (0.5, 1000)], id="zero"),
        pytest.param(
            (0, 3), 0.0, [(0, frame(0.0, 1.0, 32767)), (1, frame(0.0, 1.0, 32767))], [(1.0, 32800)], id="loud"
        ),
        pytest.param((0, 9), 0.0, [(1, frame(0.0, 8.0, 3000))], [(8.0, 1500)], id="only-one-has-anything"),
        pytest.param((0, 9), 0.0, [], [], id="nothing"),
        pytest.param(
            (0, 90),
            0.0,
            [(0, frame(0.0, 60.0, 1000)), (1, frame(0.0, 60.0, 3000))],
            [(50.0, 500), (10.0, 2000)],
            id="too-far-behind-in-the-file",
        ),
        pytest.param(
            (0, 90),
            0.0,
            [(0, frame(0.0, 8.0, 1000)), (1, frame(0.0, 8.0, 3000))],
            [(8.0, 2000)],
            id="far-behind-in-the-file",
        ),
    ],
)
def test_several_tracks_as_one(window, zero, fed, expected):
    assert runs(mixed(window, zero, fed)) == expected


@settings(deadline=None, max_examples=30)
@given(
    lengths=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 20_000)), max_size=30),
    late=st.tuples(st.integers(0, 20_000), st.integers(0, 20_000), st.integers(0, 20_000)),
)
def test_a_mix_is_the_sum_in_whatever_pieces_it_comes(lengths, late):
    rng = np.random.default_rng(len(lengths))
    expected, at, fed = np.zeros(200_000, np.int64), list(late), []
    for track, count in lengths:
        if at[track] + count > min(at) + 9 * RATE or at[track] + count > len(expected):
            continue
        noise = rng.integers(-32768, 32768, count)
        made = av.AudioFrame.from_ndarray(noise.astype(np.int16).reshape(1, -1), format="s16", layout="mono")
        made.sample_rate, made.time_base, made.pts = RATE, Fraction(1, RATE), at[track]
        expected[at[track] : at[track] + count] += noise
        fed.append((track, made))
        at[track] += count
    samples = mixed((0, len(expected) / RATE), 0.0, fed, tracks=3)
    ends = [end for track, end in enumerate(at) if any(t == track for t, _ in fed)]
    assert len(samples) == max(ends, default=0)
    assert np.abs(samples - expected[: len(samples)] / 3).max(initial=0) <= 0.5


def test_a_mix_of_one_is_that_one():
    alone = run(SoundClock(0, 3, 0.0), [A, frame(1.5, 1.0, 2000, rate=48000)])
    assert np.array_equal(mixed((0, 3), 0.0, [(0, A), (0, frame(1.5, 1.0, 2000, rate=48000))], tracks=1), alone)


def test_small_drift_never_piles_up():
    """A recorder whose clock runs 1 % fast: after 60 s the sound would be 0.6 s off."""
    frames = [frame(i * 0.101, 0.1, 1000 + 100 * (i % 3)) for i in range(600)]
    samples = run(SoundClock(0, 61, 0.0), frames)
    assert len(samples) / RATE == pytest.approx(60.6, abs=0.05)


def test_a_gap_of_an_hour_comes_in_blocks():
    clock = SoundClock(0, 4000, 0.0)
    blocks = [len(p) for p in (*clock.feed(frame(3600.0, 0.1)), *clock.finish())]
    assert max(blocks) == 60 * RATE
    assert sum(blocks) == pytest.approx(3600.1 * RATE, abs=100)


def test_nothing_fed_nothing_finished():
    assert list(SoundClock(0, 1, 0.0).finish()) == []


def test_flac_gives_the_samples_back(tmp_path):
    rng = np.random.default_rng(1)
    samples = rng.integers(-32768, 32767, 50_001).astype(np.int16)
    write_flac(tmp_path / "a.flac", samples)
    assert np.array_equal(read_flac(tmp_path / "a.flac"), samples)
    with FlacWriter(tmp_path / "b.flac") as out:
        for at in range(0, len(samples), 7_001):
            out.write(samples[at : at + 7_001])
    assert np.array_equal(read_flac(tmp_path / "b.flac"), samples)


def test_flac_of_one_sample(tmp_path):
    write_flac(tmp_path / "a.flac", np.array([7], np.int16))
    assert read_flac(tmp_path / "a.flac").tolist() == [7]


def test_the_same_samples_make_the_same_bytes(tmp_path):
    """The ledger's keys and the store's objects hang on it."""
    samples = np.arange(20_000, dtype=np.int16)
    write_flac(tmp_path / "a.flac", samples)
    write_flac(tmp_path / "b.flac", samples)
    assert (tmp_path / "a.flac").read_bytes() == (tmp_path / "b.flac").read_bytes()


def test_no_sound_is_no_file(tmp_path):
    with FlacWriter(tmp_path / "a.flac"):
        pass
    assert not (tmp_path / "a.flac").exists()
