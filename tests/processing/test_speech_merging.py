"""Speech over the seams between chunks: what both heard at the same time is there once, all else stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.processing.speech_merging import heard_once, speech_over_seams
from include.processing.types import Chunk, Coverage, EngineInfo, Segment, Transcript, Word

ENGINE = EngineInfo("fake")


def segment(*words):
    """Of (start, end, text)."""
    made = tuple(Word(*w) for w in words)
    return Segment(made[0].start, made[-1].end, " ".join(w.text for w in made), 0.9, words=made)


def texts(segments):
    return [s.text for s in segments]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            [(8, 9, "the"), (9.6, 10, "gradi")],
            [(9.6, 10.2, "gradient"), (10.2, 11, "descent")],
            (["the"], ["gradient descent"]),
            id="cut-off-at-the-end",
        ),
        pytest.param(
            [(8, 9, "the"), (9.6, 10.2, "gradient")],
            [(9.9, 10.2, "dient"), (10.2, 11, "descent")],
            (["the gradient"], ["descent"]),
            id="cut-off-at-the-beginning",
        ),
        pytest.param(
            [(8, 9, "the"), (9.5, 10.1, "gradient")],
            [(9.6, 10.2, "Gradient,"), (10.2, 11, "descent")],
            (["the gradient"], ["descent"]),
            id="heard-by-both",
        ),
        pytest.param(
            [(8, 9, "steepest"), (9, 9.5, "gradient"), (9.5, 10, "desc")],
            [(9.1, 9.5, "gradient"), (9.5, 10.2, "descent"), (10.2, 11, "works")],
            (["steepest gradient"], ["descent works"]),
            id="two-words-the-last-cut-off",
        ),
        pytest.param(
            [(8, 9, "very"), (9.5, 10, "very")],
            [(10, 10.4, "very"), (10.5, 11, "good")],
            (["very very"], ["very good"]),
            id="said-again-right-after",
        ),
        pytest.param(
            [(9, 9.4, "very"), (9.5, 10.05, "very")],
            [(10, 10.4, "very"), (10.5, 11, "good")],
            (["very very"], ["very good"]),
            id="times-that-touch-are-no-word-twice",
        ),
        pytest.param(
            [(8, 9, "Thank"), (9, 9.9, "you.")],
            [(10.1, 11, "Thank"), (11, 11.9, "you.")],
            (["Thank you."], ["Thank you."]),
            id="a-sentence-twice",
        ),
        pytest.param(
            [(8, 9, "So"), (9, 10.5, "yes")],
            [(9.5, 10.2, "but"), (10.2, 11, "no")],
            (["So yes"], ["but no"]),
            id="two-talk-at-once",
        ),
        pytest.param(
            [(9.6, 10, "gradi")],
            [(9.6, 10.2, "gradient"), (10.2, 11, "descent")],
            ([], ["gradient descent"]),
            id="nothing-else-was-heard",
        ),
    ],
)
def test_at_a_seam(before, after, expected):
    left, right = heard_once([segment(*before)], [segment(*after)])
    assert (texts(left), texts(right)) == expected


def test_segments_without_words_share_their_time():
    left, right = heard_once([Segment(8.0, 10.0, "all the same")], [Segment(9.4, 11.4, "same old story")])
    assert (texts(left), texts(right)) == (["all the same"], ["old story"])


def test_in_video_time_and_its_order():
    def heard(i, *segments):
        chunk = Chunk("v", i, 10.0 * i, 10.0 * (i + 1), 3)
        return Transcript(chunk, ENGINE, "en", segments, (Coverage(0.0, 10.0, "transcribed"),))

    found = speech_over_seams(
        [
            heard(0, segment((1, 2, "one")), segment((9.4, 9.9, "tw"))),
            heard(1, segment((-0.6, 0.3, "two"), (1, 2, "three"))),
            heard(2),
        ]
    )
    assert [(s.start, s.end, s.text) for s in found] == [(1, 2, "one"), (9.4, 12, "two three")]


@st.composite
def talks(draw):
    """Words one after the other, from few different ones, so that many come again."""
    time, words = 0.0, []
    for _ in range(draw(st.integers(1, 30))):
        time += draw(st.floats(0, 1))
        end = time + draw(st.floats(0.01, 0.6))
        words.append((round(time, 3), round(end, 3), draw(st.sampled_from(["no", "yes", "nobody", "es"]))))
        time = end
    return words


@given(talks(), st.integers(0, 30))
def test_no_repeat_is_lost_where_words_follow_each_other(talk, at):
    before, after = [[segment(w) for w in part] for part in (talk[:at], talk[at:])]
    assert heard_once(before, after) == (tuple(before), tuple(after))


@given(talks(), st.integers(0, 29), st.integers(1, 4))
def test_what_both_heard_is_there_once(talk, at, shared):
    """Two chunks that share some sound tell what one tells."""
    before, after = [[segment(w) for w in part] for part in (talk[: at + shared], talk[at:])]
    left, right = heard_once(before, after)
    assert texts([*left, *right]) == [w[2] for w in talk]
