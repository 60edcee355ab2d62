"""PaddleOCR's models on ONNX Runtime; they come in rapidocr's wheel, so nothing else need be installed."""

from functools import cache
from importlib.metadata import version
from typing import Any

import cv2

from include.processing.ocr.engine import lines
from include.processing.ocr.polarity import dark_on_light
from include.processing.pictures import Gray
from include.processing.types import EngineInfo, TextBox, WordBox

LONGEST_SIDE = 1280  # pixels at which text is looked for
SAME_ROW = 0.5  # boxes whose centres are nearer than this share of their height stand in one row


@cache
def _model() -> Any:
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    # by default small pictures are enlarged: a band of one line to ten times its pixels
    size = {"Det.limit_type": "max", "Det.limit_side_len": LONGEST_SIDE}
    return RapidOCR(params={"Global.log_level": "critical", "Global.use_cls": False, **threads, **size})


class RapidOcrEngine:
    """Its models read English and Chinese; other scripts come out wrong, which confidence does not always show."""

    def __init__(self, language: str | None = None) -> None:
        self._model = _model()
        self.info = EngineInfo("rapidocr", f"PP-OCR, rapidocr {version('rapidocr')}")

    def read(self, picture: Gray) -> tuple[TextBox, ...]:
        found = self._model(cv2.cvtColor(dark_on_light(picture), cv2.COLOR_GRAY2BGR))
        if found is None or found.boxes is None:
            return ()
        boxes = [_box(*each) for each in zip(found.boxes, found.txts, found.scores, strict=True) if each[1].strip()]
        return tuple(part for row in _rows(boxes) for part in lines(row))


def _box(corners: Any, text: str, score: float) -> WordBox:
    left, top = (int(v) for v in corners.min(axis=0))
    right, bottom = (int(v) for v in corners.max(axis=0))
    return WordBox(text.strip(), round(float(score), 3), left, top, right - left, bottom - top)


def _rows(boxes: list[WordBox]) -> list[list[WordBox]]:
    """Fragments of one line joined, lines from top to bottom."""
    rows: list[list[WordBox]] = []
    for box in sorted(boxes, key=lambda b: (b.top + b.height / 2, b.left)):
        row = next((r for r in rows if _in_row(r, box)), None)
        if row is None:
            rows.append([box])
        else:
            row.append(box)
            row.sort(key=lambda b: b.left)
    return rows


def _in_row(row: list[WordBox], box: WordBox) -> bool:
    height = min(box.height, min(b.height for b in row))
    centre = sum(b.top + b.height / 2 for b in row) / len(row)
    return abs(box.top + box.height / 2 - centre) < SAME_ROW * height
