"""Names of engines and languages, and refusals before any work."""

import sys

import pytest

from include.processing.errors import PermanentError
from include.processing.ocr import BEST, NAMES, check_ocr, ocr_engine, ppocr, resolve_ocr
from include.processing.ocr import tesseract_data as data
from include.processing.ocr.languages import PPOCR_READS, easyocr_languages, packs, tesseract_language


@pytest.fixture
def only_english(monkeypatch, tmp_path):
    """Tesseract as Debian installs it."""
    for pack in ("eng", "osd"):
        (tmp_path / f"{pack}.traineddata").touch()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    data.tessdata.cache_clear()
    yield tmp_path
    data.tessdata.cache_clear()


@pytest.mark.parametrize(
    ("language", "names"),
    [
        pytest.param(None, "eng", id="nothing-said"),
        pytest.param("", "eng", id="empty"),
        pytest.param("en", "eng", id="iso-639-1"),
        pytest.param("de-AT", "deu", id="with-a-country"),
        pytest.param("deu", "deu", id="tesseract's-own"),
        pytest.param("en+de", "eng+deu", id="two"),
        pytest.param("deu+eng", "deu+eng", id="two-of-tesseract's"),
        pytest.param("en, de", "eng+deu", id="with-a-comma"),
        pytest.param("en+eng+en-GB", "eng", id="the-same-three-times"),
        pytest.param("zh", "chi_sim", id="chinese"),
        pytest.param("zh-Hant", "chi_tra", id="script"),
        pytest.param("zh_TW", "chi_tra", id="country-that-means-a-script"),
        pytest.param("zh-Hans-CN", "chi_sim", id="script-and-country"),
        pytest.param("zh-Hant-TW", "chi_tra", id="script-and-country-traditional"),
        pytest.param("sr", "srp", id="serbian"),
        pytest.param("sr-Latn", "srp_latn", id="serbian-in-latin"),
        pytest.param("sr-Latn-RS", "srp_latn", id="serbian-in-latin-with-country"),
        pytest.param("az-Cyrl", "aze_cyrl", id="azeri-in-cyrillic"),
        pytest.param("nb", "nor", id="bokmål"),
        pytest.param("chi_sim_vert", "chi_sim_vert", id="a-pack-that-no-code-names"),
        pytest.param("tlh", "tlh", id="unknown-stays"),
    ],
)
def test_languages(language, names):
    assert tesseract_language(language) == names
    assert "+".join(packs(language)) == names


@pytest.mark.parametrize(
    ("language", "names"),
    [
        pytest.param("en", ["en"], id="one"),
        pytest.param("deu+eng", ["de", "en"], id="two"),
        pytest.param("zh-Hant", ["ch_tra"], id="chinese"),
        pytest.param("sr-Latn", ["rs_latin"], id="serbian"),
        pytest.param("nn", ["no"], id="norwegian"),
    ],
)
def test_languages_as_easyocr_calls_them(language, names):
    assert easyocr_languages(language) == names


def test_auto_takes_what_can_read_the_language(only_english):
    pytest.importorskip("tesserocr")
    if ppocr.models() is None:
        pytest.skip("rapidocr is not installed")
    assert resolve_ocr("auto") == BEST
    assert resolve_ocr("auto", "de") == "rapidocr"
    assert resolve_ocr("auto", "ru") == "tesseract"  # whose missing pack is then named, with what installs it
    assert resolve_ocr("tesseract", "ru") == "tesseract"


@pytest.mark.parametrize(
    ("name", "language", "message"),
    [
        pytest.param(
            "paper", None, "OCR_ENGINE: no OCR engine is called 'paper'; choose one of auto, tesser", id="name"
        ),
        pytest.param("tesseract+paper", None, "OCR_ENGINE: no OCR engine is called 'paper'", id="second-name"),
        pytest.param("rapidocr+rapidocr", None, "OCR_ENGINE: 'rapidocr.rapidocr' is not one engine or two", id="twice"),
        pytest.param("tesseract", "ru", "OCR_LANGUAGE: .* 'rus' .*apt-get install tesseract-ocr-rus\\)$", id="pack"),
        pytest.param("tesseract", "en+de", "OCR_LANGUAGE: .* 'deu' .*or use the engine rapidocr$", id="other-engine"),
        pytest.param("tesseract+rapidocr", "zh-Hant", "OCR_LANGUAGE: .* 'chi_tra' ", id="pack-of-the-first"),
        pytest.param(
            "rapidocr", "ru", "OCR_LANGUAGE: rapidocr cannot read 'rus': .*tesseract .*\\(rus\\)$", id="script"
        ),
        pytest.param("rapidocr", "en+ko,el", "OCR_LANGUAGE: rapidocr cannot read 'kor', 'ell': ", id="scripts"),
        pytest.param("rapidocr", "xx", "OCR_LANGUAGE: rapidocr cannot read 'xx'", id="unknown-language"),
        pytest.param("auto", "ru", "OCR_LANGUAGE: .* 'rus' .*", id="auto"),
    ],
)
def test_a_refusal_comes_before_any_work(only_english, name, language, message):
    pytest.importorskip("tesserocr")
    if ppocr.models() is None:
        pytest.skip("rapidocr is not installed")
    for refuses in (check_ocr, ocr_engine):
        with pytest.raises(PermanentError, match=message):
            refuses(name, language)


@pytest.mark.parametrize("language", ["en", "de+en", "zh", "ja", "tr", "sr-Latn"])
def test_rapidocr_reads_what_its_models_have_letters_for(language):
    if ppocr.models() is None:
        pytest.skip("rapidocr is not installed")
    check_ocr("rapidocr", language)
    assert PPOCR_READS.issuperset(packs(language))


def test_a_package_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(PermanentError, match=r"OCR_ENGINE_MISSING: .*rapidocr is not installed; pip install rapidocr"):
        check_ocr("rapidocr", None)


def test_all_names_can_be_chosen():
    assert NAMES == (
        "auto", "tesseract", "pytesseract", "rapidocr", "paddleocr", "easyocr", "tesseract+rapidocr",
    )  # fmt: skip
    for name in NAMES[1:]:
        assert resolve_ocr(name) == name
