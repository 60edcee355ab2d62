"""PP-OCRv6's two nets on ONNX Runtime: where text stands, and what one line says. Their files lie in rapidocr's wheel.

rapidocr's own pipeline computes the same (its settings are kept) in two to three times the memory: float64 pictures,
lines padded in batches, and a heap that grows with each size. Here each net is loaded on its own, on first use.
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from include.processing.boxes import scaled
from include.processing.errors import PermanentError
from include.processing.ocr import edges
from include.processing.pictures import Gray
from include.processing.types import Box

TILE = 32  # pixels: the detection net takes multiples of it
BAND, RIM = 288, 32  # rows of the net's picture that it gets at once, and those above and below that it sees with them
SURE, BOX_SURE = 0.3, 0.5  # of a pixel, and of the box around such pixels, to be text
GROWN = 1.6  # the net marks the core of a line: its box is grown by so many times area / outline
THINNEST = 3  # pixels of the net's picture
LINE_HEIGHT, LEAST_WIDTH, MOST_WIDTH = 48, 320, 1200  # pixels of the recognition net's picture
WORD_GAP = 0.2  # of the line's height, between two words

Corners = npt.NDArray[np.float64]  # four points (x, y), clockwise from the upper left


@dataclass(frozen=True, slots=True)
class Letter:
    """`at` is the middle of the letter, as a share of the picture's width."""

    text: str
    confidence: float
    at: float


def models() -> Path | None:
    """The folder with the nets, or None without rapidocr or onnxruntime."""
    found = importlib.util.find_spec("rapidocr")
    if found is None or not found.submodule_search_locations or not importlib.util.find_spec("onnxruntime"):
        return None
    return Path(found.submodule_search_locations[0]) / "models"


def require_models() -> Path:
    """Raises OCR_ENGINE_MISSING or OCR_WEIGHTS; loads nothing."""
    folder = models()
    if folder is None:
        raise PermanentError(
            "OCR_ENGINE_MISSING", "the OCR engine rapidocr is not installed", "pip install rapidocr onnxruntime"
        )
    for kind in ("det", "rec"):
        if not any(folder.glob(f"*_{kind}_*.onnx")):
            raise PermanentError("OCR_WEIGHTS", f"rapidocr's wheel has no {kind} model", "pip install rapidocr==3.10.*")
    return folder


