"""The subtitles of all chunks as one list, and what of them is in the timeline and the database's rows."""

import pytest

from include.processing import timeline
from include.processing.merging import merge
from include.processing.subtitle_merging import subtitles_of, usual
from include.processing.types import (
    Chunk,
    ChunkScreens,
    Cue,
    EngineInfo,
    MediaInfo,
    QualityReport,
    ScreenText,
    SpokenLanguage,
    Subtitle,
    SubtitleTrack,
    VideoInfo,
    VideoText,
)

ENGINE = EngineInfo("tesseract")
CHUNKS = [Chunk("v", 0, 0.0, 9.87, 2), Chunk("v", 1, 9.87, 20.0, 2)]
ENGLISH, GERMAN = SubtitleTrack(0, "subrip", "en"), SubtitleTrack(1, "subrip", "de")
INFO = VideoInfo("a.mp4", 20.0, 1000, 640, 360, 0, 25.0, 0.0, "mp4", "h264", "aac")


def screens(*subtitles, chunk=0, shown=()):
    return ChunkScreens(CHUNKS[chunk], ENGINE, tuple(shown), subtitles=tuple(subtitles))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(
            [Subtitle(9.0, 11.0, "a", 0)],
            [Subtitle(0.13, 2.0, "b", 0)],
            [Subtitle(9.0, 11.0, "a", 0), Subtitle(10.0, 11.87, "b", 0)],
            id="each-in-video-time",
        ),
        pytest.param(
            [Subtitle(9.0, 9.87, "a", 0)],
            [Subtitle(0.0, 1.13, "a", 0)],
            [Subtitle(9.0, 11.0, "a", 0)],
            id="one-that-goes-on-over-the-cut",
        ),
        pytest.param(
            [Subtitle(9.0, 11.0, "a", 0)],
            [Subtitle(0.0, 1.13, "a", 0)],
            [Subtitle(9.0, 11.0, "a", 0)],
            id="one-that-both-chunks-saw",
        ),
        pytest.param(
            [Subtitle(8.0, 9.0, "a", 0)],
            [Subtitle(0.13, 1.13, "a", 0)],
            [Subtitle(8.0, 9.0, "a", 0), Subtitle(10.0, 11.0, "a", 0)],
            id="one-that-returns",
        ),
        pytest.param(
            [Subtitle(9.0, 11.0, "a", 0)],
            [Subtitle(0.0, 1.13, "a", 1)],
            [Subtitle(9.0, 11.0, "a", 0), Subtitle(9.87, 11.0, "a", 1)],
            id="tracks-are-apart",
        ),
        pytest.param(
            [Subtitle(1.0, 4.0, "a", 0), Subtitle(2.0, 3.0, "b", 0), Subtitle(2.0, 2.5, "c", 1)],
            [],
            [Subtitle(1.0, 4.0, "a", 0), Subtitle(2.0, 2.5, "c", 1), Subtitle(2.0, 3.0, "b", 0)],
            id="overlaps-stay",
        ),
    ],
)
def test_subtitles_of_all_chunks(first, second, expected):
    assert list(subtitles_of([screens(*first), screens(*second, chunk=1)])) == expected


@pytest.mark.parametrize(
    ("tracks", "written", "language", "expected"),
    [
        pytest.param([ENGLISH, GERMAN], [0, 1], "de", 1, id="the-spoken-language"),
        pytest.param([ENGLISH, GERMAN], [0], "de", 0, id="an-empty-one-is-none"),
        pytest.param([ENGLISH, GERMAN], [0, 1], "fr", 0, id="else-the-first"),
        pytest.param([ENGLISH, GERMAN], [0, 1], None, 0, id="nobody-speaks"),
        pytest.param(
            [ENGLISH, SubtitleTrack(1, "subrip", "de", default=True)], [0, 1], "fr", 1, id="else-the-default-one"
        ),
        pytest.param(
            [SubtitleTrack(0, "subrip", "en", default=True, forced=True), SubtitleTrack(1, "subrip", "en")],
            [0, 1],
            "en",
            1,
            id="not-the-foreign-parts-alone",
        ),
        pytest.param(
            [SubtitleTrack(0, "subrip", "en", forced=True), GERMAN], [0, 1], "en", 0, id="but-in-the-spoken-language"
        ),
        pytest.param(
            [SubtitleTrack(0, "hdmv_pgs_subtitle", "de", pictures=True), GERMAN],
            [0, 1],
            "de",
            1,
            id="text-needs-no-reading",
        ),
        pytest.param([], [], "en", None, id="no-tracks"),
    ],
)
def test_which_track_goes_into_the_timeline(tracks, written, language, expected):
    subtitles = [Subtitle(1.0, 2.0, "x", track) for track in written]
    assert usual(subtitles, tracks, language) == [s for s in subtitles if s.track == expected]


def test_in_the_result():
    media = MediaInfo("mp4", 20.0, 20.0, 0.0, 1000, 640, 360, subtitle_tracks=(ENGLISH, GERMAN))
    read = [
        screens(
            Subtitle(1.0, 2.0, "Hello", 0),
            Subtitle(1.0, 2.0, "Hallo", 1),
            shown=[ScreenText(0.0, 5.0, "Slide", 0.9, ())],
        ),
        screens(Subtitle(0.13, 1.13, "Welt", 1), chunk=1),
    ]
    result = merge("a.mp4", media, (), [], read, language=SpokenLanguage("de"))
    assert result.subtitles == (
        Subtitle(1.0, 2.0, "Hello", 0),
        Subtitle(1.0, 2.0, "Hallo", 1),
        Subtitle(10.0, 11.0, "Welt", 1),
    )
    assert result.timeline == (
        Cue(0.0, 5.0, "Slide", 0.9, "screen"),
        Cue(1.0, 2.0, "Hallo", None, "subtitle"),
        Cue(10.0, 11.0, "Welt", None, "subtitle"),
    )


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(None, [(1.0, "Hello, world!"), (2.0, None)], id="alone"),
        pytest.param("Slide", [(1.0, "Slide\nHello, world!"), (2.0, "Slide"), (3.0, None)], id="below-the-screen"),
        pytest.param("Title\nhello world", [(1.0, "Title\nhello world"), (3.0, None)], id="burnt-in-as-well"),
        pytest.param(
            "Othello world",
            [(1.0, "Othello world\nHello, world!"), (2.0, "Othello world"), (3.0, None)],
            id="whole-words-only",
        ),
    ],
)
def test_a_subtitle_counts_as_shown(shown, expected):
    """Never as said."""
    cues = [Cue(1.0, 2.0, "Hello, world!", None, "subtitle")]
    cues += [Cue(1.0, 3.0, shown, 0.9, "screen")] if shown else []
    text = VideoText(INFO, "en", None, (), (), tuple(cues), (), QualityReport("completed", None, ()), {})
    found = timeline.moments(text)
    assert [(m.time, m.ocr_text) for m in found] == expected
    assert {m.audio_text for m in found} == {None}


def test_a_sign_without_words_is_shown():
    cues = (Cue(1.0, 2.0, "\N{EIGHTH NOTE}", None, "subtitle"), Cue(1.0, 2.0, "Slide", 0.9, "screen"))
    text = VideoText(INFO, "en", None, (), (), cues, (), QualityReport("completed", None, ()), {})
    assert timeline.moments(text)[0].ocr_text == "Slide\n\N{EIGHTH NOTE}"
