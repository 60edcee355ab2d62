"""What every OCR engine does, and what all of them share: names of languages, lines of words."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from include.processing.errors import PermanentError
from include.processing.pictures import Gray
from include.processing.types import EngineInfo, TextBox, WordBox


class OcrEngine(Protocol):
    info: EngineInfo

    def read(self, picture: Gray) -> tuple[TextBox, ...]:
        """Lines in reading order, boxes in pixels of `picture`, confidence 0 to 1. Raises only `ProcessingError`s."""
        ...


# ISO 639-1 as people write it → Tesseract's names (ISO 639-2/T, with its own for Chinese)
TESSERACT_LANGUAGES = {
    "ar": "ara", "bg": "bul", "ca": "cat", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng",
    "es": "spa", "et": "est", "fa": "fas", "fi": "fin", "fr": "fra", "he": "heb", "hi": "hin", "hr": "hrv",
    "hu": "hun", "id": "ind", "it": "ita", "ja": "jpn", "ko": "kor", "lt": "lit", "lv": "lav", "nl": "nld",
    "no": "nor", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sk": "slk", "sl": "slv", "sr": "srp",
    "sv": "swe", "th": "tha", "tr": "tur", "uk": "ukr", "vi": "vie", "zh": "chi_sim",
}  # fmt: skip
GAP = 3.0  # line heights between words that do not belong together, as a page number at the other side
DEFAULT_LANGUAGE = "eng"
NO_LETTERS = "osd"  # comes with every Tesseract and knows scripts only


def tesseract_language(language: str | None) -> str:
    """`en-GB`, `de` or Tesseract's own `deu` → a pack's name; None → English."""
    if language is None:
        return DEFAULT_LANGUAGE
    base = language.lower().replace("_", "-").split("-")[0]
    return TESSERACT_LANGUAGES.get(base, language)


def missing_pack(pack: str) -> PermanentError:
    return PermanentError(
        "OCR_LANGUAGE",
        f"Tesseract has no language data '{pack}' here",
        f"install it (Debian: apt-get install tesseract-ocr-{pack.replace('_', '-')}) or use the engine rapidocr",
    )


def lines(words: Iterable[WordBox]) -> Iterator[TextBox]:
    """The words of one row, left to right, as one line, or several where a wide gap divides them."""
    row: list[WordBox] = []
    for word in words:
        if row and word.left - row[-1].left - row[-1].width > GAP * max(word.height, row[-1].height):
            yield _line(row)
            row = []
        row.append(word)
    if row:
        yield _line(row)


def _line(words: list[WordBox]) -> TextBox:
    """Its confidence is the words' mean by length."""
    left, top = min(w.left for w in words), min(w.top for w in words)
    right, bottom = max(w.left + w.width for w in words), max(w.top + w.height for w in words)
    letters = sum(len(w.text) for w in words)
    confidence = sum(w.confidence * len(w.text) for w in words) / letters
    text = " ".join(w.text for w in words)
    return TextBox(text, round(confidence, 3), left, top, right - left, bottom - top, tuple(words))
