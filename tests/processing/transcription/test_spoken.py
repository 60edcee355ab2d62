"""Words of a text in any script: put together again, measured, and where a pause may follow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.processing.transcription.spoken import Ending, clings, ending, joined, length, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(" Mr.  Smith\nleft, ", ("Mr.", "Smith", "left,"), id="spaces"),
        pytest.param("文です。次", ("文", "で", "す。", "次"), id="japanese"),
        pytest.param("完成 后，好", ("完", "成 ", "后，", "好"), id="a-space-in-chinese"),
        pytest.param("查看 WER 错", ("查", "看 ", "WER ", "错"), id="latin-within-chinese"),
        pytest.param("用WER测", ("用", "WER", "测"), id="latin-without-spaces"),
        pytest.param("데이터, 모델", ("데이터,", "모델"), id="korean-has-spaces"),
        pytest.param("ดี มา", ("ดี ", "มา"), id="thai"),
        pytest.param("", (), id="nothing"),
    ],
)
def test_words_of_a_text(text, expected):
    assert tokens(text) == expected
    assert joined(expected) == " ".join(text.split())


@given(st.text("ab.,! 文字かなคำ日「」가나\n", max_size=60))
def test_the_words_make_the_text_again(text):
    assert joined(tokens(text)) == " ".join(text.split())
    assert all(token.strip() for token in tokens(text))


@given(st.text("abé.,!? \n—0가", max_size=60))
def test_where_a_script_has_spaces_they_stand_between_its_words(text):
    assert list(tokens(text)) == text.split()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("the", 4.8, id="letters-and-what-is-between-words"),
        pytest.param("the,", 4.8, id="marks-are-not-said"),
        pytest.param("1999", 17.8, id="a-numeral-is-a-word"),
        pytest.param("25%", 14.8, id="per-cent"),
        pytest.param("Mr.", 7.8, id="an-abbreviation-is-said-in-full"),
        pytest.param("USA", 7.8, id="capitals-are-spelt"),
        pytest.param("한국", 8.6, id="hangul"),
        pytest.param("日", 4.0, id="an-ideograph"),
        pytest.param("—", 0.5, id="a-dash"),
    ],
)
def test_how_long_a_word_takes(word, expected):
    assert length(word) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("word", "following", "expected"),
    [
        pytest.param("left.", "Then", Ending.SENTENCE, id="full-stop"),
        pytest.param("left.", "then", Ending.SENTENCE, id="full-stop-before-a-small-letter"),
        pytest.param('"No!"', None, Ending.SENTENCE, id="quoted"),
        pytest.param("す。", "次", Ending.SENTENCE, id="ideographic"),
        pytest.param("ہے۔", None, Ending.SENTENCE, id="urdu"),
        pytest.param("Mr.", "Smith", Ending.NOTHING, id="a-title"),
        pytest.param("D.", "Manuel", Ending.NOTHING, id="an-initial"),
        pytest.param("e.g.", "this", Ending.NOTHING, id="letters-with-stops"),
        pytest.param("well...", "maybe", Ending.CLAUSE, id="trailing-off"),
        pytest.param("well...", "Maybe", Ending.SENTENCE, id="trailing-off-for-good"),
        pytest.param("however,", "it", Ending.CLAUSE, id="comma"),
        pytest.param("—", "and", Ending.CLAUSE, id="a-dash-by-itself"),
        pytest.param("self-made", "man", Ending.NOTHING, id="a-hyphen-inside"),
        pytest.param("ดี ", "มา", Ending.CLAUSE, id="a-space-in-thai"),
        pytest.param("看 ", "WER", Ending.NOTHING, id="a-space-before-latin-letters"),
        pytest.param("plain", "word", Ending.NOTHING, id="no-mark"),
    ],
)
def test_what_ends_with_a_word(word, following, expected):
    assert ending(word, following) is expected


@pytest.mark.parametrize(
    ("word", "following", "expected"),
    [
        pytest.param("the", "middle", True, id="article"),
        pytest.param("middle", "of", False, id="before-a-preposition"),
        pytest.param("か", "な", True, id="inside-japanese"),
        pytest.param("に", "電", False, id="where-a-japanese-phrase-begins"),
        pytest.param("后，", "你", False, id="after-a-mark"),
    ],
)
def test_words_that_stay_together(word, following, expected):
    assert clings(word, following) is expected
