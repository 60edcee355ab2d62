"""Screen text: engines behind one protocol, found by name."""

import importlib.util
import pkgutil
import shutil
from collections.abc import Callable
from functools import cache

from include.processing.errors import PermanentError
from include.processing.ocr.engine import OcrEngine
from include.processing.ocr.tesseract_data import tessdata

ENGINES = {
    "tesseract": f"{__name__}.tesseract:TesseractEngine",
    "pytesseract": f"{__name__}.pytesseract:PytesseractEngine",
    "rapidocr": f"{__name__}.rapidocr:RapidOcrEngine",
}


def resolve_ocr(name: str) -> str:
    """`auto` → Tesseract where its language data are installed (in process if it can be), else rapidocr."""
    if name != "auto":
        if name not in ENGINES:
            known = ", ".join(["auto", *ENGINES])
            raise PermanentError("OCR_ENGINE", f"no OCR engine is called '{name}'", f"choose one of {known}")
        return name
    if tessdata() is None:
        return "rapidocr"
    if importlib.util.find_spec("tesserocr"):
        return "tesseract"
    return "pytesseract" if shutil.which("tesseract") else "rapidocr"


@cache
def ocr_engine(name: str, language: str | None = None) -> OcrEngine:
    """Built on first use, once per process. `name` may be `auto`."""
    build: Callable[[str | None], OcrEngine] = pkgutil.resolve_name(ENGINES[resolve_ocr(name)])
    return build(language)
