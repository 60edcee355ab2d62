"""What is wrong with the text on the screen. All times are video time."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from include.processing.ocr.calibration import confidence_of
from include.processing.types import Problem, ScreenText

# Chance of a line to be right in every letter, as ocr/calibration.py has it for an engine's confidence (0.7 of
# Tesseract, 0.963 of rapidocr): so low on pages that are blurred, noisy, or in a script that the engine can't read.
UNSURE = 0.14
LEAST_LETTERS = 20  # of an unsure stretch: a misread page number is no problem
LETTERS = 1 / 3  # share of letters and digits. Pages in the shared videos have 0.72 and more, a dense formula 0.42
LEAST_SIGNS = 20  # of a text that is called symbols; a sign that is repeated counts once: "Part 1 ........ 7"

_REPEATED = re.compile(r"([^\w\s])(?:\s*\1)+")


def unsure(shown: Sequence[ScreenText], engine: str) -> Iterator[Problem]:
    """Stretches in which next to nothing of the screen can be right. `engine` is who read it; a pair's scale is that
    of its first."""
    least = confidence_of(engine.partition("+")[0], UNSURE)
    for stretch in _stretches(shown, lambda s: bool(s.text) and s.confidence < least):
        size = sum(len(s.text) for s in stretch)
        if size >= LEAST_LETTERS:
            mean = sum(s.confidence * len(s.text) for s in stretch) / size
            message = (
                f"the screen was read with a confidence of {mean:.2f} of 1: hardly a line may be right; "
                "look, or run the video again with another engine or screen language"
            )
            yield _problem("SCREEN_UNSURE", message, stretch)


def symbols(shown: Sequence[ScreenText]) -> Iterator[Problem]:
    """Stretches whose text is mostly no letters: texture, a drawing, or a script that the engine can't read."""
    for stretch in _stretches(shown, _is_symbols):
        message = (
            "most of what was read on the screen is no letters: a drawing, or a script that the engine can't read; "
            "look, or run the video again with its screen language"
        )
        yield _problem("SCREEN_SYMBOLS", message, stretch)


def _is_symbols(state: ScreenText) -> bool:
    signs = "".join(_REPEATED.sub(r"\1", state.text).split())
    return len(signs) >= LEAST_SIGNS and sum(c.isalnum() for c in signs) < LETTERS * len(signs)


def _stretches(shown: Sequence[ScreenText], wrong: Callable[[ScreenText], bool]) -> Iterator[list[ScreenText]]:
    """Runs of states that are wrong, in order of time."""
    ordered = sorted(shown, key=lambda s: (s.start, s.end))
    return (list(run) for is_wrong, run in groupby(ordered, wrong) if is_wrong)


def _problem(code: str, message: str, stretch: Sequence[ScreenText]) -> Problem:
    return Problem(code, message, stretch[0].start, max(s.end for s in stretch))
