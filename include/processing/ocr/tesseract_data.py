"""Where Tesseract's language data lie."""

import os
from functools import cache
from pathlib import Path

from include.processing.errors import PermanentError

NO_LETTERS = "osd"  # comes with every Tesseract and knows scripts only
USUAL_PLACES = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)


@cache
def tessdata() -> Path | None:
    """TESSDATA_PREFIX or the first usual place that has any language data."""
    places = [os.environ.get("TESSDATA_PREFIX", ""), *USUAL_PLACES]
    return next((Path(p) for p in places if p and any(Path(p).glob("*.traineddata"))), None)


def require_tessdata() -> Path:
    found = tessdata()
    if found is None:
        raise PermanentError(
            "OCR_NO_DATA",
            "Tesseract's language data are not installed",
            "apt-get install tesseract-ocr, or use the engine rapidocr",
        )
    return found
