"""What was said while it stood on the screen, though one of the two was misread or misheard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.processing import alignment
from include.processing.alignment_likeness import alike
from include.processing.alignment_stopwords import language_of, stopwords
from include.processing.types import ScreenText, Segment, TextBox, Word


def screen(text, start=0.0, end=60.0, confidence=0.9):
    boxes = tuple(TextBox(line, confidence, 40, 40 + 40 * i, 200, 24) for i, line in enumerate(text.split("\n")))
    return ScreenText(start, end, text, confidence, boxes)


def found(said, shown, language="en"):
    """What the words of one segment, said over ten seconds, have in common with a screen."""
    return [(t.text, t.said) for t in alignment.terms([Segment(10.0, 20.0, said)], [screen(shown)], language)]


@pytest.mark.parametrize(
    ("said", "shown", "expected"),
    [
        pytest.param("we use gradient descent here", "Gradient Descent", ["Gradient Descent"], id="a-phrase"),
        pytest.param("this is the state of the art", "State of the art", ["art"], id="of-stop-words-what-tells"),
        pytest.param("the bank of England says", "Bank of England", ["Bank of England"], id="stop-words-inside"),
        pytest.param("and this is what we have", "This is what we have", [], id="stop-words-alone"),
        pytest.param("we ask open AI for it", "OpenAI", ["OpenAI"], id="parted"),
        pytest.param("we ask OpenAI for it", "Open AI", ["Open AI"], id="joined"),
        pytest.param("send an email today", "Your e-mail", ["e-mail"], id="hyphen"),
        pytest.param("an angle of the kernel", "Angel kernel", ["kernel"], id="two-words-that-exist-are-two"),
        pytest.param("supervised learning works", "Supervised leaming", ["Supervised leaming"], id="rn-as-m"),
        pytest.param("the Kubernetes cluster", "Kubemetes c1uster", ["Kubemetes c1uster"], id="letters-as-digits"),
        pytest.param("with cooper netties now", "Kubernetes", ["Kubernetes"], id="a-name-misheard-as-two-words"),
        pytest.param("the models were trained", "Training a model", ["model"], id="plural"),
        pytest.param("in chapter 3 we saw", "Chapter 3", ["Chapter 3"], id="with-its-number"),
        pytest.param("in chapter 4 we saw", "Chapter 3", ["Chapter"], id="another-number"),
        pytest.param("it costs 1,000 dollars", "Price: 1000", ["1000"], id="thousands"),
        pytest.param("it costs 1500 dollars", "Price: 1508", [], id="a-digit-is-no-slip"),
        pytest.param("version 3.5 of it", "35 files", [], id="a-point-counts"),
        pytest.param("an AI writes", "AI", ["AI"], id="an-acronym"),
        pytest.param("and it is so", "IT", [], id="a-small-word-in-capitals"),
        pytest.param("use C++ for this", "C++ and C#", ["C++"], id="signs"),
        pytest.param("vitamin C helps", "Vitamin C", ["Vitamin C"], id="a-letter"),
        pytest.param("the backpropagation step", "Backpropa-\ngation", ["Backpropagation"], id="divided-by-a-line-end"),
        pytest.param("neural networks learn", "Neural\nNetworks", ["Neural Networks"], id="over-a-line-end"),
        pytest.param("a notation", "I mention it", [], id="sounds-alike-but-exists"),
        pytest.param("the operator", "Operations", [], id="of-one-family-but-another-word"),
    ],
)
def test_terms(said, shown, expected):
    assert [text for text, _ in found(said, shown)] == expected


@pytest.mark.parametrize(
    ("language", "said", "shown", "expected"),
    [
        pytest.param("de", "die Netze lernen", "Neuronale Netze und die Zukunft", ["Netze"], id="german"),
        pytest.param("de", "das Netz lernt", "Netze", ["Netze"], id="german-plural"),
        pytest.param("fr", "la descente de gradient", "Descente de gradient", ["Descente de gradient"], id="french"),
        pytest.param("es", "las redes neuronales son", "Redes neuronales", ["Redes neuronales"], id="spanish"),
        pytest.param("ru", "мы обучаем модели сегодня", "Модель", ["Модель"], id="russian-case"),
        pytest.param("zh", "我们今天学习神经网络的结构", "神经网络", ["神经网络"], id="chinese"),
        pytest.param("zh", "我们今天学习", "我们的", [], id="chinese-stop-word"),
        pytest.param("ja", "ここでデータベースを使います", "データベース設計", ["データベース"], id="japanese"),
        pytest.param("ja", "これはあります", "あります", [], id="japanese-stop-word"),
        pytest.param("ko", "데이터베이스를 사용합니다", "데이터베이스", ["데이터베이스"], id="korean-particle"),
        pytest.param("hi", "यह एक तंत्रिका नेटवर्क है", "तंत्रिका नेटवर्क", ["तंत्रिका नेटवर्क"], id="hindi"),
        pytest.param("th", "เราเรียนฐานข้อมูลวันนี้", "ฐานข้อมูล", ["ฐานข้อมูล"], id="thai"),
        pytest.param("ar", "نتعلم الشبكات العصبية اليوم", "الشبكات العصبية", ["الشبكات العصبية"], id="arabic"),
        pytest.param("ta", "இன்று நரம்பியல் வலையமைப்பு", "நரம்பியல் வலையமைப்பு", ["நரம்பியல் வலையமைப்பு"], id="no-list"),
    ],
)
def test_languages(language, said, shown, expected):
    assert [text for text, _ in found(said, shown, language)] == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("this is what we have seen and it was not so easy to do", "en", id="english"),
        pytest.param("das ist nicht so einfach und wir haben es auch nicht gesehen", "de", id="german"),
        pytest.param("kubernetes docker terraform ansible", None, id="names"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_the_language_is_told_by_its_stop_words(said, expected):
    assert language_of(said.split()) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(0.0, 60.0, ["Gradient"], id="stands"),
        pytest.param(0.0, 8.0, ["Gradient"], id="stood-a-moment-ago"),
        pytest.param(0.0, 6.0, [], id="went-long-before"),
        pytest.param(13.0, 60.0, ["Gradient"], id="comes-in-a-moment"),
        pytest.param(14.5, 60.0, [], id="comes-long-after"),
    ],
)
def test_when_it_stands(start, end, expected):
    said = [Segment(10.0, 11.0, "gradient")]
    assert [t.text for t in alignment.terms(said, [screen("Gradient", start, end)], "en")] == expected


def test_the_screen_that_stands_comes_before_one_that_went():
    said = [Segment(10.0, 11.0, "gradient")]
    shown = [screen("Gradient", 0.0, 9.0), screen("The Gradient", 9.0, 20.0)]
    assert [t.screen for t in alignment.terms(said, shown, "en")] == [1]


def test_each_time_it_is_said():
    """With the times of its words, the less sure of both confidences, and where it was said and shown."""
    words = (Word(10.0, 10.2, "the", 0.9), Word(10.2, 10.9, "gradient", 0.6))
    said = [Segment(10.0, 10.9, "the gradient", 0.8, words=words), Segment(12.0, 13.0, "Gradient", 0.95)]
    first, second = alignment.terms(said, [screen("One\nGradient", confidence=0.9)], "en")
    assert (first.start, first.end, first.said, first.segment, first.confidence) == (10.2, 10.9, "gradient", 0, 0.6)
    assert (second.start, second.end, second.said, second.segment, second.confidence) == (
        12.0,
        13.0,
        "Gradient",
        1,
        0.9,
    )


def test_a_clock_says_nothing():
    assert alignment.terms([Segment(1.0, 3.0, "it is 10:15 now")], [screen("10:15 … 10:45")], "en") == ()


def test_what_stood_while_it_was_said():
    shown = [screen("A", 0.0, 5.0), screen("B", 5.0, 9.0), screen("0:00 … 0:20", 2.0, 20.0)]
    shown.sort(key=lambda s: s.start)
    spoken = [
        Segment(0.0, 1.0, "a"),
        Segment(1.0, 5.0, "b"),
        Segment(4.0, 6.0, "c"),
        Segment(9.0, 9.5, "d"),
        Segment(30.0, 31.0, "e"),
    ]
    assert alignment.shown_while(spoken, shown) == [(0,), (0, 1), (0, 1, 2), (1,), ()]


times = st.floats(0, 100).map(lambda t: round(t, 3))


@given(st.lists(st.tuples(times, times), max_size=12), st.lists(st.tuples(times, times), max_size=12))
def test_what_stood_is_what_overlaps(spoken, shown):
    said = [Segment(min(t), max(t) + 0.001, "x") for t in spoken]
    screens = sorted((screen("x", min(t), max(t)) for t in shown), key=lambda s: (s.start, s.end))
    expected = [tuple(i for i, s in enumerate(screens) if s.start < w.end and s.end > w.start) for w in said]
    assert alignment.shown_while(said, screens) == expected


RARE = ["kubernetes", "tensorflow", "photosynthesis", "blockchain", "mitochondria", "metamorphosis", "eigenvalue"]


@given(st.sampled_from(RARE), st.data())
def test_one_slip_in_a_long_word_is_the_same_word(word, data):
    at = data.draw(st.integers(1, len(word) - 1))
    slip = data.draw(st.sampled_from(["", "e", "o", "t"]))
    assert alike(word, word[:at] + slip + word[at + 1 :], "en") >= 0.8


@given(st.lists(st.sampled_from([*RARE, "the", "of", "is", "and", "this"]), min_size=1, max_size=20))
def test_all_that_is_read_out_is_found(tokens):
    """Every word that tells something, once; never one that says nothing by itself."""
    text = " ".join(tokens)
    made = found(text, text)
    assert sum(said.split().count(word) for _, said in made for word in RARE) == sum(t in RARE for t in tokens)
    assert all(said.split()[0] in RARE and said.split()[-1] in RARE for _, said in made)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_will_do(said, shown):
    for term in alignment.terms([Segment(1.0, 2.0, said)], [screen(shown)]):
        assert 1.0 <= term.start <= term.end <= 2.0
        assert term.text


def test_stop_words_of_many_languages():
    assert {"the", "dont"} <= stopwords("en")
    assert all(len(stopwords(language)) > 50 for language in ("de", "fr", "es", "ru", "zh", "ja", "ar", "hi"))
