"""The report: status, confidence, order, and when a person should look."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.processing.quality import DOUBTFUL, MISSING, needs_review, report
from include.processing.types import Chunk, Coverage, EngineInfo, Problem, QualityReport, ScreenText, Segment, Word
from processing.quality_cases import DURATION, HEARD, MEDIA, found, said, shown, slides, talk


def reported(spoken=(), screen=(), coverage=(), problems=(), engines=None, media=MEDIA):
    return report(media, spoken, screen, coverage, problems, engines or {})


@pytest.mark.parametrize(
    ("spoken", "screen", "expected"),
    [
        pytest.param([], [], None, id="nothing-found"),
        pytest.param([said(0.0, 1.0, "word", None)], [], None, id="nobody-says"),
        pytest.param([said(0.0, 1.0, "word", 0.8), said(1.0, 2.0, "word", None)], [], 0.8, id="only-those-who-say"),
        pytest.param([said(0.0, 1.0, "aaaaaaaaa", 1.0)], [shown(0.0, 1.0, "b", confidence=0.5)], 0.95, id="by-letters"),
        pytest.param([said(0.0, 1.0, "word", None)], [shown(0.0, 1.0, "b", confidence=0.5)], 0.5, id="screen-only"),
        pytest.param([said(0.0, 1.0, "", 0.0)], [], None, id="no-letters"),
        pytest.param([said(0.0, 1.0, "word", 0.0)], [], 0.0, id="zero-is-a-value"),
    ],
)
def test_mean_confidence(spoken, screen, expected):
    assert reported(spoken, screen).mean_confidence == expected


@pytest.mark.parametrize(
    ("coverage", "problems", "expected"),
    [
        pytest.param(HEARD, [], "completed", id="all-there"),
        pytest.param(
            [Coverage(0.0, DURATION, "silent", "no sound")], [Problem("NO_AUDIO", "x")], "completed", id="mute"
        ),
        pytest.param(HEARD, [Problem("DECODE_ERRORS", "x")], "completed", id="damage"),
        pytest.param(
            [Coverage(0.0, 10.0, "transcribed"), Coverage(10.0, DURATION, "failed", "x")], [], "partial", id="failed"
        ),
        pytest.param(HEARD, [Problem("TRUNCATED", "x")], "partial", id="truncated"),
        pytest.param(HEARD, [Problem("CHUNK_FAILED", "x")], "partial", id="chunk-failed"),
        pytest.param(HEARD, [Problem("TIMESTAMP_DISCONTINUITY", "x")], "partial", id="clock-jumped"),
        pytest.param([], [], "completed", id="nothing-to-cover"),
    ],
)
def test_status(coverage, problems, expected):
    assert reported(talk(), [], coverage, problems).status == expected


def test_a_good_talk_has_no_problems():
    assert found() == []


def test_problems_are_ordered_and_said_once():
    late, early = Problem("B", "x", 5.0, 6.0), Problem("A", "y", 1.0, 2.0)
    assert reported(problems=[late, early, late]).problems == (early, late)


def test_what_an_engine_warns_of_is_a_problem():
    engines = {"speech": EngineInfo("sphinx", None, "expect wrong words"), "screen": EngineInfo("tesseract", "5")}
    assert reported(engines=engines).problems == (Problem("LOW_QUALITY_ENGINE", "sphinx: expect wrong words"),)


@pytest.mark.parametrize(
    ("status", "confidence", "codes", "expected"),
    [
        pytest.param("completed", 0.9, [], False, id="good"),
        pytest.param("completed", None, [], False, id="nobody-says-how-sure"),
        pytest.param("completed", 0.6, [], False, id="just-sure-enough"),
        pytest.param("completed", 0.599, [], True, id="unsure"),
        pytest.param("partial", 0.9, [], True, id="partial"),
        pytest.param("completed", 0.9, ["NO_AUDIO", "NO_VIDEO", "LOW_QUALITY_ENGINE"], False, id="notes"),
        pytest.param("completed", 0.9, ["ASR_ECHO", "ASR_PHANTOM", "EMPTY_TEXT"], False, id="mended"),
        pytest.param("completed", 0.9, ["SOMETHING_NEW"], False, id="of-an-engine-that-we-do-not-know"),
        pytest.param("completed", 0.9, ["NO_AUDIO", "SPEECH_GAP"], True, id="gap"),
        pytest.param("completed", 0.9, ["SCREEN_SYMBOLS"], True, id="symbols"),
        pytest.param("completed", 0.9, ["DECODE_ERRORS"], True, id="damage"),
    ],
)
def test_needs_review(status, confidence, codes, expected):
    problems = tuple(Problem(code, "x") for code in codes)
    assert needs_review(QualityReport(status, confidence, problems), 0.6) is expected


def test_what_makes_it_partial_needs_no_second_rule():
    assert set() == MISSING & DOUBTFUL


BROKEN = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, 5.0, float("nan"), float("inf"), -float("inf")]))
TEXTS = st.one_of(st.text(max_size=40), st.sampled_from(["", " ", "no " * 200, "我" * 300, "****" * 9]))
SURE = st.one_of(st.none(), st.floats(0.0, 1.0))
SEGMENTS = st.builds(
    Segment,
    BROKEN,
    BROKEN,
    TEXTS,
    SURE,
    st.sampled_from([None, "a", "b"]),
    st.tuples(st.builds(Word, BROKEN, BROKEN, TEXTS)),
)
STATES = st.builds(ScreenText, BROKEN, BROKEN, TEXTS, st.floats(0.0, 1.0), st.just(()))
COVERED = st.builds(Coverage, BROKEN, BROKEN, st.sampled_from(["transcribed", "silent", "failed"]), st.none())
PROBLEMS = st.builds(Problem, st.sampled_from(["ASR_ECHO", "TRUNCATED", "X"]), TEXTS, BROKEN, BROKEN)
SPOKEN_IN = st.tuples(
    st.builds(Chunk, st.just("v"), st.integers(0, 9), BROKEN, BROKEN), st.sampled_from([None, "en", "de"])
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(SEGMENTS, max_size=8),
    st.lists(STATES, max_size=8),
    st.lists(COVERED, max_size=6),
    st.lists(PROBLEMS, max_size=6),
    st.lists(SPOKEN_IN, max_size=4),
)
def test_no_text_is_so_broken_that_it_raises(spoken, screen, coverage, problems, languages):
    made = report(MEDIA, spoken, screen, coverage, problems, {"screen": EngineInfo("rapidocr")}, tuple(languages))
    assert all(p.code and p.message for p in made.problems if p not in problems)


PARTS = [
    Coverage(0.0, 30.0, "transcribed"),
    Coverage(30.0, 45.0, "failed", "ASR_FAILED: x"),
    Coverage(45.0, 50.0, "silent"),
    Coverage(50.0, 60.0, "failed", "ASR_FAILED: x"),
    Coverage(60.0, 119.0, "transcribed"),
]
TOLD = [Problem("A", "x", 1.0, 2.0), Problem("A", "x", 2.0, 3.0), Problem("B", "y"), Problem("A", "x", 29.0, 29.0)]


@settings(deadline=None, max_examples=30)
@given(st.permutations(PARTS), st.permutations(TOLD))
def test_the_order_in_which_the_chunks_come_does_not_matter(coverage, problems):
    made = reported(talk()[:12], slides(), coverage, problems)
    assert [(p.code, p.start, p.end) for p in made.problems] == [
        ("B", 0.0, 0.0),
        ("A", 1.0, 3.0),
        ("A", 29.0, 29.0),
        ("SPEECH_MISSING", 30.0, 60.0),
        ("SPEECH_GAP", 60.0, 119.0),
    ]


def test_a_report_of_its_own_problems_is_the_same_report():
    spoken = [*talk()[:10], *(replace(s, confidence=0.1) for s in talk()[15:])]
    once = reported(spoken, slides(), HEARD, [Problem("A", "x", 1.0, 2.0), Problem("A", "x", 2.0, 3.0)])
    assert {p.code for p in once.problems} == {"A", "SPEECH_GAP", "SPEECH_UNSURE"}
    assert reported(spoken, slides(), HEARD, once.problems) == once
