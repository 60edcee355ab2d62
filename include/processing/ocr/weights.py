"""Engines whose weights are no part of their package: they come from a folder, never from the network."""

import importlib.util
from pathlib import Path

from include.processing.errors import PermanentError


def require_package(package: str, also: str) -> None:
    """`also` is what else must be installed with it."""
    missing = [name for name in (package, also) if not importlib.util.find_spec(name)]
    if missing:
        raise PermanentError(
            "OCR_ENGINE_MISSING",
            f"the OCR engine {package} is not installed ({', '.join(missing)})",
            f"pip install {package} {'paddlepaddle' if also == 'paddle' else also}, or use the engine rapidocr",
        )


def require_folder(engine: str, weights: Path | None) -> Path:
    if weights is None or not weights.is_dir():
        what = "no folder with its weights is given" if weights is None else f"its weights' folder {weights} is missing"
        raise PermanentError(
            "OCR_WEIGHTS", f"{engine}: {what}", "download its models there, or use the engine rapidocr"
        )
    return weights
