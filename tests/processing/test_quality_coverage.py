"""What a result lacks is said once, by whom it concerns."""

from dataclasses import replace

import pytest

from include.processing.types import Chunk, Coverage, Problem
from processing.quality_cases import DURATION, HEARD, found, talk


def covered(*spans):
    """(end, state or reason) from 0 on."""
    made, at = [], 0.0
    for end, state in spans:
        known = state in ("transcribed", "silent")
        made.append(Coverage(at, end, state if known else "failed", None if known else state))
        at = end
    return tuple(made)


def between(start, end):
    """The talk without what is said then."""
    return [s for s in talk() if s.end <= start or s.start >= end]


FAILED = covered((40.0, "transcribed"), (60.0, "ASR_REFUSED: x"), (DURATION, "transcribed"))


@pytest.mark.parametrize(
    ("coverage", "problems", "expected"),
    [
        pytest.param(FAILED, [], [("SPEECH_MISSING", 40.0, 60.0)], id="failed"),
        pytest.param(
            covered(
                (40.0, "transcribed"),
                (50.0, "ASR_FAILED: x"),
                (52.0, "silent"),
                (60.0, "ASR_FAILED: x"),
                (DURATION, "transcribed"),
            ),
            [],
            [("SPEECH_MISSING", 40.0, 60.0)],
            id="over-silence",
        ),
        pytest.param(
            covered(
                (40.0, "transcribed"), (50.0, "ASR_FAILED: x"), (60.0, "BUDGET_SPENT: y"), (DURATION, "transcribed")
            ),
            [],
            [("SPEECH_MISSING", 40.0, 50.0), ("SPEECH_MISSING", 50.0, 60.0)],
            id="two-reasons",
        ),
        pytest.param(
            FAILED,
            [Problem("CHUNK_FAILED", "transcribe failed: ASR_REFUSED: x; run it again", 40.0, 60.0)],
            [("CHUNK_FAILED", 40.0, 60.0)],
            id="the-chunk-has-said-so",
        ),
        pytest.param(
            FAILED,
            [Problem("CHUNK_FAILED", "ocr failed: OCR_FAILED: y; run it again", 0.0, 120.0)],
            [("CHUNK_FAILED", 0.0, 120.0), ("SPEECH_MISSING", 40.0, 60.0)],
            id="the-chunks-screen-failed-too",
        ),
        pytest.param(
            covered(
                (40.0, "transcribed"),
                (60.0, "silent"),
                (80.0, "transcribed"),
                (100.0, "TRUNCATED"),
                (DURATION, "transcribed"),
            ),
            [Problem("TRUNCATED", "x", 80.0, 100.0)],
            [("TRUNCATED", 80.0, 100.0)],
            id="the-file-breaks-off",
        ),
    ],
)
def test_unheard(coverage, problems, expected):
    gaps = [(c.start, c.end) for c in coverage if c.state != "transcribed"]
    spoken = [s for s in talk() if all(s.end <= a or s.start >= b for a, b in gaps)]
    assert found(spoken, coverage=coverage, problems=problems) == expected


@pytest.mark.parametrize(
    ("spoken", "coverage", "problems", "expected"),
    [
        pytest.param(between(40.0, 60.0), HEARD, [], [("SPEECH_GAP", 39.5, 60.0)], id="in-the-middle"),
        pytest.param(between(40.0, 48.0), HEARD, [], [], id="a-long-pause"),
        pytest.param(between(0.0, 20.0), HEARD, [], [("SPEECH_GAP", 0.0, 20.0)], id="at-the-beginning"),
        pytest.param(between(100.0, 120.0), HEARD, [], [("SPEECH_GAP", 99.5, 120.0)], id="at-the-end"),
        pytest.param([], HEARD, [], [("SPEECH_GAP", 0.0, 120.0)], id="not-a-word"),
        pytest.param(
            between(40.0, 60.0),
            covered((39.5, "transcribed"), (60.0, "silent"), (DURATION, "transcribed")),
            [],
            [],
            id="silence",
        ),
        pytest.param(
            between(40.0, 60.0),
            covered((50.0, "transcribed"), (DURATION, "transcribed")),
            [],
            [("SPEECH_GAP", 39.5, 60.0)],
            id="over-a-cut",
        ),
        pytest.param(
            between(40.0, 60.0),
            HEARD,
            [Problem("ASR_PHANTOM", "x", 42.0, 58.0)],
            [("ASR_PHANTOM", 42.0, 58.0)],
            id="the-words-were-taken-out",
        ),
        pytest.param(
            between(40.0, 80.0),
            covered((58.0, "transcribed"), (60.0, "silent"), (DURATION, "transcribed")),
            [Problem("ASR_ECHO", "x", 40.0, 79.0)],
            [("ASR_ECHO", 40.0, 79.0)],
            id="over-a-silence",
        ),
        pytest.param(
            between(40.0, 80.0),
            HEARD,
            [Problem("ASR_PHANTOM", "x", 40.0, 58.0)],
            [("SPEECH_GAP", 58.0, 80.0), ("ASR_PHANTOM", 40.0, 58.0)],
            id="some-of-the-words",
        ),
    ],
)
def test_wordless(spoken, coverage, problems, expected):
    assert sorted(found(spoken, coverage=coverage, problems=problems)) == sorted(expected)


CHUNKS = [Chunk("v", i, 30.0 * i, 30.0 * (i + 1), 4) for i in range(4)]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        pytest.param(["en", "en", "en", "en"], [], id="one"),
        pytest.param(["en", "de", "en", "en"], [("LANGUAGE_CHANGES", 30.0, 60.0)], id="a-chunk"),
        pytest.param(["de", "de", "en", "en"], [("LANGUAGE_CHANGES", 60.0, 120.0)], id="half-and-half-is-one-change"),
        pytest.param(
            ["en", "de", "fr", "en"], [("LANGUAGE_CHANGES", 30.0, 60.0), ("LANGUAGE_CHANGES", 60.0, 90.0)], id="two"
        ),
        pytest.param(["en", None, None, "en"], [], id="nobody-speaks"),
        pytest.param([None] * 4, [], id="the-engine-tells-none"),
    ],
)
def test_other_language(codes, expected):
    assert found(languages=tuple(zip(CHUNKS, codes, strict=True))) == expected


def test_a_language_told_from_little_speech_is_no_problem():
    little = covered((30.0, "transcribed"), (40.0, "transcribed"), (60.0, "silent"), (DURATION, "transcribed"))
    spoken = between(40.0, 60.0)
    assert found(spoken, coverage=little, languages=tuple(zip(CHUNKS, ["en", "cy", "en", "en"], strict=True))) == []
    longer = [
        replace(c, end=46.0) if c.end == 40.0 else replace(c, start=46.0) if c.start == 40.0 else c for c in little
    ]
    found_now = found(spoken, coverage=longer, languages=tuple(zip(CHUNKS, ["en", "cy", "en", "en"], strict=True)))
    assert found_now == [("LANGUAGE_CHANGES", 30.0, 60.0)]
