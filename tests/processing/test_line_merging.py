"""Lines over the seams between chunks. Chunks are 60 s long."""

import pytest

from include.processing.line_merging import lines_over_seams
from include.processing.types import Box, Chunk, ChunkScreens, EngineInfo, ScreenLine

ENGINE = EngineInfo("tesseract", "eng")
HERE = Box(40, 40, 240, 24)


def line(start, end, text, box=HERE, confidence=0.9):
    return ScreenLine(start, end, text, confidence, box)


def chunk(i, *lines):
    return ChunkScreens(Chunk("v", i, 60.0 * i, 60.0 * (i + 1), 4), ENGINE, (), lines)


def merged(*chunks):
    return [(n.start, n.end, n.text) for n in lines_over_seams([chunk(i, *c) for i, c in enumerate(chunks)])]


def test_times_are_the_videos():
    assert merged([line(1.5, 20.25, "A")], [], [line(0.5, 3.0, "B")]) == [(1.5, 20.25, "A"), (120.5, 123.0, "B")]


def test_no_chunks_no_lines():
    assert lines_over_seams([]) == ()


def test_one_that_stands_across_seams_is_one():
    assert merged([line(50, 60, "Topic")], [line(0, 60, "Topic")], [line(0, 12, "Topic")]) == [(50, 132, "Topic")]


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        pytest.param(line(10, 60, "Topic"), line(0, 5, "Topic"), 1, id="the-same"),
        pytest.param(line(10, 59.96, "Topic"), line(0.04, 5, "Topic"), 1, id="a-picture-apart"),
        pytest.param(line(10, 58, "Topic"), line(0, 5, "Topic"), 2, id="went-before-the-seam"),
        pytest.param(line(10, 60, "Topic"), line(2, 5, "Topic"), 2, id="came-after-the-seam"),
        pytest.param(line(10, 60, "Topic"), line(0, 5, "Another"), 2, id="another-text"),
        pytest.param(line(10, 60, "The quick brown fox"), line(0, 5, "The quick brovvn fox"), 1, id="a-slip"),
        pytest.param(line(10, 60, "Topic 1 of the talk"), line(0, 5, "Topic 2 of the talk"), 2, id="another-digit"),
        pytest.param(line(10, 60, "Topic"), line(0, 5, "Topic", Box(40, 90, 240, 24)), 2, id="another-place"),
        pytest.param(
            line(10, 60, "Topic"), line(0, 5, "Topic", Box(44, 42, 236, 24)), 1, id="the-place-but-for-pixels"
        ),
    ],
)
def test_seams(before, after, count):
    assert len(merged([before], [after])) == count


def test_the_surer_reading_stays_with_the_first_place():
    (found,) = lines_over_seams(
        [
            chunk(0, line(10, 60, "The quick brovvn fox", confidence=0.6)),
            chunk(1, line(0, 30, "The quick brown fox", Box(42, 41, 238, 24), confidence=0.95)),
        ]
    )
    assert found == ScreenLine(10, 90, "The quick brown fox", 0.95, HERE)


def test_equal_lines_go_on_each_in_its_place():
    """A table has the same word in many rows."""
    first, second = Box(40, 40, 60, 24), Box(40, 90, 60, 24)
    found = lines_over_seams(
        [
            chunk(0, line(10, 60, "yes", first), line(20, 60, "yes", second)),
            chunk(1, line(0, 5, "yes", second), line(0, 9, "yes", first)),
        ]
    )
    assert [(n.start, n.end, n.box) for n in found] == [(10, 69, first), (20, 65, second)]


def test_one_line_is_continued_by_one():
    found = merged([line(10, 60, "yes")], [line(0, 5, "yes"), line(0, 9, "yes", Box(60, 44, 240, 24))])
    assert found == [(10, 65, "yes"), (60, 69, "yes")]


def test_a_missing_chunk_divides():
    """What lies between was not seen."""
    lines = lines_over_seams([chunk(0, line(10, 60, "Topic")), chunk(2, line(0, 5, "Topic"))])
    assert [(n.start, n.end) for n in lines] == [(10, 60), (120, 125)]
