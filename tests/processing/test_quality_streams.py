"""Where sound and picture end, in containers that tell it in different ways; and that a cut-off sound is told."""

import pytest
from media import bursts, cfr, numbered, write

from include.processing.probe import probe
from include.processing.quality import report
from include.processing.sources import FileSource

PICTURES = cfr([numbered(i % 512) for i in range(300)], 10)  # 30 s
SOUND = bursts([(1, 2), (4, 6)], 10)
FRAGMENTS = {"muxing": {"movflags": "frag_keyframe+empty_moov"}}


def media_of(path):
    return probe(FileSource(path)).media


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("a.mp4", {}, id="sample-tables"),
        pytest.param("a.mkv", {"sound_codec": "flac"}, id="matroska-out-of-sight"),
        pytest.param("a.mkv", {"sound_codec": "flac", "offset": 3600.0}, id="matroska-starts-after-an-hour"),
        pytest.param("a.ts", {}, id="transport-stream"),
    ],
)
def test_a_sound_that_ends_long_before_the_picture(name, arguments, tmp_path):
    media = media_of(write(tmp_path / name, PICTURES, SOUND, **arguments))
    assert media.picture_end == pytest.approx(30.0, abs=0.15)
    assert media.sound_end == pytest.approx(10.0, abs=0.15)
    (problem,) = report(media, [], [], [], [], {}).problems
    assert (problem.code, problem.start, problem.end) == ("STREAMS_DIFFER", media.sound_end, media.picture_end)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("a.mp4", {}, id="mp4"),
        pytest.param("a.mp4", FRAGMENTS, id="fragmented"),
        pytest.param("a.mkv", {"sound_codec": "flac"}, id="mkv"),
        pytest.param("a.ts", {"offset": 33.0}, id="ts"),
        pytest.param("a.flv", {}, id="flv"),
        pytest.param("a.avi", {"codec": "mpeg4", "sound_codec": "mp3"}, id="avi"),
    ],
)
def test_both_end_together(name, arguments, tmp_path):
    media = media_of(write(tmp_path / name, PICTURES[:100], SOUND, **arguments))
    assert media.picture_end == pytest.approx(10.0, abs=0.2)
    assert media.sound_end == pytest.approx(10.0, abs=0.2)
    assert report(media, [], [], [], [], {}).problems == ()


def test_what_is_not_there_has_no_end(tmp_path):
    assert media_of(write(tmp_path / "a.mp4", PICTURES[:20])).sound_end is None
    assert media_of(write(tmp_path / "b.mp4", (), SOUND)).picture_end is None
