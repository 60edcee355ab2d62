"""What is wrong with speech: each fault raises its own code and no other; what people really say raises none."""

from dataclasses import replace

import pytest

from include.processing.types import Word
from processing.quality_cases import found, said, talk


def with_text(texts, length=3.5):
    """From the tenth sentence on, one each four seconds."""
    begun = talk()
    return [
        *begun[:10],
        *(said(40.0 + 4 * i, 40.0 + 4 * i + length, t) for i, t in enumerate(texts)),
        *begun[10 + len(texts) :],
    ]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(["We do not know what it was."] * 6, [("SPEECH_REPEATED", 40.0, 63.5)], id="a-sentence-six-times"),
        pytest.param(["We do not know what it was."] * 5, [], id="five-times"),
        pytest.param(["Thank you."] * 10, [("SPEECH_REPEATED", 40.0, 79.5)], id="a-short-phrase-ten-times"),
        pytest.param(["Thank you."] * 9, [], id="nine-times"),
        pytest.param(["So it goes, so it goes, so it goes."] * 5, [("SPEECH_REPEATED", 40.0, 59.5)], id="inside-too"),
        pytest.param(["No, no, no, no, no."] * 3, [], id="no-no-no"),
        pytest.param(["No, no, no, no."] * 4, [("SPEECH_REPEATED", 40.0, 55.5)], id="sixteen-noes"),
        pytest.param(["Row, row, row your boat,", "gently down the stream."] * 4, [], id="a-round-four-times"),
        pytest.param([f"Item {n}: done." for n in "abcdefghijkl"], [], id="a-list"),
        pytest.param(["谢谢观看谢谢观看谢谢观看"] * 5, [("SPEECH_REPEATED", 40.0, 59.5)], id="without-spaces"),
    ],
)
def test_repeated(texts, expected):
    assert found(with_text(texts)) == expected


def fast(letters, seconds):
    unlike = (
        "brown fox jumps over lazy dogs while seven wizards quickly vex bold knights among many grey hills far off "
    )
    text = (unlike * 9)[: letters + letters // 4]
    return said(40.0, 40.0 + seconds, text.strip())


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        pytest.param(fast(120, 2.0), [("SPEECH_TOO_FAST", 40.0, 42.0)], id="60-letters-a-second"),
        pytest.param(fast(180, 3.0), [("SPEECH_TOO_FAST", 40.0, 43.0)], id="for-three-seconds"),
        pytest.param(fast(75, 3.0), [], id="a-fast-debater"),
        pytest.param(fast(14, 0.0), [], id="a-word-without-length"),
        pytest.param(said(40.0, 42.0, "我们今天要讨论的是人工智能在医学中的应用"), [], id="chinese-ten-a-second"),
        pytest.param(
            said(40.0, 41.0, "我们今天要讨论的是人工智能在医学中的应用"),
            [("SPEECH_TOO_FAST", 40.0, 41.0)],
            id="chinese-twenty-a-second",
        ),
        pytest.param(
            said(40.0, 42.0, "わたしたちはきょうこのことについてはなします"), [], id="japanese-eleven-a-second"
        ),
    ],
)
def test_too_fast(segment, expected):
    spoken = talk()
    assert found([*spoken[:10], segment, *spoken[11:]]) == expected


def test_much_in_many_short_segments_is_too_fast_together():
    spoken = talk()
    burst = [
        said(40.0 + 0.25 * i, 40.25 + 0.25 * i, f"about {w} things of ours")
        for i, w in enumerate(["seven", "green", "lost", "old"] * 3)
    ]
    assert found([*spoken[:10], *burst, *spoken[11:]]) == [("SPEECH_TOO_FAST", 40.0, 43.0)]


def test_two_who_talk_at_once_are_not_too_fast():
    both = [s for t in talk() for s in (replace(t, speaker="A"), replace(t, start=t.start + 0.1, speaker="B"))]
    dense = [replace(s, text=f"{s.text} {s.text[::-1]}") for s in both]  # 20 letters a second each
    assert found(dense) == []


@pytest.mark.parametrize(
    ("confidences", "expected"),
    [
        pytest.param([0.2] * 30, [("SPEECH_UNSURE", 0.0, 119.5)], id="all-of-it"),
        pytest.param([0.9] * 10 + [0.1] * 12 + [0.9] * 8, [("SPEECH_UNSURE", 44.0, 83.5)], id="one-stretch-is-one"),
        pytest.param(
            [0.1] * 8 + [0.9] * 14 + [0.1] * 8, [("SPEECH_UNSURE", 0.0, 27.5), ("SPEECH_UNSURE", 92.0, 119.5)], id="two"
        ),
        pytest.param([0.9] * 14 + [0.1] + [0.9] * 15, [], id="one-muttered-sentence"),
        pytest.param([0.5] * 30, [], id="half-sure"),
        pytest.param([None] * 30, [], id="nobody-says"),
        pytest.param([None] * 15 + [0.2] * 15, [("SPEECH_UNSURE", 60.0, 119.5)], id="only-those-who-say"),
    ],
)
def test_unsure(confidences, expected):
    spoken = [replace(s, confidence=c) for s, c in zip(talk(), confidences, strict=True)]
    assert found(spoken) == expected


def test_words_tell_where_a_loop_begins():
    words = tuple(Word(40.0 + i / 8, 40.0625 + i / 8, "no") for i in range(20))
    spoken = talk()
    assert found([*spoken[:10], replace(said(40.0, 43.0, " ".join(["no"] * 20)), words=words), *spoken[11:]]) == [
        ("SPEECH_REPEATED", 40.0, 42.4375)
    ]
