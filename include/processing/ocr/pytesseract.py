"""Tesseract's program through pytesseract, where tesserocr has no wheel: same results, three times the CPU."""

import importlib.util
import os
from itertools import groupby
from pathlib import Path
from typing import Any

from include.processing.errors import PermanentError
from include.processing.ocr.bullets import with_bullet
from include.processing.ocr.engine import lines
from include.processing.ocr.languages import missing_pack, packs
from include.processing.ocr.polarity import dark_on_light
from include.processing.ocr.small_text import enlarged
from include.processing.ocr.tesseract_data import NO_LETTERS
from include.processing.pictures import Gray
from include.processing.types import EngineInfo, TextBox, WordBox

os.environ.setdefault("OMP_THREAD_LIMIT", "1")


def check(language: str | None, weights: Path | None = None) -> str:
    """The packs' names joined. Raises OCR_ENGINE_MISSING, OCR_NO_PROGRAM or OCR_LANGUAGE."""
    if not importlib.util.find_spec("pytesseract"):
        raise PermanentError("OCR_ENGINE_MISSING", "pytesseract is not installed", "pip install pytesseract")
    import pytesseract

    try:
        installed = pytesseract.get_languages()
    except (pytesseract.TesseractNotFoundError, OSError) as exc:
        raise PermanentError(
            "OCR_NO_PROGRAM", "the program tesseract is not installed", "apt-get install tesseract-ocr"
        ) from exc
    for pack in packs(language):
        if pack == NO_LETTERS or pack not in installed:
            raise missing_pack(pack)
    return "+".join(packs(language))


class PytesseractEngine:
    """Raises as `check` does."""

    def __init__(self, language: str | None = None, weights: Path | None = None) -> None:
        self._language = check(language)
        import pytesseract

        self.info = EngineInfo("pytesseract", f"{pytesseract.get_tesseract_version()} {self._language}")

    def read(self, picture: Gray) -> tuple[TextBox, ...]:
        import pytesseract

        picture = dark_on_light(picture)
        larger, scale = enlarged(picture)
        try:
            table: dict[str, list[Any]] = pytesseract.image_to_data(
                larger, lang=self._language, config="--psm 3", output_type=pytesseract.Output.DICT
            )
        except pytesseract.TesseractError as exc:
            raise PermanentError("OCR_FAILED", f"tesseract: {exc}", "try another OCR engine") from exc
        entries = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
        words = [r for r in entries if r["level"] == 5 and str(r["text"]).strip()]
        rows = groupby(words, key=lambda r: (r["block_num"], r["par_num"], r["line_num"]))
        placed = ([_word(word, scale) for word in row] for _, row in rows)
        return tuple(part for row in placed for part in lines(with_bullet(picture, row)))


def _word(row: dict[str, Any], scale: float) -> WordBox:
    confidence = round(max(0.0, float(row["conf"])) / 100, 3)
    left, top, width, height = (round(row[side] / scale) for side in ("left", "top", "width", "height"))
    return WordBox(str(row["text"]).strip(), confidence, left, top, width, height)
