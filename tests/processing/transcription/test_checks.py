"""What a recogniser invents is taken out and put on record; what was said stays."""

import sys
from pathlib import Path

import pytest
from answers import answer, codes, deaf, hears, segment, texts, voiced
from hypothesis import example, given
from hypothesis import strategies as st

from include.processing.transcription.checks import checked, tidied
from include.processing.transcription.spoken import joined, tokens
from include.processing.types import Segment, Span, Word

LOOP = "and then we go to the next one"


# --- the same again and again ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(["no, no, no"], ["no, no, no"], id="three-noes"),
        pytest.param(["No " * 7 + "no."], ["No " * 7 + "no."], id="eight-noes"),
        pytest.param(["No, " * 30 + "no."], ["No,"], id="a-word-for-ever"),
        pytest.param(["I know. " + "you " * 40], ["I know. you"], id="after-real-words"),
        pytest.param(["Thank you. " * 5], ["Thank you. " * 5], id="five-thanks-after-applause"),
        pytest.param(["Thank you. " * 6], ["Thank you."], id="six"),
        pytest.param([f"{LOOP}. " * 3], [f"{LOOP}. " * 3], id="a-chorus-of-three"),
        pytest.param([f"{LOOP}. " * 4], [f"{LOOP}."], id="a-sentence-four-times"),
        pytest.param([f"{LOOP}. "] * 6, [f"{LOOP}."], id="in-segments-of-its-own"),
        pytest.param([f"{LOOP} " * 5 + "and then we"], [LOOP], id="broken-off-in-the-middle"),
        pytest.param([f"{LOOP}. " * 5 + "and then we stop."], [f"{LOOP}. and then we stop."], id="and-then-on"),
        pytest.param([f"{LOOP}. {LOOP.upper()}! “{LOOP}” - {LOOP}"], [f"{LOOP}."], id="written-differently"),
        pytest.param(["好" * 20], ["好"], id="chinese-letter"),
        pytest.param(["我们现在去下一个地方。" * 5], ["我们现在去下一个地方。"], id="chinese-sentence"),
        pytest.param(["ご視聴は無料です" * 6], ["ご視聴は無料です"], id="japanese"),
        pytest.param(["네 " * 12], ["네"], id="korean"),
        pytest.param(["one two " * 5 + "three four " * 5], ["one two " * 5 + "three four " * 5], id="two-short-runs"),
        pytest.param(["1 2 3 4 5 6 7 8 9 10"], ["1 2 3 4 5 6 7 8 9 10"], id="counting"),
    ],
)
def test_loops_are_kept_once(said, expected):
    segments = answer(*(" ".join(text.split()) for text in said))
    kept, problems = checked(segments, voiced(segments), segments[-1].end, hears((0, 90)))
    assert texts(kept) == [" ".join(text.split()) for text in expected]
    assert set(codes(problems)) == (set() if texts(kept) == texts(segments) else {"ASR_REPEATED"})


def test_a_loop_is_on_record():
    segments = answer("Welcome.", f"{LOOP}. " * 4 + LOOP)
    kept, (problem,) = checked(segments, voiced(segments), 20.0)
    assert texts(kept) == ["Welcome.", f"{LOOP}."]
    assert kept[0] is segments[0]
    assert kept[1].words == segments[1].words[:8]
    assert (kept[1].end, problem.start) == (kept[1].words[-1].end, pytest.approx(kept[1].end, abs=1e-3))
    assert problem.message == (
        "“and then we go to the next one. and then we go to the next…” was taken out: "
        "it came 5 times on end, as in a loop"
    )
    assert problem.end == pytest.approx(segments[1].end, abs=1e-3)


# --- more than can be said ------------------------------------------------------------------------------------------

SENTENCE = "This is a long sentence that takes nearly four seconds to say."


