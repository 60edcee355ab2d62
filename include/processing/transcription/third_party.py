"""Speech engines of other distributions, found by their entry points of the group `reelscribe.transcribers`.

What such an engine gets wrong is told in one line that names its distribution: whoever installed it can act on that.
"""

from __future__ import annotations  # EntryPoint is imported for type checkers only

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

from include.processing.errors import PermanentError, one_line
from include.processing.transcription.engine import Transcriber

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "reelscribe.transcribers"
BROKEN = (
    ImportError,
    NameError,
    SyntaxError,
    AttributeError,
    TypeError,
    ValueError,
    LookupError,
    OSError,
    RuntimeError,
)
NEEDED: dict[str, type | tuple[type, ...]] = {
    "model": (str, type(None)),
    "note": (str, type(None)),
    "dollars_per_minute": (int, float),
    "in_flight": int,
    "identity": str,
    "detects_language": bool,
    "takes_keywords": bool,
}


def offered() -> dict[str, EntryPoint]:
    """By name; where two distributions offer the same, the first on the path."""
    from importlib.metadata import entry_points  # 0.015 CPU-s, and most engines are our own

    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, point)
    return found


def build(point: EntryPoint, model: str | None, weights: Path | None) -> Transcriber:
    """As our own engines are built. Raises its `ProcessingError`s, and PermanentError ASR_ENGINE where it is broken."""
    try:
        engine: Transcriber = point.load()(model, weights)
    except BROKEN as exc:
        raise _broken(point, f"can't be built ({type(exc).__name__}: {one_line(str(exc))})") from exc
    if fault := _fault(engine, point.name):
        raise _broken(point, fault)
    return engine


def _fault(engine: Transcriber, name: str) -> str | None:
    if getattr(engine, "name", None) != name:
        return f"has the name {getattr(engine, 'name', None)!r}"
    for attribute, kind in NEEDED.items():
        if not hasattr(engine, attribute):
            return f"lacks {attribute}"
        if not isinstance(value := getattr(engine, attribute), kind):
            return f"has {value!r} as {attribute}"
    if name not in engine.identity:  # or the answers of two engines would be taken for each other's
        return f"does not name itself in its identity {engine.identity!r}"
    limits = getattr(engine, "limits", None)
    if not all(isinstance(getattr(limits, most, None), int | float) for most in ("max_bytes", "max_seconds")):
        return "has no limits"
    return None if _can_be_called(engine) else "has no transcribe(audio, language, keywords)"


def _can_be_called(engine: Transcriber) -> bool:
    try:
        inspect.signature(engine.transcribe).bind(Path(), None, ())
    except (AttributeError, TypeError, ValueError):
        return False
    return True


def _broken(point: EntryPoint, fault: str) -> PermanentError:
    distribution = point.dist.name if point.dist else "an unknown distribution"
    return PermanentError(
        "ASR_ENGINE",
        f"the speech engine {point.name} of {distribution} {fault}",
        f"choose another engine, or another version of {distribution}",
    )
