"""What an engine's confidence is worth: the chance that a line read with it is right in every letter.

Measured with `tests/bench/ocr.py calibration`: pages plain, blurred, noisy and over film, four sizes, four fonts;
a line counts as right when no character but spaces differs. Both engines say 0.9 where half of the lines are wrong.
"""

from collections.abc import Sequence

import numpy as np

Scale = Sequence[tuple[float, float]]  # confidence, chance to be right

TESSERACT: Scale = (
    (0.0, 0.0), (0.5, 0.05), (0.7, 0.14), (0.8, 0.3), (0.88, 0.55), (0.92, 0.7), (0.94, 0.8), (0.957, 0.95), (0.97, 1)
)  # fmt: skip
PPOCR: Scale = ((0.0, 0.0), (0.7, 0.02), (0.85, 0.05), (0.96, 0.1), (0.975, 0.35), (0.985, 0.7), (0.995, 0.95), (1, 1))
SCALES = {"tesseract": TESSERACT, "pytesseract": TESSERACT, "rapidocr": PPOCR, "paddleocr": PPOCR}
UNKNOWN: Scale = ((0.0, 0.0), (1.0, 1.0))  # easyocr's has not been measured


def chance(engine: str, confidence: float) -> float:
    """That a line of this confidence is right."""
    known, worth = zip(*SCALES.get(engine, UNKNOWN), strict=True)
    return float(np.interp(confidence, known, worth))


def confidence_of(engine: str, chance_to_be_right: float) -> float:
    """The confidence with which `engine` would have read such a line."""
    known, worth = zip(*SCALES.get(engine, UNKNOWN), strict=True)
    return round(float(np.interp(chance_to_be_right, worth, known)), 3)
