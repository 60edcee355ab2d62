"""Chunks → one result: offsets, seams, gaps, and no trace of the order in which they came."""

from dataclasses import replace
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.processing.merging import Missing, merge, receipt
from include.processing.record import to_json
from include.processing.types import (
    Chunk,
    ChunkScreens,
    Coverage,
    EngineInfo,
    MediaInfo,
    Problem,
    Receipt,
    ScreenText,
    Segment,
    SpeechUsage,
    TextBox,
    Transcript,
    Word,
)

MEDIA = MediaInfo("mp4", 30.0, 30.0, 1.4, 1000, 640, 360, 0, 25.0, "h264", "aac")
EDGES = [0.0, 9.87, 20.1, 30.0]
CHUNKS = [Chunk("v", i, EDGES[i], EDGES[i + 1], 3) for i in range(3)]
SPHINX = EngineInfo("sphinx", None, "expect wrong words")
TESSERACT = EngineInfo("tesseract", "5 eng")


def line(text, top=40, left=40, confidence=0.9):
    return TextBox(text, confidence, left, top, 12 * len(text), 24)


def screen(start, end, *texts, top=40, left=40):
    boxes = tuple(line(t, top + 40 * i, left) for i, t in enumerate(texts))
    return ScreenText(start, end, "\n".join(texts), 0.9, boxes)


def counter(start, end, first, last, top=300, left=500):
    return ScreenText(start, end, f"{first} … {last}", 0.8, (line(first, top, left), line(last, top, left)))


def transcript(i, *segments, coverage=None, language="en", problems=()):
    duration = CHUNKS[i].duration
    covered = coverage or (Coverage(0.0, duration, "transcribed"),)
    return Transcript(CHUNKS[i], SPHINX, language, tuple(segments), covered, problems)


def screens(i, *shown, problems=()):
    return ChunkScreens(CHUNKS[i], TESSERACT, tuple(shown), ticks=10, frames_read=2, problems=problems)


def merged(transcripts=None, seen=None, missing=(), media=MEDIA, problems=()):
    transcripts = [transcript(i) for i in range(3)] if transcripts is None else transcripts
    seen = [screens(i) for i in range(3)] if seen is None else seen
    return merge("talk.mp4", media, problems, transcripts, seen, missing)


def shown_in(result):
    return [(s.start, s.end, s.text) for s in result.screen]


def test_offsets():
    said = [transcript(i, Segment(1.0, 2.0, f"chunk {i}", words=(Word(1.0, 1.5, "chunk"),))) for i in range(3)]
    result = merged(said)
    assert [(s.start, s.end, s.text) for s in result.speech] == [
        (1.0, 2.0, "chunk 0"),
        (10.87, 11.87, "chunk 1"),
        (21.1, 22.1, "chunk 2"),
    ]
    assert [(w.start, w.end) for s in result.speech for w in s.words] == [(1.0, 1.5), (10.87, 11.37), (21.1, 21.6)]


def test_the_order_of_the_chunks_does_not_matter():
    said = [transcript(i, Segment(1.0, 2.0, f"chunk {i}")) for i in range(3)]
    seen = [screens(i, screen(0.0, CHUNKS[i].duration, "Slide"), problems=(Problem("P", str(i)),)) for i in range(3)]
    results = {to_json(merged(list(a), list(b))) for a in permutations(said) for b in permutations(seen)}
    assert len(results) == 1


