import pytest

from include.processing.quality import report
from include.processing.types import Coverage, Cue, EngineInfo, Problem

HEARD = [Coverage(0.0, 10.0, "transcribed")]


def cue(confidence, text="word"):
    return Cue(0.0, 1.0, text, confidence, "speech")


@pytest.mark.parametrize(
    ("cues", "expected"),
    [
        pytest.param([], None, id="nothing-found"),
        pytest.param([cue(None)], None, id="nobody-says"),
        pytest.param([cue(0.8), cue(None)], 0.8, id="only-those-who-say"),
        pytest.param([cue(1.0, "aaaaaaaaa"), cue(0.5, "b")], 0.95, id="by-letters"),
        pytest.param([cue(0.0, "")], None, id="no-letters"),
        pytest.param([cue(0.0)], 0.0, id="zero-is-a-value"),
    ],
)
def test_mean_confidence(cues, expected):
    assert report(cues, HEARD, [], {}).mean_confidence == expected


@pytest.mark.parametrize(
    ("coverage", "problems", "expected"),
    [
        pytest.param(HEARD, [], "completed", id="all-there"),
        pytest.param(
            [Coverage(0.0, 9.0, "silent", "no sound")], [Problem("NO_AUDIO", "x")], "completed", id="no-sound"
        ),
        pytest.param(HEARD, [Problem("DECODE_ERRORS", "x")], "completed", id="damage"),
        pytest.param([*HEARD, Coverage(10.0, 20.0, "failed", "x")], [], "partial", id="failed-stretch"),
        pytest.param(HEARD, [Problem("TRUNCATED", "x")], "partial", id="truncated"),
        pytest.param(HEARD, [Problem("CHUNK_FAILED", "x")], "partial", id="chunk-failed"),
        pytest.param(HEARD, [Problem("TIMESTAMP_DISCONTINUITY", "x")], "partial", id="clock-jumped"),
        pytest.param([], [], "completed", id="nothing-to-cover"),
    ],
)
def test_status(coverage, problems, expected):
    assert report([], coverage, problems, {}).status == expected


def test_problems_are_ordered_and_said_once():
    late, early = Problem("B", "x", 5.0, 6.0), Problem("A", "y", 1.0, 2.0)
    assert report([], [], [late, early, late], {}).problems == (early, late)


def test_what_an_engine_warns_of_is_a_problem():
    engines = {"speech": EngineInfo("sphinx", None, "expect wrong words"), "screen": EngineInfo("tesseract", "5")}
    assert report([], [], [], engines).problems == (Problem("LOW_QUALITY_ENGINE", "sphinx: expect wrong words"),)
