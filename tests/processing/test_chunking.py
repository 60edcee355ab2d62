import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media import bursts, cfr, numbered, write, write_wav
from tracks import Track, write_tracks

from include.processing.audio import RATE
from include.processing.chunking import SpeechMeter, cut_marks, plan_chunks
from include.processing.errors import TransientError
from include.processing.planning import outline
from include.processing.probe import probe
from include.processing.sources import FileSource
from include.processing.types import SoundChoice


@pytest.mark.parametrize(
    ("duration", "length", "expected"),
    [
        pytest.param(0.0, 600.0, [], id="nothing"),
        pytest.param(59.0, 600.0, [], id="short"),
        pytest.param(600.0, 600.0, [], id="exactly-one"),
        pytest.param(601.0, 600.0, [], id="tiny-rest-belongs-to-the-chunk-before"),
        pytest.param(630.0, 600.0, [], id="rest-of-a-twentieth"),
        pytest.param(631.0, 600.0, [600.0], id="rest-worth-a-chunk"),
        pytest.param(1200.0, 600.0, [600.0], id="exactly-two"),
        pytest.param(1500.0, 600.0, [600.0, 1200.0], id="ragged-last"),
        pytest.param(3900.0, 600.0, [600.0, 1200.0, 1800.0, 2400.0, 3000.0, 3600.0], id="65-minutes"),
        pytest.param(100.0, 30.0, [30.0, 60.0, 90.0], id="half-minutes"),
        pytest.param(254.0, 120.0, [120.0], id="rest-in-which-no-pause-is-looked-for"),
        pytest.param(0.04, 600.0, [], id="one-picture"),
    ],
)
def test_marks(duration, length, expected):
    assert cut_marks(duration, length) == expected


@settings(deadline=None)
@given(duration=st.floats(0, 90_000), length=st.floats(30, 3600))
def test_marks_are_in_order_and_leave_no_crumb(duration, length):
    edges = [0.0, *cut_marks(duration, length), duration]
    gaps = [b - a for a, b in itertools.pairwise(edges)]
    assert all(gap == pytest.approx(length, abs=0.002) for gap in gaps[:-1])
    crumb = max(length * 0.05, 15 if length >= 60 else 0)
    assert gaps[-1] <= length + crumb + 0.002 * len(edges)
    assert len(edges) == 2 or gaps[-1] >= crumb - 0.002 * len(edges)


def planned(path, minutes, **changes):
    source = FileSource(path)
    found = probe(source)
    return plan_chunks(source, replace(found, media=replace(found.media, **changes)), "video-1", minutes)


def check(chunks, end):
    """Half-open, without a gap, numbered."""
    assert chunks[0].start == 0.0
    assert chunks[-1].end == end
    assert all(a.end == b.start for a, b in itertools.pairwise(chunks))
    assert all(c.end > c.start for c in chunks)
    assert [(c.index, c.count, c.video_id) for c in chunks] == [(i, len(chunks), "video-1") for i in range(len(chunks))]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("a.mp4", {}, id="mp4"),
        pytest.param("a.mkv", {}, id="mkv"),
        pytest.param("a.ts", {"offset": 1000.0}, id="ts-with-offset"),
        pytest.param("a.wav", {"pictures": (), "sound_codec": "pcm_s16le"}, id="sound-alone"),
    ],
)
def test_cuts_lie_in_pauses(name, arguments, tmp_path):
    """Speech runs through both marks (30 s and 60 s); each has one pause within its reach of 3 s."""
    sound = bursts([(0, 28.6), (29.4, 61.2), (62.0, 80)], 80)
    arguments = {"pictures": cfr([numbered(1)] * 80, 1), "sound_codec": "mp2", **arguments}
    path = write(tmp_path / name, sound=sound, **arguments)
    chunks = planned(path, 0.5)
    end = probe(FileSource(path)).media.readable_end
    check(chunks, end)
    assert [c.start for c in chunks] == [0.0, pytest.approx(29.0, abs=0.15), pytest.approx(61.6, abs=0.15)]


def test_without_sound_the_cuts_are_the_marks(tmp_path):
    chunks = planned(write(tmp_path / "a.mp4", cfr([numbered(1)] * 80, 1), rate=1), 0.5)
    check(chunks, chunks[-1].end)
    assert [c.start for c in chunks] == [0.0, 30.0, 60.0]
    assert [c.duration for c in chunks[:2]] == [30.0, 30.0]