def test_a_screen_that_stands_across_seams_is_one():
    seen = [
        screens(0, screen(4.0, 9.87, "Slide")),
        screens(1, screen(0.0, 10.23, "Slide")),
        screens(2, screen(0.0, 3.0, "Slide")),
    ]
    assert shown_in(merged(seen=seen)) == [(4.0, 23.1, "Slide")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            screen(4.0, 9.87, "The quick brown fox jumps"),
            screen(0.0, 2.0, "The quick brovvn fox jumps"),
            [(4.0, 11.87, "The quick brown fox jumps")],
            id="engines-slip",
        ),
        pytest.param(
            screen(4.0, 9.87, "Page 1"),
            screen(0.0, 2.0, "Page 2"),
            [(4.0, 9.87, "Page 1"), (9.87, 11.87, "Page 2")],
            id="digit-differs",
        ),
        pytest.param(
            screen(4.0, 9.87, "The telegraph", "Newspapers print a forecast", "The first weather map", "Page 8"),
            screen(0.0, 2.0, "The telegraph", "Newspapers print a forecast", "The first weather map", "Page 9"),
            [(4.0, 11.87, "The telegraph\nNewspapers print a forecast\nThe first weather map\nPage 8")],
            id="a-short-line-of-a-page-misread-after-the-seam",
        ),
        pytest.param(
            screen(9.0, 9.87, "The telegraph", "Newspapers print a forecast", "The first weather map", "Page 8"),
            screen(0.0, 2.0, "The telegraph", "Newspapers print a forecast", "The first weather map", "Page 9"),
            [(9.0, 11.87, "The telegraph\nNewspapers print a forecast\nThe first weather map\nPage 9")],
            id="or-before-it",
        ),
        pytest.param(
            screen(4.0, 9.0, "Slide"),
            screen(0.0, 2.0, "Slide"),
            [(4.0, 9.0, "Slide"), (9.87, 11.87, "Slide")],
            id="gone-before-the-seam",
        ),
        pytest.param(
            screen(4.0, 9.87, "Slide"),
            screen(1.0, 2.0, "Slide"),
            [(4.0, 9.87, "Slide"), (10.87, 11.87, "Slide")],
            id="back-after-the-seam",
        ),
        pytest.param(
            screen(4.0, 9.87, "Slide"),
            screen(0.0, 2.0, "Slide", "typed"),
            [(4.0, 11.87, "Slide\ntyped")],
            id="a-line-that-was-overlooked-before-the-seam",
        ),
        pytest.param(
            screen(9.0, 9.87, "Slide", "Page 8"),
            screen(0.0, 2.0, "Slide"),
            [(9.0, 11.87, "Slide\nPage 8")],
            id="or-after-it",
        ),
        pytest.param(
            screen(4.0, 9.87, "Slide"),
            screen(0.0, 2.0, "Slide", "typed", "and more"),
            [(4.0, 9.87, "Slide"), (9.87, 11.87, "Slide\ntyped\nand more")],
            id="two-lines-more",
        ),
        pytest.param(
            screen(4.0, 9.87, "Slide", "Page 8"),
            screen(0.0, 2.0, "Another"),
            [(4.0, 9.87, "Slide\nPage 8"), (9.87, 11.87, "Another")],
            id="another-slide",
        ),
    ],
)
def test_seams(before, after, expected):
    assert shown_in(merged(seen=[screens(0, before), screens(1, after), screens(2)])) == expected


def test_a_running_clock_goes_on_over_seams():
    seen = [
        screens(0, screen(0.0, 9.87, "Slide"), counter(0.0, 9.87, "0:00", "0:09")),
        screens(1, screen(0.0, 10.23, "Slide"), counter(0.0, 10.23, "0:10", "0:19")),
        screens(2, counter(0.0, 9.9, "0:20", "0:29")),
    ]
    assert shown_in(merged(seen=seen)) == [(0.0, 20.1, "Slide"), (0.0, 30.0, "0:00 … 0:29")]


def test_two_clocks_side_by_side_go_on_each_by_itself():
    """Time gone at the left, time left at the right of one row."""
    seen = [
        screens(0, counter(0.0, 9.87, "0:00", "0:09", left=40), counter(0.0, 9.87, "-0:30", "-0:21", left=560)),
        screens(1, counter(0.0, 10.23, "0:10", "0:19", left=40), counter(0.0, 10.23, "-0:20", "-0:11", left=560)),
        screens(2),
    ]
    assert sorted(shown_in(merged(seen=seen))) == [(0.0, 20.1, "-0:30 … -0:11"), (0.0, 20.1, "0:00 … 0:19")]


def test_clocks_in_different_places_are_different_clocks():
    seen = [
        screens(0, counter(0.0, 9.87, "0:00", "0:09", top=20)),
        screens(1, counter(0.0, 10.23, "9:10", "9:19", top=300)),
        screens(2),
    ]
    assert shown_in(merged(seen=seen)) == [(0.0, 9.87, "0:00 … 0:09"), (9.87, 20.1, "9:10 … 9:19")]


def adds_up(result, end):
    covered = result.coverage
    assert covered[0].start == 0.0
    assert covered[-1].end == end
    assert all(a.end == b.start for a, b in pairwise(covered))
    assert round(sum(c.end - c.start for c in covered), 3) == end