@pytest.mark.parametrize(
    ("said", "islands", "expected"),
    [
        pytest.param([(SENTENCE, 1, 5)], [(1, 5)], [SENTENCE], id="in-its-time"),
        pytest.param([(SENTENCE, 1, 3)], [(1, 1.5), (1.6, 2.9)], [SENTENCE], id="twice-as-fast"),
        pytest.param([(SENTENCE, 1, 5)], [(2, 2.3)], [], id="over-a-click"),
        pytest.param([(SENTENCE, 1, 1.2)], [(0, 9)], [SENTENCE], id="a-time-too-short-by-mistake"),
        pytest.param([("Hello.", 1, 1.5)], [(1.1, 1.2)], ["Hello."], id="a-word-over-a-tenth-of-a-second"),
        pytest.param(
            [("Yes.", 1, 2), (SENTENCE, 2, 6)], [(1, 1.5), (5.5, 5.6)], ["Yes."], id="only-the-one-that-cannot"
        ),
        pytest.param(
            [(SENTENCE, 0, 4), (SENTENCE[::-1], 4, 5), ("And so on.", 5, 9)],
            [(0, 4), (4.9, 9)],
            [SENTENCE, "And so on."],
            id="between-two-that-can",
        ),
        pytest.param([("你好，今天我们来看一个很长的句子，它需要说好几秒钟。", 0, 4)], [(0, 4)], None, id="chinese"),
        pytest.param(
            [("你好，今天我们来看一个很长的句子，它需要说好几秒钟。", 0, 4)], [(0, 0.3)], [], id="chinese-over-a-click"
        ),
        pytest.param([("客観的実在の判断的知識が成立するのである。", 0, 2)], [(0, 2)], None, id="japanese"),
        pytest.param(
            [("데이터 모델 테스트 및 끝점 같은 콘텐츠는 프로젝트로 구성됩니다", 0, 4)],
            [(3.7, 4)],
            [],
            id="korean-over-a-click",
        ),
    ],
)
def test_nobody_says_more_than_there_is_voice_for(said, islands, expected):
    segments = tuple(segment(*s) for s in said)
    kept, problems = checked(segments, [Span(*i) for i in islands], 10.0)
    assert texts(kept) == (texts(segments) if expected is None else expected)
    assert codes(problems) == ["ASR_TOO_FAST"] * (len(segments) - len(kept))


def test_two_who_speak_at_once_are_not_too_fast():
    one, other = segment(SENTENCE * 2, 0, 3.5, "A"), segment(SENTENCE * 2, 0.1, 3.6, "B")
    assert checked((one, other), [Span(0, 3.6)], 4.0) == ((one, other), ())


def test_of_a_text_laid_over_too_little_voice_the_first_part_stays():
    said = (segment("So it begins.", 0, 0.2), segment(SENTENCE, 0.2, 1.0), segment(SENTENCE[::-1], 1.0, 1.8))
    kept, problems = checked(said, [Span(0, 1.8)], 2.0, laid=True)
    assert texts(kept) == ["So it begins.", SENTENCE]
    assert codes(problems) == ["ASR_TOO_FAST"]


def test_where_text_was_laid_by_us_its_pace_is_the_whole_answers():
    said = (segment(SENTENCE, 0, 0.5), segment("And so on.", 0.5, 6))
    assert checked(said, [Span(0, 6)], 6.0, laid=True) == (said, ())


def test_a_voice_that_the_islands_missed_is_heard():
    said = (segment(SENTENCE, 1, 5),)
    assert checked(said, [Span(2, 2.3)], 10.0, hears((1, 5))) == (said, ())
    assert checked(said, [Span(2, 2.3)], 10.0, deaf)[0] == ()


# --- text where no voice is -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "ear", "stays"),
    [
        pytest.param(6.4, 7.0, None, True, id="half-a-second-late"),
        pytest.param(6.6, 8.0, None, False, id="later"),
        pytest.param(0.1, 1.4, None, False, id="before"),
        pytest.param(6.6, 8.0, deaf, False, id="later-and-nobody-heard"),
        pytest.param(6.6, 8.0, hears((6.7, 7.8)), True, id="a-quiet-voice"),
    ],
)
def test_a_segment_far_from_any_voice_goes(start, end, ear, stays):
    said = (segment("He said so.", 2, 4), segment("A murmur.", start, end))
    kept, problems = checked(tuple(sorted(said, key=lambda s: s.start)), [Span(2, 6)], 10.0, ear)
    assert len(kept) == 1 + stays
    assert codes(problems) == ([] if stays else ["ASR_NO_VOICE"])


# --- all of them ----------------------------------------------------------------------------------------------------


def test_one_check_after_the_other():
    """What the loop leaves is a phantom; without it the answer is empty."""
    said = answer("Thank you for watching. " * 8 + "Thank you for watching.", "Untertitelung des ZDF, 2020")
    kept, problems = checked(said, [Span(0, 10)], 20.0, deaf)
    assert kept == ()
    assert sorted(codes(problems)) == ["ASR_PHANTOM", "ASR_PHANTOM", "ASR_REPEATED"]


