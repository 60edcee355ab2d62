"""Screen text: engines behind one protocol, found by name.

An engine's module has a class with `OcrEngine`'s methods and `check(language, weights)`, which raises what the class
would raise and loads nothing. Two names joined by "+" are the first engine with the second's opinion.
"""

import importlib.util
import pkgutil
import shutil
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from include.processing.errors import PermanentError
from include.processing.ocr.engine import OcrEngine
from include.processing.ocr.languages import packs, ppocr_reads
from include.processing.ocr.ppocr import models
from include.processing.ocr.tesseract_data import tessdata

ENGINES = {
    "tesseract": f"{__name__}.tesseract:TesseractEngine",
    "pytesseract": f"{__name__}.pytesseract:PytesseractEngine",
    "rapidocr": f"{__name__}.rapidocr:RapidOcrEngine",
    "paddleocr": f"{__name__}.paddle:PaddleOcrEngine",
    "easyocr": f"{__name__}.easy:EasyOcrEngine",
}
BEST = "tesseract+rapidocr"
NAMES = ("auto", *ENGINES, BEST)  # to choose from; any other pair is understood too


def resolve_ocr(name: str, language: str | None = None) -> str:
    """`auto` → Tesseract, with rapidocr's opinion where that can read the language; rapidocr where only that can."""
    if name != "auto":
        _parts(name)
        return name
    second = models() is not None and ppocr_reads(language)
    first = _tesseract()
    if first is None or (second and not _has_packs(language)):
        return "rapidocr"
    return f"{first}+rapidocr" if second else first


def _tesseract() -> str | None:
    if tessdata() is None:
        return None
    if importlib.util.find_spec("tesserocr"):
        return "tesseract"
    return "pytesseract" if shutil.which("tesseract") else None


def _has_packs(language: str | None) -> bool:
    folder = tessdata()
    return folder is not None and all((folder / f"{pack}.traineddata").is_file() for pack in packs(language))


def _parts(name: str) -> list[str]:
    parts = name.split("+")
    unknown = next((part for part in parts if part not in ENGINES), None)
    if unknown is not None:
        known = ", ".join(NAMES)
        raise PermanentError("OCR_ENGINE", f"no OCR engine is called '{unknown}'", f"choose one of {known}")
    if len(parts) > 2 or len(set(parts)) < len(parts):
        raise PermanentError("OCR_ENGINE", f"'{name}' is not one engine or two different ones", f"for example {BEST}")
    return parts


def check_ocr(name: str, language: str | None, weights: Path | None = None) -> None:
    """Raises what `ocr_engine` would: unknown engine, missing package, weights or language pack. Loads no model."""
    for part in _parts(resolve_ocr(name, language)):
        module = ENGINES[part].partition(":")[0]
        check: Callable[[str | None, Path | None], object] = pkgutil.resolve_name(f"{module}:check")
        check(language, weights)


@cache
def ocr_engine(name: str, language: str | None = None, weights: Path | None = None) -> OcrEngine:
    """Built on first use, once per process. `name` may be `auto`; `weights` is the folder for paddleocr or easyocr."""
    name = resolve_ocr(name, language)
    check_ocr(name, language, weights)
    first, *second = _parts(name)
    if second:
        from include.processing.ocr.second_opinion import SecondOpinion

        asked = partial(ocr_engine, second[0], language, weights)
        return SecondOpinion(ocr_engine(first, language, weights), asked, name)
    build: Callable[[str | None, Path | None], OcrEngine] = pkgutil.resolve_name(ENGINES[first])
    return build(language, weights)
