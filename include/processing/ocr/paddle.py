"""PaddleOCR 3 itself (an optional extra of 1.4 GB): for languages beyond rapidocr's, with models from a folder.

The folder has one folder for each model as PaddleOCR's model list offers them for download, each with its
`inference.yml`: one text detection model (`…_det…`) and one text recognition model (`…_rec…`).
"""

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from include.processing.errors import PermanentError
from include.processing.ocr.engine import lines, rows
from include.processing.ocr.polarity import dark_on_light
from include.processing.ocr.weights import require_folder, require_package
from include.processing.pictures import Gray
from include.processing.types import EngineInfo, TextBox, WordBox

_NAME = re.compile(r"^\s+model_name:\s*[\"']?([\w.-]+)", re.MULTILINE)


def check(language: str | None, weights: Path | None = None) -> dict[str, tuple[str, Path]]:
    """Name and folder of the models, by kind. Raises OCR_ENGINE_MISSING or OCR_WEIGHTS.

    `language` is not checked: which letters a model knows is written in no place that can be asked cheaply.
    """
    require_package("paddleocr", "paddle")
    return found_models(require_folder("paddleocr", weights))


def found_models(folder: Path) -> dict[str, tuple[str, Path]]:
    models: dict[str, tuple[str, Path]] = {}
    for description in sorted(folder.glob("*/inference.yml")):
        name = _NAME.search(description.read_text(encoding="utf-8"))
        kind = next((k for k in ("det", "rec") if name and re.search(rf"_{k}(_|$)", name[1])), None)
        if name and kind:
            models.setdefault(kind, (name[1], description.parent))
    for kind, what in (("det", "text detection"), ("rec", "text recognition")):
        if kind not in models:
            raise PermanentError(
                "OCR_WEIGHTS",
                f"paddleocr: no {what} model (a folder with inference.yml) in {folder}",
                "download one of PaddleOCR's inference models there, or use the engine rapidocr",
            )
    return models


class PaddleOcrEngine:
    """Raises as `check` does, and OCR_WEIGHTS where PaddleOCR can't load the models."""

    def __init__(self, language: str | None = None, weights: Path | None = None) -> None:
        models = check(language, weights)
        from paddleocr import PaddleOCR

        try:
            self._model = PaddleOCR(
                text_detection_model_name=models["det"][0],
                text_detection_model_dir=str(models["det"][1]),
                text_recognition_model_name=models["rec"][0],
                text_recognition_model_dir=str(models["rec"][1]),
                use_doc_orientation_classify=False,
                use_doc_unwarping=False,
                use_textline_orientation=False,
                device="cpu",
                cpu_threads=1,
            )
        except (OSError, ValueError, RuntimeError, AssertionError) as exc:
            raise PermanentError("OCR_WEIGHTS", f"paddleocr: {exc}", "check the models in its folder") from exc
        self.info = EngineInfo("paddleocr", f"{models['rec'][0]}, paddleocr {version('paddleocr')}")

    def read(self, picture: Gray) -> tuple[TextBox, ...]:
        try:
            results = self._model.predict(cv2.cvtColor(dark_on_light(picture), cv2.COLOR_GRAY2BGR))
        except (RuntimeError, ValueError) as exc:
            raise PermanentError("OCR_FAILED", f"paddleocr: {exc}", "try another OCR engine") from exc
        return text_boxes(results)


def text_boxes(results: Any) -> tuple[TextBox, ...]:
    """From what `predict` gives: for each picture a mapping with rec_texts, rec_scores, rec_boxes (x1, y1, x2, y2)."""
    boxes = []
    for found in results:
        for text, score, corners in zip(found["rec_texts"], found["rec_scores"], found["rec_boxes"], strict=True):
            left, top, right, bottom = (int(v) for v in np.asarray(corners).reshape(-1)[:4])
            if text.strip():
                confidence = round(float(score), 3)
                boxes.append([WordBox(text.strip(), confidence, left, top, right - left, bottom - top)])
    return tuple(part for row in rows(boxes) for part in lines(row))
