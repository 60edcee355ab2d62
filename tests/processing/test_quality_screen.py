"""What is wrong with text on the screen, and with the times of all text."""

from dataclasses import replace

import pytest

from include.processing.types import EngineInfo
from processing.quality_cases import MEDIA, found, said, shown, slides, talk


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("|. ~ /\\ _ - ,; '' = |> <| ^^ ,. a :: ~~ )( i", [("SCREEN_SYMBOLS", 30.0, 60.0)], id="texture"),
        pytest.param("∑ (xᵢ − x̄)² / (n − 1) = σ² + ε, n → ∞", [], id="a-formula"),
        pytest.param("for (i = 0; i < n; i++) { a[i] += b[i]; }", [], id="dense-code"),
        pytest.param("Contents\nBirds .................... 3\nRivers . . . . . . . . . . 17", [], id="leaders"),
        pytest.param("a ==> ✓ ☑ <==", [], id="short"),
        pytest.param("00:00:01.000 … 00:12:33.000", [], id="a-clock"),
        pytest.param("今天我们讨论：人工智能，医学。（第一部分）", [], id="chinese"),
    ],
)
def test_symbols(text, expected):
    pages = slides()
    assert found(screen=[pages[0], shown(30.0, 60.0, *text.split("\n")), *pages[2:]]) == expected


TESSERACT, RAPIDOCR = EngineInfo("tesseract+rapidocr", "5"), EngineInfo("rapidocr", "6")


@pytest.mark.parametrize(
    ("engine", "confidences", "expected"),
    [
        pytest.param(TESSERACT, [0.95, 0.6, 0.65, 0.95], [("SCREEN_UNSURE", 30.0, 90.0)], id="a-stretch"),
        pytest.param(
            TESSERACT, [0.6, 0.95, 0.95, 0.6], [("SCREEN_UNSURE", 0.0, 30.0), ("SCREEN_UNSURE", 90.0, 120.0)], id="two"
        ),
        pytest.param(TESSERACT, [0.72, 0.9, 0.9, 0.9], [], id="not-so-sure"),
        pytest.param(
            RAPIDOCR, [0.98, 0.9, 0.98, 0.98], [("SCREEN_UNSURE", 30.0, 60.0)], id="of-rapidocr-more-is-asked"
        ),
    ],
)
def test_unsure(engine, confidences, expected):
    pages = [replace(s, confidence=c) for s, c in zip(slides(), confidences, strict=True)]
    assert found(screen=pages, engines={"screen": engine}) == expected


def test_a_page_number_need_not_be_sure():
    assert found(screen=[*slides(), shown(30.0, 60.0, "7", confidence=0.5)], engines={"screen": TESSERACT}) == []


@pytest.mark.parametrize(
    ("spoken", "screen", "expected"),
    [
        pytest.param(
            [*talk()[:29], said(116.0, 125.0, "after the end")], slides(), [("TEXT_PAST_END", 120.0, 125.0)], id="said"
        ),
        pytest.param(
            talk(), [*slides(), shown(120.0, 131.0, "Credits")], [("TEXT_PAST_END", 120.0, 131.0)], id="shown"
        ),
        pytest.param([*talk()[:29], said(116.0, 120.06, "padding")], slides(), [], id="the-padding-of-a-codec"),
        pytest.param(
            [*talk()[:9], talk()[10], talk()[9], *talk()[11:]], slides(), [("TIMES_WRONG", 36.0, 43.5)], id="swapped"
        ),
        pytest.param(
            [*talk()[:10], replace(talk()[10], end=46.0), *talk()[11:]],
            slides(),
            [("TIMES_WRONG", 40.0, 47.5)],
            id="overlapping",
        ),
        pytest.param(
            [*talk()[:10], replace(talk()[10], end=44.4), *talk()[11:]], slides(), [], id="overlapping-a-little"
        ),
        pytest.param(
            [*talk()[:10], replace(talk()[10], end=46.0, speaker="B"), *talk()[11:]], slides(), [], id="another-speaker"
        ),
        pytest.param(
            [*talk()[:10], replace(talk()[10], end=39.8), *talk()[11:]],
            slides(),
            [("TIMES_WRONG", 36.0, 40.0)],
            id="backwards",
        ),
        pytest.param(
            [*talk()[:10], replace(talk()[10], text=" … "), *talk()[11:]],
            slides(),
            [("EMPTY_TEXT", 40.0, 43.5)],
            id="no-word",
        ),
        pytest.param(talk(), [*slides(), shown(7.0, 9.0, "")], [("EMPTY_TEXT", 7.0, 9.0)], id="no-line"),
    ],
)
def test_times(spoken, screen, expected):
    assert found(spoken, screen) == expected


@pytest.mark.parametrize(
    ("sound", "picture", "readable", "rate", "expected"),
    [
        pytest.param(120.0, 120.0, 120.0, 25.0, [], id="together"),
        pytest.param(120.0, 116.0, 120.0, 25.0, [], id="the-last-picture-stands"),
        pytest.param(60.0, 120.0, 120.0, 25.0, [("STREAMS_DIFFER", 60.0, 120.0)], id="the-sound-breaks-off"),
        pytest.param(120.0, 100.0, 120.0, 25.0, [("STREAMS_DIFFER", 100.0, 120.0)], id="the-picture-breaks-off"),
        pytest.param(120.0, 80.0, 120.0, 0.1, [], id="slides-recorded-when-they-change"),
        pytest.param(60.0, 120.0, 120.0, 0.1, [("STREAMS_DIFFER", 60.0, 120.0)], id="slides-without-sound"),
        pytest.param(60.0, 120.0, 61.0, 25.0, [], id="the-file-breaks-off"),
        pytest.param(None, 120.0, 120.0, 25.0, [], id="unknown"),
    ],
)
def test_streams_apart(sound, picture, readable, rate, expected):
    media = replace(MEDIA, sound_end=sound, picture_end=picture, readable_end=readable, frame_rate=rate)
    assert found(media=media) == expected
