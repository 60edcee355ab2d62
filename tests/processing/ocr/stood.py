"""Lines as they stood, for tests of what is made of them."""

from include.processing.ocr.tracks import Track
from include.processing.types import ScreenText, TextBox

LETTER, HEIGHT = 12, 24  # pixels


def line(text: str, top: int = 40, left: int = 40, confidence: float = 0.9) -> TextBox:
    return TextBox(text, confidence, left, top, LETTER * len(text), HEIGHT)


def track(
    start: float,
    end: float,
    text: str,
    top: int = 40,
    left: int = 40,
    *,
    film: bool = False,
    confidence: float = 0.9,
    ticks: int = 2,
) -> Track:
    return Track(start, end, film, (line(text, top, left, confidence),), (ticks,))


def went(start: float, end: float, text: str, *places: tuple[int, int]) -> Track:
    """Over a film, from place (top, left) to place, one a second."""
    return Track(start, end, True, tuple(line(text, *place) for place in places), (1,) * len(places))


def told(screens: tuple[ScreenText, ...]) -> list[tuple[float, float, str]]:
    return [(s.start, s.end, s.text) for s in screens]