def test_coverage_of_neighbours_is_joined_and_adds_up():
    said = [
        transcript(0, coverage=(Coverage(0.0, 3.333, "silent"), Coverage(3.333, 9.87, "transcribed"))),
        transcript(1),
        transcript(2, coverage=(Coverage(0.0, 9.9, "silent", "no sound"),)),
    ]
    result = merged(said)
    assert result.coverage == (
        Coverage(0.0, 3.333, "silent"),
        Coverage(3.333, 20.1, "transcribed"),
        Coverage(20.1, 30.0, "silent", "no sound"),
    )
    adds_up(result, 30.0)
    assert result.quality.status == "completed"


@st.composite
def chunked(draw):
    """Chunks that fill a video, and for each what became of its sound, in chunk time, rounded as everything is."""
    edges = sorted({0.0, *draw(st.lists(st.integers(1, 99_999), max_size=6)), 100_000.0})
    chunks = [Chunk("v", i, a / 1000, b / 1000, len(edges) - 1) for i, (a, b) in enumerate(pairwise(edges))]
    heard = []
    for chunk in chunks:
        inside = draw(st.lists(st.integers(1, max(1, round(chunk.duration * 1000) - 1)), max_size=4, unique=True))
        marks = [0.0, *sorted(m / 1000 for m in inside if m / 1000 < chunk.duration), chunk.duration]
        states = [draw(st.sampled_from(["transcribed", "silent", "failed"])) for _ in marks[1:]]
        spans = [Coverage(a, b, s, None) for (a, b), s in zip(pairwise(marks), states, strict=True)]
        heard.append(Transcript(chunk, SPHINX, "en", (), tuple(spans)))
    return chunks, heard


@given(chunked(), st.data())
def test_coverage_has_no_gap_and_no_overlap(made, data):
    chunks, heard = made
    lost = data.draw(st.sets(st.sampled_from(range(len(chunks)))))
    missing = [Missing(c, "transcribe", "lost") for c in chunks if c.index in lost]
    said = data.draw(st.permutations([t for t in heard if t.chunk.index not in lost]))
    media = replace(MEDIA, duration=100.0, readable_end=100.0)
    result = merge("a.mp4", media, (), said, (), missing)
    adds_up(result, 100.0)
    assert {c.reason for c in result.coverage if c.state == "failed"} <= {None, "lost"}


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param(
            [(0.0, 9.869, "transcribed"), (9.87, 20.0, "silent"), (20.0, 29.999, "transcribed")],
            [(0.0, 9.869, "transcribed"), (9.869, 20.0, "silent"), (20.0, 30.0, "transcribed")],
            id="clocks-that-differ-by-a-millisecond",
        ),
        pytest.param(
            [(0.0, 12.0, "transcribed"), (10.0, 30.0, "silent")],
            [(0.0, 12.0, "transcribed"), (12.0, 30.0, "silent")],
            id="chunks-that-share-sound",
        ),
        pytest.param(
            [(0.0, 9.0, "transcribed"), (10.0, 30.0, "transcribed")],
            [(0.0, 9.0, "transcribed"), (9.0, 10.0, "failed"), (10.0, 30.0, "transcribed")],
            id="what-nobody-told-of",
        ),
        pytest.param([(0.0, 25.0, "silent")], [(0.0, 25.0, "silent"), (25.0, 30.0, "failed")], id="nor-of-the-end"),
        pytest.param([(0.0, 31.0, "silent")], [(0.0, 30.0, "silent")], id="not-beyond-the-end"),
    ],
)
def test_coverage_is_made_whole(spans, expected):
    whole = Chunk("v", 0, 0.0, 30.0)
    heard = Transcript(whole, SPHINX, "en", (), tuple(Coverage(a, b, s) for a, b, s in spans))
    result = merge("a.mp4", MEDIA, (), [heard], ())
    assert [(c.start, c.end, c.state) for c in result.coverage] == expected
    adds_up(result, 30.0)
    assert (result.quality.status == "partial") == any(state == "failed" for *_, state in expected)


