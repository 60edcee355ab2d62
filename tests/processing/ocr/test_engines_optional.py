"""paddleocr and easyocr: their packages and weights are not here, so what is tested is what stands around them."""

import importlib.util

import numpy as np
import pytest

from include.processing.errors import PermanentError
from include.processing.ocr import check_ocr, easy, ocr_engine, paddle
from include.processing.ocr.weights import require_folder, require_package
from include.processing.types import WordBox


@pytest.mark.parametrize(("name", "also"), [("paddleocr", "paddlepaddle"), ("easyocr", "torch")])
def test_a_missing_package_is_one_line(name, also, tmp_path):
    if importlib.util.find_spec(name):
        pytest.skip(f"{name} is installed")
    for refuses in (check_ocr, ocr_engine):
        with pytest.raises(PermanentError) as caught:
            refuses(name, "en", tmp_path)
        assert caught.value.code == "OCR_ENGINE_MISSING"
        assert caught.value.remedy == f"pip install {name} {also}, or use the engine rapidocr"


def test_an_installed_package_is_no_error():
    require_package("numpy", "cv2")


@pytest.mark.parametrize(
    ("folder", "cause"),
    [
        pytest.param(None, "no folder with its weights is given", id="not-given"),
        pytest.param("nowhere", "weights' folder .*nowhere is missing", id="not-there"),
    ],
)
def test_a_missing_folder_is_one_line(folder, cause, tmp_path):
    with pytest.raises(PermanentError, match=f"OCR_WEIGHTS: paddleocr: .*{cause}; download its models there"):
        require_folder("paddleocr", folder and tmp_path / folder)


def a_model(folder, name):
    """As an unpacked inference model of PaddleOCR 3: its description, beside its weights."""
    folder.mkdir()
    (folder / "inference.yml").write_text(f"mode: paddle\ndraw_threshold: 0.5\nGlobal:\n  model_name: {name}\n")


def test_paddle_models_are_found_by_what_they_say_they_are(tmp_path):
    a_model(tmp_path / "finder", "PP-OCRv5_mobile_det")
    a_model(tmp_path / "reader", "eslav_PP-OCRv5_mobile_rec")
    a_model(tmp_path / "turner", "PP-LCNet_x1_0_textline_ori")
    assert paddle.found_models(tmp_path) == {
        "det": ("PP-OCRv5_mobile_det", tmp_path / "finder"),
        "rec": ("eslav_PP-OCRv5_mobile_rec", tmp_path / "reader"),
    }


@pytest.mark.parametrize(
    ("models", "missing"),
    [
        pytest.param([], "text detection", id="empty"),
        pytest.param(["PP-OCRv5_mobile_det"], "text recognition", id="no-reader"),
        pytest.param(["PP-OCRv5_mobile_rec"], "text detection", id="no-finder"),
    ],
)
def test_a_missing_paddle_model_is_named(models, missing, tmp_path):
    for name in models:
        a_model(tmp_path / name, name)
    with pytest.raises(PermanentError, match=f"OCR_WEIGHTS: paddleocr: no {missing} model"):
        paddle.found_models(tmp_path)


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        pytest.param([], "craft_mlt_25k.pth", id="empty"),
        pytest.param(["english_g2.pth"], "craft_mlt_25k.pth", id="no-finder"),
        pytest.param(["craft_mlt_25k.pth"], "recognition model", id="no-reader"),
    ],
)
def test_a_missing_easyocr_model_is_named(files, missing, tmp_path):
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(PermanentError, match=f"OCR_WEIGHTS: easyocr: no {missing}"):
        easy.folder_with_models(tmp_path)


def test_easyocr_models_are_enough(tmp_path):
    for name in ("craft_mlt_25k.pth", "latin_g2.pth"):
        (tmp_path / name).touch()
    assert easy.folder_with_models(tmp_path) == tmp_path


def test_what_paddleocr_gives():
    """A picture's result as PaddleOCR 3's documentation shows it: boxes are (x1, y1, x2, y2), here of two rows."""
    result = {
        "rec_texts": ["www.997700.com", "", "登机牌", "BOARDING PASS"],
        "rec_scores": np.array([0.9968, 0.0, 0.9937, 0.98765]),
        "rec_boxes": np.array([[45, 90, 200, 110], [5, 5, 9, 9], [50, 10, 110, 30], [120, 12, 250, 32]], np.int16),
    }
    first, second = paddle.text_boxes([result])
    assert (first.text, first.left, first.top, first.width, first.height) == ("登机牌 BOARDING PASS", 50, 10, 200, 22)
    assert first.words[1] == WordBox("BOARDING PASS", 0.988, 120, 12, 130, 20)
    assert (second.text, second.confidence, second.left, second.top) == ("www.997700.com", 0.997, 45, 90)


def test_what_easyocr_gives():
    """The example of EasyOCR's README, two of its lines, and an empty one."""
    result = [
        ([[189, 75], [469, 75], [469, 165], [189, 165]], "愚园路", 0.3754989504814148),
        ([[86.2, 80], [134.7, 80], [134.7, 128], [86.2, 128]], "西", 0.40452659130096436),
        ([[0, 0], [1, 0], [1, 1], [0, 1]], " ", 0.1),
    ]
    (line,) = easy.text_boxes(result)
    assert line.text == "西 愚园路"
    assert line.words == (WordBox("西", 0.405, 86, 80, 49, 48), WordBox("愚园路", 0.375, 189, 75, 280, 90))


def test_nothing_found_is_no_line():
    assert paddle.text_boxes([]) == ()
    empty = {"rec_texts": [], "rec_scores": [], "rec_boxes": np.array([])}
    assert paddle.text_boxes([empty]) == ()
    assert easy.text_boxes([]) == ()