def _net(kind: str) -> Any:
    import onnxruntime

    file = min(require_models().glob(f"*_{kind}_*.onnx"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # a plan for each size of picture, which would all stay in memory
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


@cache
def _detection() -> Any:
    return _net("det")


@cache
def _recognition() -> tuple[Any, tuple[str, ...]]:
    net = _net("rec")
    return net, ("", *net.get_modelmeta().custom_metadata_map["character"].splitlines(), " ")


def detect(picture: Gray, short_side: int, known: Sequence[Box] = ()) -> list[Corners]:
    """Boxes around text, in pixels of `picture`, which is scaled down, never up, to a shorter side of so many.

    Where all that stands is `known`, nothing is looked for."""
    height, width = picture.shape
    scale = min(1.0, short_side / min(height, width))
    size = tuple(max(TILE, round(scale * side / TILE) * TILE) for side in (width, height))
    small = np.asarray(cv2.resize(_tiled(picture), size, interpolation=cv2.INTER_AREA), np.uint8)
    across, down = max(TILE, width) / size[0], max(TILE, height) / size[1]
    sure = np.zeros(small.shape, np.float32)
    cells = edges.without(edges.edged(small), [scaled(box, 1 / across, 1 / down) for box in known])
    for part in edges.parts(cells):
        there = slice(part.top, part.bottom), slice(part.left, part.right)
        sure[there] = _sure(small[there])
    return [corners * (across, down) for corners in _boxes(sure)]


def _sure(picture: Gray) -> npt.NDArray[np.float32]:
    """How sure each pixel is text. A high picture is looked at in bands: the net's memory grows with its area."""
    net = _detection()
    height = picture.shape[0]
    bands = []
    band = BAND if height > BAND + 2 * RIM else height
    for top in range(0, height, band):
        first, end = max(0, top - RIM), min(height, top + band + RIM)
        found = net.run(None, {net.get_inputs()[0].name: _input(np.asarray(picture[first:end], np.float32))})[0][0, 0]
        bands.append(found[top - first : top - first + band])
    return np.concatenate(bands)


def _tiled(picture: Gray) -> Gray:
    """At least one tile high and wide: a lower band would be stretched."""
    height, width = picture.shape
    low, narrow = max(0, TILE - height), max(0, TILE - width)
    if not low and not narrow:
        return picture
    return np.asarray(cv2.copyMakeBorder(picture, 0, low, 0, narrow, cv2.BORDER_REPLICATE), np.uint8)


def _input(picture: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Three channels from -1 to 1."""
    return np.repeat((picture / np.float32(127.5) - np.float32(1))[None, None], 3, axis=1)


def _boxes(sure: npt.NDArray[np.float32]) -> list[Corners]:
    mask = cv2.dilate(np.asarray(sure > SURE, np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    boxes = []
    for contour in contours:
        centre, (w, h), angle = cv2.minAreaRect(contour)
        if min(w, h) < THINNEST or _mean_inside(sure, cv2.boxPoints((centre, (w, h), angle))) < BOX_SURE:
            continue
        grown = GROWN * w * h / (w + h)  # area / outline on either side
        boxes.append(_clockwise(cv2.boxPoints((centre, (w + grown, h + grown), angle))))
    return boxes


def _mean_inside(sure: npt.NDArray[np.float32], points: Any) -> float:
    left, top, width, height = cv2.boundingRect(np.asarray(points, np.int32))
    left, top = max(0, left), max(0, top)
    part = sure[top : top + height, left : left + width]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [np.asarray(points - (left, top), np.int32)], (1,))
    return float(cv2.mean(part, inside)[0])


def _clockwise(points: Any) -> Corners:
    by_x = points[np.argsort(points[:, 0], kind="stable")]
    upper_left, lower_left = sorted(by_x[:2].tolist(), key=lambda p: p[1])
    upper_right, lower_right = sorted(by_x[2:].tolist(), key=lambda p: p[1])
    return np.asarray([upper_left, upper_right, lower_right, lower_left], np.float64)


def recognise(line: Gray) -> tuple[Letter, ...]:
    """The letters of one line, which should fill the picture's height.

    A long one is read in parts, cut in the emptiest column near its middle: the net's memory grows with its width.
    """
    height, width = line.shape
    scaled = max(1, -(-LINE_HEIGHT * width // height))
    if scaled > MOST_WIDTH:
        cut, empty = _gap(line)
        left, right = recognise(line[:, :cut]), recognise(line[:, cut:])
        share = cut / width
        space = (Letter(" ", 1.0, share),) if empty > WORD_GAP * height and left and right else ()
        first = tuple(replace(n, at=n.at * share) for n in left)
        return (*first, *space, *(replace(n, at=share + n.at * (1 - share)) for n in right))
    return _recognised(line, scaled)


def _gap(line: Gray) -> tuple[int, int]:
    """The middle of the widest gap in the middle third of a line, and how wide it is, in pixels."""
    width = line.shape[1]
    part = line[:, width // 3 : width - width // 3]
    uneven = part.max(axis=0).astype(np.int16) - part.min(axis=0)
    empty = np.concatenate([[False], uneven <= int(uneven.min()) + 16, [False]])
    edges = np.flatnonzero(np.diff(empty.astype(np.int8)))
    begins, ends = edges[::2], edges[1::2]
    widest = int(np.argmax(ends - begins))
    return width // 3 + int(begins[widest] + ends[widest]) // 2, int(ends[widest] - begins[widest])


def _recognised(line: Gray, scaled: int) -> tuple[Letter, ...]:
    """`scaled` is the width of the net's picture."""
    picture = np.zeros((1, 3, LINE_HEIGHT, max(scaled, LEAST_WIDTH)), np.float32)
    picture[..., :scaled] = _input(np.asarray(cv2.resize(line, (scaled, LINE_HEIGHT)), np.float32))
    net, characters = _recognition()
    sure = net.run(None, {net.get_inputs()[0].name: picture})[0][0]
    best = sure.argmax(axis=1)
    fresh = np.flatnonzero((best != 0) & (best != np.concatenate([[0], best[:-1]])))
    step = picture.shape[3] / len(best) / scaled
    return tuple(Letter(characters[best[i]], float(sure[i, best[i]]), min(1.0, (i + 0.5) * step)) for i in fresh)
