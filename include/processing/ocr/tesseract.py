"""Tesseract in process, through tesserocr: no process start, no picture file per call."""

import os
from collections.abc import Iterator
from typing import Any

from include.processing.ocr.engine import NO_LETTERS, lines, missing_pack, tesseract_language
from include.processing.ocr.polarity import dark_on_light
from include.processing.ocr.tesseract_data import require_tessdata
from include.processing.pictures import Gray
from include.processing.types import EngineInfo, TextBox, WordBox

os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # its threads cost four times the CPU they save


class TesseractEngine:
    """Raises OCR_NO_DATA or OCR_LANGUAGE where the language pack is not installed."""

    def __init__(self, language: str | None = None) -> None:
        import tesserocr

        data, packs = require_tessdata(), tesseract_language(language)
        for pack in packs.split("+"):
            if pack == NO_LETTERS or not (data / f"{pack}.traineddata").is_file():
                raise missing_pack(pack)
        self._levels = tesserocr.RIL
        self._api = tesserocr.PyTessBaseAPI(path=str(data), lang=packs, psm=tesserocr.PSM.AUTO)
        self._api.SetVariable("debug_file", os.devnull)
        self.info = EngineInfo("tesseract", f"{tesserocr.tesseract_version().split()[1]} {packs}")

    def read(self, picture: Gray) -> tuple[TextBox, ...]:
        picture = dark_on_light(picture)
        height, width = picture.shape
        self._api.SetImageBytes(picture.tobytes(), width, height, 1, width)
        self._api.SetSourceResolution(96)  # else it guesses and says so on stderr
        self._api.Recognize()
        found = self._api.GetIterator()
        return tuple(part for row in _rows(found, self._levels) for part in lines(row)) if found else ()


def _rows(found: Any, levels: Any) -> Iterator[list[WordBox]]:
    words: list[WordBox] = []
    while True:
        if words and found.IsAtBeginningOf(levels.TEXTLINE):
            yield words
            words = []
        text = "" if found.Empty(levels.WORD) else found.GetUTF8Text(levels.WORD).strip()
        if text:
            left, top, right, bottom = found.BoundingBox(levels.WORD)
            confidence = round(found.Confidence(levels.WORD) / 100, 3)
            words.append(WordBox(text, confidence, left, top, right - left, bottom - top))
        if not found.Next(levels.WORD):
            break
    if words:
        yield words