def test_what_was_said_and_shown_is_both():
    said = [transcript(0, Segment(1.0, 3.0, "the steepest gradient descent")), transcript(1), transcript(2)]
    result = merged(said, [screens(0, screen(0.0, 9.87, "Gradient Descent")), screens(1), screens(2)])
    assert [(t.text, t.said, t.segment, t.screen) for t in result.terms] == [
        ("Gradient Descent", "gradient descent", 0, 0)
    ]
    assert [(c.source, c.text, c.shown) for c in result.timeline] == [
        ("screen", "Gradient Descent", ()),
        ("speech", "the steepest gradient descent", (0,)),
        ("both", "Gradient Descent", ()),
    ]


def test_a_missing_chunk_is_a_marked_gap():
    missing = [Missing(CHUNKS[1], "transcribe", "quota: 429"), Missing(CHUNKS[1], "ocr", "out of memory")]
    said, seen = [transcript(0), transcript(2)], [screens(0, screen(0, 9.87, "A")), screens(2, screen(0, 9.9, "A"))]
    result = merged(said, seen, missing)
    assert result.coverage[1] == Coverage(9.87, 20.1, "failed", "quota: 429")
    adds_up(result, 30.0)
    assert result.quality.status == "partial"
    assert [(p.code, p.start, p.end) for p in result.quality.problems if p.code == "CHUNK_FAILED"] == [
        ("CHUNK_FAILED", 9.87, 20.1),
        ("CHUNK_FAILED", 9.87, 20.1),
    ]
    assert shown_in(result) == [(0.0, 9.87, "A"), (20.1, 30.0, "A")]


def test_missing_screen_text_makes_it_partial_too():
    result = merged(seen=[screens(0), screens(2)], missing=[Missing(CHUNKS[1], "ocr", "out of memory")])
    assert result.quality.status == "partial"
    assert [c.state for c in result.coverage] == ["transcribed"]


def test_everything_missing():
    missing = [Missing(c, stage, "no key") for c in CHUNKS for stage in ("transcribe", "ocr")]
    result = merged([], [], missing)
    assert result.coverage == (Coverage(0.0, 30.0, "failed", "no key"),)
    assert (result.quality.status, result.language, result.engines) == ("partial", None, {})


def test_a_truncated_file_is_covered_to_its_promised_end():
    media = replace(MEDIA, duration=40.0)
    problem = Problem("TRUNCATED", "breaks off", 30.0, 40.0)
    result = merged(media=media, problems=[problem])
    assert result.coverage[-1] == Coverage(30.0, 40.0, "failed", "TRUNCATED")
    adds_up(result, 40.0)
    assert result.quality.status == "partial"
    assert problem in result.quality.problems
    assert result.video.duration == 40.0


def test_problems_of_chunks_get_the_videos_times():
    said = [transcript(0), transcript(1, problems=(Problem("HALLUCINATION", "said twice", 1.0, 2.0),)), transcript(2)]
    seen = [screens(0), screens(1), screens(2, problems=(Problem("DECODE_ERRORS", "3 packets", 0.0, 9.9),))]
    found = [(p.code, p.start, p.end) for p in merged(said, seen).quality.problems if p.code != "SPEECH_GAP"]
    assert found == [("LOW_QUALITY_ENGINE", 0.0, 0.0), ("HALLUCINATION", 10.87, 11.87), ("DECODE_ERRORS", 20.1, 30.0)]


def test_the_language_is_that_of_most_chunks():
    said = [transcript(0, language="de"), transcript(1, language="en"), transcript(2, language="de")]
    assert merged(said).language == "de"
    assert merged([transcript(i, language=None) for i in range(3)]).language is None


def test_the_video_is_told_as_it_is_and_nothing_of_where_it_was():
    result = merged()
    assert result.video.filename == "talk.mp4"
    assert (result.video.start_time, result.video.container, result.video.size) == (1.4, "mp4", 1000)
    assert result.engines == {"speech": SPHINX, "screen": TESSERACT}
    assert result.schema_version == 1


def test_the_receipt_adds_up():
    usages = [SpeechUsage(10.0, 0.0, 2.5, 3, 0.01), SpeechUsage(0.0, 7.25, 0.75, 0, 0.0)]
    cost = receipt(usages, [screens(0), screens(1)], 7, {"ocr": 1.23456, "extract": 2.0})
    assert cost == Receipt(10.0, 7.25, 3.25, 3, 0.01, 20, 4, 7, {"extract": 2.0, "ocr": 1.235})
    assert list(cost.stage_seconds) == ["extract", "ocr"]
