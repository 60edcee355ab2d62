"""Tesseract in process, through tesserocr: no process start, no picture file per call."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from include.processing.errors import PermanentError
from include.processing.ocr.bullets import with_bullet
from include.processing.ocr.engine import lines
from include.processing.ocr.languages import missing_pack, packs
from include.processing.ocr.polarity import dark_on_light
from include.processing.ocr.small_text import enlarged
from include.processing.ocr.tesseract_data import NO_LETTERS, require_tessdata
from include.processing.pictures import Gray
from include.processing.types import EngineInfo, TextBox, WordBox

os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # its threads cost four times the CPU they save


def check(language: str | None, weights: Path | None = None) -> str:
    """The packs' names joined. Raises OCR_ENGINE_MISSING, OCR_NO_DATA or OCR_LANGUAGE."""
    if not importlib.util.find_spec("tesserocr"):
        raise PermanentError(
            "OCR_ENGINE_MISSING", "tesserocr is not installed", "pip install tesserocr, or use the engine pytesseract"
        )
    data = require_tessdata()
    for pack in packs(language):
        if pack == NO_LETTERS or not (data / f"{pack}.traineddata").is_file():
            raise missing_pack(pack)
    return "+".join(packs(language))


class TesseractEngine:
    """Raises as `check` does."""

    def __init__(self, language: str | None = None, weights: Path | None = None) -> None:
        names = check(language)
        import tesserocr

        tesserocr.set_leptonica_log_level(tesserocr.LeptLogLevel.NONE)  # it complains of noise on stderr
        self._levels = tesserocr.RIL
        self._api = tesserocr.PyTessBaseAPI(path=str(require_tessdata()), lang=names, psm=tesserocr.PSM.AUTO)
        self._api.SetVariable("debug_file", os.devnull)
        self.info = EngineInfo("tesseract", f"{tesserocr.tesseract_version().split()[1]} {names}")

    def read(self, picture: Gray) -> tuple[TextBox, ...]:
        picture = dark_on_light(picture)
        larger, scale = enlarged(picture)
        height, width = larger.shape
        self._api.SetImageBytes(larger.tobytes(), width, height, 1, width)
        self._api.SetSourceResolution(300)  # with less it splits pages into columns; with none it guesses, and says so
        self._api.Recognize()
        found = self._api.GetIterator()
        rows = _rows(found, self._levels, scale) if found else ()
        return tuple(part for row in rows for part in lines(with_bullet(picture, row)))


def _rows(found: Any, levels: Any, scale: float) -> Iterator[list[WordBox]]:
    words: list[WordBox] = []
    while True:
        if words and found.IsAtBeginningOf(levels.TEXTLINE):
            yield words
            words = []
        text = "" if found.Empty(levels.WORD) else found.GetUTF8Text(levels.WORD).strip()
        if text:
            left, top, right, bottom = (round(v / scale) for v in found.BoundingBox(levels.WORD))
            confidence = round(found.Confidence(levels.WORD) / 100, 3)
            words.append(WordBox(text, confidence, left, top, right - left, bottom - top))
        if not found.Next(levels.WORD):
            break
    if words:
        yield words