def test_where_the_sound_has_ended_the_cuts_are_the_marks(tmp_path):
    path = write(tmp_path / "a.mkv", cfr([numbered(1)] * 80, 1), bursts([(1, 4)], 5))
    assert [c.start for c in planned(path, 0.5)] == [0.0, 30.0, 60.0]


def test_a_truncated_file_is_planned_up_to_its_readable_end(tmp_path):
    path = write_wav(tmp_path / "a.wav", bursts([(0, 80)], 80))
    check(planned(path, 0.5, readable_end=47.3), 47.3)


def test_no_chunk_ends_before_it_starts(tmp_path):
    """The sound may go on behind the readable end (of the picture): a pause there is no place for a cut."""
    path = write_wav(tmp_path / "a.wav", bursts([(0, 32.2), (32.8, 80)], 80))
    check(planned(path, 0.5, readable_end=31.6), 31.6)


def test_nothing_readable_is_one_empty_chunk(tmp_path):
    path = write_wav(tmp_path / "a.wav", bursts([(0, 5)], 5))
    (chunk,) = planned(path, 10, readable_end=0.0)
    assert (chunk.start, chunk.end, chunk.count) == (0.0, 0.0, 1)


def test_only_the_marks_surroundings_are_read(tmp_path):
    """320 s of PCM are 10 MB; two cuts need 30 s each."""

    class Counted(FileSource):
        fetched = 0

        def read_at(self, offset, length):
            data = super().read_at(offset, length)
            self.fetched += len(data)
            return data

    path = write_wav(tmp_path / "a.wav", np.tile(bursts([(0, 7)], 10), 32))
    source = Counted(path)
    found = probe(source)
    before = source.fetched
    plan_chunks(source, found, "v", 2.5)
    assert source.fetched - before < source.size / 3


@pytest.mark.parametrize(
    ("sound", "first", "second"),
    [
        pytest.param(SoundChoice(), 28.0, 61.6, id="usual"),
        pytest.param(SoundChoice((1,)), 31.0, 58.0, id="second"),
    ],
)
def test_cuts_lie_in_the_pauses_of_the_chosen_track(sound, first, second, tmp_path):
    one = bursts([(0, 27.6), (28.4, 61.2), (62.0, 80)], 80)
    other = bursts([(0, 30.6), (31.4, 57.6), (58.4, 80)], 80)
    source = FileSource(write_tracks(tmp_path / "a.mkv", [Track(one), Track(other)]))
    chunks = plan_chunks(source, probe(source), "v", 0.5, sound=sound)
    assert [c.start for c in chunks] == [0.0, pytest.approx(first, abs=0.15), pytest.approx(second, abs=0.15)]


def test_how_much_speech_the_plan_met(tmp_path):
    """The reach is 3 s on both sides of 30 s and 60 s; 3 of those 12 s are spoken."""
    path = write_wav(tmp_path / "a.wav", bursts([(10, 20), (28, 29.5), (61, 62.5), (70, 71)], 80))
    source, meter, heard = FileSource(path), SpeechMeter(), []
    assert meter.share is None

    def listener(samples):
        heard.append(len(samples) / RATE)
        meter.add(samples)

    plan_chunks(source, probe(source), "v", 0.5, listener=listener)
    assert heard == [6.0, 6.0]
    assert meter.seconds == 12.0
    assert meter.share == pytest.approx(0.34, abs=0.03)  # a quarter is voice, and some pause is sent with it


def test_silence_is_heard_and_holds_no_speech():
    meter = SpeechMeter()
    meter.add(np.zeros(10 * RATE, np.int16))
    assert (meter.seconds, meter.share) == (10.0, 0.0)


def test_a_broken_wire_is_no_silence(tmp_path):
    """The cut would lie elsewhere than at the next attempt."""
    source = FileSource(write_wav(tmp_path / "a.wav", bursts([(0, 80)], 80)))
    found = probe(source)

    def fail(offset, length):
        raise TransientError("SOURCE_UNREADABLE", "the wire broke", "try again")

    source.read_at = fail
    with pytest.raises(TransientError, match="the wire broke"):
        plan_chunks(source, found, "v", 0.5)


@pytest.mark.parametrize(
    ("estimated", "share"), [pytest.param(True, 0.5, id="paid"), pytest.param(False, 0.0, id="free")]
)
def test_only_an_estimate_needs_some_sound_to_be_listened_to(estimated, share, tmp_path):
    source = FileSource(write_wav(tmp_path / "a.wav", bursts([(2, 7)], 10)))
    found = outline(source, probe(source), "v", 10.0, "best", None, estimated=estimated)
    assert found.speech_share == pytest.approx(share, abs=0.2 * share)
