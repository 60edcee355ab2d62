import pytest

from include.processing import timeline
from include.processing.types import (
    Chunk,
    ChunkScreens,
    Coverage,
    Cue,
    EngineInfo,
    Moment,
    Problem,
    QualityReport,
    ScreenText,
    Segment,
    Term,
    Transcript,
    VideoInfo,
    VideoText,
    Word,
)

CHUNK = Chunk("v", 1, 599.37, 1200.0, 3)
ENGINE = EngineInfo("fake")
INFO = VideoInfo("a.mp4", 20.0, 1000, 640, 360, 0, 25.0, 0.0, "mp4", "h264", "aac")


def text_of(*cues, rate=25.0):
    info = VideoInfo("a.mp4", 20.0, 1000, 640, 360, 0, rate, 0.0, "mp4", "h264", "aac")
    return VideoText(info, "en", None, (), (), cues, (), QualityReport("completed", None, ()), {})


def said(start, end, text, confidence=None):
    return Cue(start, end, text, confidence, "speech")


def shown(start, end, text, confidence=0.9):
    return Cue(start, end, text, confidence, "screen")


def test_chunk_time_becomes_video_time_everywhere():
    word = Word(0.633, 1.0, "on", 0.8)
    segment = Segment(0.633, 1.5, "on time", 0.7, "A", (word,))
    transcript = Transcript(CHUNK, ENGINE, "en", (segment,), (Coverage(0.0, 600.63, "transcribed"),))
    assert timeline.speech(transcript) == [
        Segment(600.003, 600.87, "on time", 0.7, "A", (Word(600.003, 600.37, "on", 0.8),))
    ]
    assert timeline.coverage(transcript) == [Coverage(599.37, 1200.0, "transcribed")]
    screen = ScreenText(0.0, 1.63, "Slide", 0.9, ())
    assert timeline.screens(ChunkScreens(CHUNK, ENGINE, (screen,))) == [ScreenText(599.37, 601.0, "Slide", 0.9, ())]
    assert timeline.problems(CHUNK, [Problem("X", "y", 0.0, 0.63)]) == [Problem("X", "y", 599.37, 600.0)]


def test_cues_are_in_order_of_time():
    spoken = [Segment(5.0, 6.0, "b"), Segment(1.0, 9.0, "a")]
    screens = [ScreenText(5.0, 6.0, "B", 0.9, ()), ScreenText(0.0, 2.0, "A", 0.8, ())]
    assert timeline.cues(spoken, screens) == (
        Cue(0.0, 2.0, "A", 0.8, "screen"),
        Cue(1.0, 9.0, "a", None, "speech"),
        Cue(5.0, 6.0, "B", 0.9, "screen"),
        Cue(5.0, 6.0, "b", None, "speech"),
    )


def test_cues_of_speech_know_what_stood_and_terms_are_both():
    spoken = [Segment(1.0, 2.0, "hello"), Segment(3.0, 4.0, "slide two")]
    term = Term(3.0, 3.4, "Slide", "slide", 0.7, 1, 0)
    assert timeline.cues(spoken, [ScreenText(2.5, 6.0, "Slide", 0.9, ())], (), [(), (0,)], [term]) == (
        Cue(1.0, 2.0, "hello", None, "speech"),
        Cue(2.5, 6.0, "Slide", 0.9, "screen"),
        Cue(3.0, 3.4, "Slide", 0.7, "both"),
        Cue(3.0, 4.0, "slide two", None, "speech", (0,)),
    )


@pytest.mark.parametrize(
    ("cues", "expected"),
    [
        pytest.param((), [], id="nothing"),
        pytest.param(
            (said(1.0, 2.0, "hello", 0.8),),
            [(1.0, 25, "hello", None, 0.8), (2.0, 50, None, None, None)],
            id="said-and-then-silence",
        ),
        pytest.param(
            (said(1.0, 2.0, "a"), said(2.0, 3.0, "b")),
            [(1.0, 25, "a", None, None), (2.0, 50, "b", None, None), (3.0, 75, None, None, None)],
            id="one-after-the-other",
        ),
        pytest.param(
            (shown(0.0, 10.0, "Slide", 0.9), said(2.0, 4.0, "hello", 0.5)),
            [
                (0.0, 0, None, "Slide", 0.9),
                (2.0, 50, "hello", "Slide", 0.5),
                (4.0, 100, None, "Slide", 0.9),
                (10.0, 250, None, None, None),
            ],
            id="said-over-a-slide",
        ),
        pytest.param(
            (shown(0.0, 4.0, "Slide"), shown(2.0, 6.0, "0:00 … 0:04")),
            [
                (0.0, 0, None, "Slide", 0.9),
                (2.0, 50, None, "Slide\n0:00 … 0:04", 0.9),
                (4.0, 100, None, "0:00 … 0:04", 0.9),
                (6.0, 150, None, None, None),
            ],
            id="two-on-screen",
        ),
        pytest.param(
            (shown(0.0, 4.0, "Same"), shown(4.0, 8.0, "Same")),
            [(0.0, 0, None, "Same", 0.9), (8.0, 200, None, None, None)],
            id="no-change-no-moment",
        ),
        pytest.param(
            (said(1.0, 4.0, "a slide", 0.8), Cue(2.0, 3.0, "Slide", 0.3, "both")),
            [(1.0, 25, "a slide", None, 0.8), (4.0, 100, None, None, None)],
            id="what-is-both-is-told-once",
        ),
        pytest.param((said(3.0, 3.0, "gone"),), [(3.0, 75, None, None, None)], id="no-length"),
        pytest.param(
            (said(1.0, 5.0, "A:"), said(2.0, 3.0, "B!")),
            [
                (1.0, 25, "A:", None, None),
                (2.0, 50, "A: B!", None, None),
                (3.0, 75, "A:", None, None),
                (5.0, 125, None, None, None),
            ],
            id="two-speakers",
        ),
    ],
)
def test_moments(cues, expected):
    assert list(timeline.moments(text_of(*cues))) == [Moment(*m) for m in expected]


def test_sound_alone_has_no_frame_numbers():
    (first, _) = timeline.moments(text_of(said(1.0, 2.0, "hello"), rate=None))
    assert first.frame_number == 0


def test_moments_of_an_hour_are_found_quickly():
    """Every cue once, not every cue at every moment."""
    cues = [said(i * 0.5, i * 0.5 + 0.4, f"w{i}") for i in range(7200)]
    found = timeline.moments(text_of(*cues, shown(0.0, 3600.0, "Slide")))
    assert len(found) == 2 * 7200 + 1
