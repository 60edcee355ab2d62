"""Texture that was taken for letters is left out and counted; what is short and sure stays."""

import pytest
from stood import line, track

from include.processing.ocr.junk import is_text, without_junk


def kept(found):
    return without_junk([found]) == ((found,), 0)


@pytest.mark.parametrize(
    ("text", "confidence", "stays"),
    [
        pytest.param("Quarterly results", 0.9, True, id="a-line"),
        pytest.param("Quarterly results", 0.35, True, id="a-line-of-small-print"),
        pytest.param("Quxrtcrly rcsults", 0.1, False, id="guessed"),
        pytest.param("7", 0.9, True, id="a-page-number"),
        pytest.param("A", 0.95, True, id="an-answer-to-tick"),
        pytest.param("7", 0.4, False, id="a-speck"),
        pytest.param("$ 5", 0.8, True, id="a-price"),
        pytest.param("是的", 0.9, True, id="two-chinese-letters"),
        pytest.param("|", 0.95, False, id="a-caret"),
        pytest.param("— * · ~", 0.95, False, id="dust"),
        pytest.param("", 0.95, False, id="nothing"),
        pytest.param("a ~ | — .. n ;", 0.5, False, id="texture"),
        pytest.param("if (a[i] != b[j]) { x += 2; }", 0.7, True, id="code"),
        pytest.param("}); // --->", 0.9, False, id="signs-alone"),
        pytest.param("x = (y[0] += 1);", 0.8, True, id="mostly-signs-but-sure"),
    ],
)
def test_what_stands_still(text, confidence, stays):
    assert kept(track(0, 9, text, confidence=confidence)) is stays
    assert is_text(line(text, confidence=confidence)) is stays


@pytest.mark.parametrize(
    ("text", "confidence", "ticks", "stays"),
    [
        pytest.param("Wherever you went", 0.9, 1, True, id="a-subtitle-of-a-second"),
        pytest.param("Wherever you went", 0.6, 3, True, id="doubtful-but-there-for-long"),
        pytest.param("lllEtm Wrn", 0.6, 1, False, id="leaves-for-a-moment"),
        pytest.param("lllEtm Wrn", 0.4, 4, False, id="leaves-for-long"),
        pytest.param("No!", 0.95, 1, True, id="a-short-word"),
        pytest.param("No!", 0.65, 1, False, id="a-short-doubtful-word-for-a-moment"),
        pytest.param("EXIT", 0.7, 5, True, id="a-sign"),
    ],
)
def test_what_stands_over_a_film(text, confidence, ticks, stays):
    assert kept(track(0, 9, text, film=True, confidence=confidence, ticks=ticks)) is stays


def test_order_stays_and_the_rest_is_counted():
    text, junk = track(0, 9, "Agenda"), track(0, 9, "~ | —")
    assert without_junk([junk, text, junk, track(0, 9, "of the day", 90)]) == ((text, track(0, 9, "of the day", 90)), 2)
    assert without_junk([]) == ((), 0)
