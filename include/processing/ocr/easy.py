"""EasyOCR (an optional extra of 5.8 GB with PyTorch): eighty languages, with models from a folder.

The folder has `craft_mlt_25k.pth` and the recognition model of the language (`english_g2.pth`, `latin_g2.pth`,
`cyrillic_g2.pth`, …), as EasyOCR's model hub offers them; nothing is downloaded.
"""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from include.processing.errors import PermanentError
from include.processing.ocr.engine import lines, rows
from include.processing.ocr.languages import easyocr_languages
from include.processing.ocr.polarity import dark_on_light
from include.processing.ocr.weights import require_folder, require_package
from include.processing.pictures import Gray
from include.processing.types import EngineInfo, TextBox, WordBox

FINDS_TEXT = "craft_mlt_25k.pth"


def check(language: str | None, weights: Path | None = None) -> Path:
    """The folder. Raises OCR_ENGINE_MISSING or OCR_WEIGHTS; a language EasyOCR does not know shows when it is built."""
    require_package("easyocr", "torch")
    return folder_with_models(require_folder("easyocr", weights))


def folder_with_models(folder: Path) -> Path:
    models = {file.name for file in folder.glob("*.pth")}
    if FINDS_TEXT not in models or len(models) < 2:
        missing = "recognition model (.pth)" if FINDS_TEXT in models else FINDS_TEXT
        raise PermanentError(
            "OCR_WEIGHTS",
            f"easyocr: no {missing} in {folder}",
            "download it from EasyOCR's model hub, or use the engine rapidocr",
        )
    return folder


class EasyOcrEngine:
    """Raises as `check` does, OCR_WEIGHTS for a missing or broken model, OCR_LANGUAGE for what EasyOCR can't read."""

    def __init__(self, language: str | None = None, weights: Path | None = None) -> None:
        folder = str(check(language, weights))
        import easyocr

        names = easyocr_languages(language)
        try:
            self._reader = easyocr.Reader(
                names,
                gpu=False,
                model_storage_directory=folder,
                user_network_directory=folder,
                download_enabled=False,
                verbose=False,
            )
        except FileNotFoundError as exc:
            raise PermanentError("OCR_WEIGHTS", f"easyocr: {exc}", "put that model into its folder") from exc
        except ValueError as exc:
            raise PermanentError(
                "OCR_LANGUAGE", f"easyocr cannot read {', '.join(names)}: {exc}", "use the engine tesseract"
            ) from exc
        self.info = EngineInfo("easyocr", f"{'+'.join(names)}, easyocr {version('easyocr')}")

    def read(self, picture: Gray) -> tuple[TextBox, ...]:
        try:
            found = self._reader.readtext(dark_on_light(picture))
        except RuntimeError as exc:
            raise PermanentError("OCR_FAILED", f"easyocr: {exc}", "try another OCR engine") from exc
        return text_boxes(found)


def text_boxes(found: Iterable[tuple[Sequence[Sequence[float]], str, float]]) -> tuple[TextBox, ...]:
    """From what `readtext` gives: four corners (x, y), text, confidence."""
    boxes = []
    for corners, text, confidence in found:
        points: Any = np.asarray(corners, float)
        left, top = (round(v) for v in points.min(axis=0).tolist())
        right, bottom = (round(v) for v in points.max(axis=0).tolist())
        if text.strip():
            boxes.append([WordBox(text.strip(), round(float(confidence), 3), left, top, right - left, bottom - top)])
    return tuple(part for row in rows(boxes) for part in lines(row))
