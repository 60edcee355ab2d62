"""Tesseract's program through pytesseract, where tesserocr has no wheel: same results, three times the CPU."""

import os
from itertools import groupby
from typing import Any

from include.processing.errors import PermanentError
from include.processing.ocr.engine import NO_LETTERS, lines, missing_pack, tesseract_language
from include.processing.ocr.polarity import dark_on_light
from include.processing.pictures import Gray
from include.processing.types import EngineInfo, TextBox, WordBox

os.environ.setdefault("OMP_THREAD_LIMIT", "1")


class PytesseractEngine:
    def __init__(self, language: str | None = None) -> None:
        import pytesseract

        self._language = tesseract_language(language)
        try:
            installed = pytesseract.get_languages()
            version = pytesseract.get_tesseract_version()
        except (pytesseract.TesseractNotFoundError, OSError) as exc:
            raise PermanentError(
                "OCR_NO_PROGRAM", "the program tesseract is not installed", "apt-get install tesseract-ocr"
            ) from exc
        for pack in self._language.split("+"):
            if pack == NO_LETTERS or pack not in installed:
                raise missing_pack(pack)
        self.info = EngineInfo("pytesseract", f"{version} {self._language}")

    def read(self, picture: Gray) -> tuple[TextBox, ...]:
        import pytesseract

        try:
            table: dict[str, list[Any]] = pytesseract.image_to_data(
                dark_on_light(picture), lang=self._language, config="--psm 3", output_type=pytesseract.Output.DICT
            )
        except pytesseract.TesseractError as exc:
            raise PermanentError("OCR_FAILED", f"tesseract: {exc}", "try another OCR engine") from exc
        entries = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
        words = [r for r in entries if r["level"] == 5 and str(r["text"]).strip()]
        rows = groupby(words, key=lambda r: (r["block_num"], r["par_num"], r["line_num"]))
        return tuple(part for _, row in rows for part in lines(_word(word) for word in row))


def _word(row: dict[str, Any]) -> WordBox:
    confidence = round(max(0.0, float(row["conf"])) / 100, 3)
    return WordBox(str(row["text"]).strip(), confidence, row["left"], row["top"], row["width"], row["height"])