def test_a_text_without_times_is_tidied_before_it_is_laid():
    heard = Segment(0.0, 12.0, f"Welcome. {f'{LOOP}. ' * 9}Subtitles by the Amara.org community", 0.9)
    (kept,), problems = tidied((heard,), 12.0)
    assert kept.text == f"Welcome. {LOOP}."
    assert (kept.words, kept.confidence) == ((), 0.9)
    assert sorted(codes(problems)) == ["ASR_PHANTOM", "ASR_REPEATED"]


def test_words_that_are_not_the_text_do_not_count():
    """Some servers spread words over the wrong segments."""
    stray = (Word(1, 2, "for"), Word(2, 3, "watching."))
    said = Segment(0, 3, f"{LOOP}. " * 4 + "The end.", words=stray)
    (kept,), _ = checked((said,), [Span(0, 3)], 3.0)
    assert (kept.text, kept.words) == (f"{LOOP}. The end.", ())


@pytest.mark.parametrize("segments", [(), (Segment(0.0, 1.0, ""),)])
def test_an_empty_answer_is_left_alone(segments):
    assert checked(segments, [], 1.0, deaf) == (segments, ())


WORDS = st.sampled_from(
    ["no", "No,", "you", "Thank", "for", "watching.", "gate", "Amara.org", "[Music]", "好", "。", "♪"]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=30).map(lambda w: joined(tokens(" ".join(w))))
TIMES = st.tuples(st.floats(0, 28), st.floats(0, 3)).map(lambda t: (round(t[0], 3), round(t[0] + t[1], 3)))
SEGMENTS = st.lists(st.tuples(TEXTS, TIMES, st.sampled_from([None, "A", "B"])), max_size=6).map(
    lambda found: tuple(sorted((segment(t, *times, who) for t, times, who in found), key=lambda s: (s.start, s.end)))
)
ISLANDS = st.lists(TIMES, max_size=5).map(lambda times: [Span(a, b) for a, b in sorted(times)])
EARS = st.sampled_from([None, deaf, hears((0, 40)), hears((3, 9))])


@given(SEGMENTS, ISLANDS, EARS, st.booleans())
@example((segment("you you", 0, 0),), [], None, True)
def test_whatever_is_answered(segments, islands, ear, laid):
    kept, problems = checked(segments, islands, 31.0, ear, laid=laid)
    assert (kept == segments) == (problems == ())
    assert checked(kept, islands, 31.0, ear, laid=laid) == (kept, ())
    said = [w for s in segments for w in s.words]
    assert all(word in said for s in kept for word in s.words)
    for s in kept:
        assert s.text == joined(w.text for w in s.words)
        assert s.text.strip()
        assert s.start <= s.end
    assert all(0 <= p.start <= p.end <= 31 and len(p.message) < 200 and "\n" not in p.message for p in problems)
    gone = len(said) - sum(len(s.words) for s in kept)
    assert (gone > 0) == bool(problems)


# --- the truth ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", params=["short_shared", "subs_shared"])
def recording(request, media_dir):
    sys.path.insert(0, str(media_dir.parent / "tools"))
    try:
        from oracle_asr import Recording
    finally:
        sys.path.pop(0)
    composed = Path(media_dir, "composed")
    return composed / f"{request.param}.mp4", Recording(
        composed / f"{request.param}.mp4", composed / f"{request.param}.truth.json"
    )


def test_no_word_of_the_truth_is_dropped(recording):
    """Each stretch of the sound with the words that lie in it; the sound decides."""
    import av
    import numpy as np

    from include.processing.audio import RATE
    from include.processing.speech_activity import levels
    from include.processing.speech_gate import ear
    from include.processing.transcription.stretches import stretches

    path, truth = recording
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(path)) as video:
        frames = [f for frame in video.decode(audio=0) for f in resampler.resample(frame)]
    samples = np.concatenate([f.to_ndarray()[0] for f in frames])
    words = 0
    for stretch in stretches(levels(samples)):
        a, b = stretch.start, stretch.end
        inside = [w for w in truth.words if a <= w["start"] and w["end"] <= b]
        said = tuple(segment(w["text"], w["start"] - a, w["end"] - a) for w in inside)
        islands = [Span(v.start - a, v.end - a) for v in stretch.voiced]
        sound = samples[round(a * RATE) : round(b * RATE)]
        assert checked(said, islands, b - a) == (said, ())
        assert checked(said, islands, b - a, ear(sound), laid=True) == (said, ())
        words += len(said)
    assert words > 0.9 * len(truth.words)
