"""Decoded frames as upright gray arrays. The Y plane is the gray picture: where it can be had, nothing is converted."""

import re
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

cv2.setNumThreads(1)  # its threads cost more, waiting for work, than they save: there is a process for each core

Gray = npt.NDArray[np.uint8]

_FOUR = np.dtype("<u4")  # bytes
_EIGHT = re.compile(r"(yuv[aj]?4\d\dp|nv\d\d|gray)")
_DEEP = re.compile(r"(?:yuva?4\d\dp|gray)(9|10|12|14|16)le")  # the value in the low bits of two bytes
_HIGH = re.compile(r"p[024]1[0-6]le")  # … in the high bits, as hardware decoders give it


def gray(frame: VideoFrame) -> Gray:
    """(height, width) as stored, not yet upright; a view of the frame's memory where that is possible."""
    lines, width, shift = _luma(frame)
    return _eight_bits(lines[:, :width], shift)


def upright(picture: Gray, rotation: int) -> Gray:
    """`rotation` in degrees counterclockwise, as frames and `MediaInfo` tell it."""
    return np.rot90(picture, rotation // 90) if rotation % 360 else picture


def small_colour(frame: VideoFrame, side: int) -> npt.NDArray[np.uint8]:
    """(height, width, 3) BGR, upright, its longer side `side` pixels; never enlarged."""
    scale = min(1.0, side / max(frame.width, frame.height))
    width, height = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
    picture = np.asarray(frame.reformat(width=width, height=height, format="bgr24", threads=1).to_ndarray(), np.uint8)
    return np.ascontiguousarray(np.rot90(picture, int(frame.rotation) // 90))


def thumbnail(frame: VideoFrame, step: int) -> Gray:
    """Every `step`-th pixel of the stored picture, copied."""
    lines, width, shift = _luma(frame)
    lines = lines[::step]
    if step == _FOUR.itemsize and not shift and lines.shape[1] % step == 0:
        return lines.view(_FOUR)[:, : -(-width // step)].astype(np.uint8)  # the lowest byte: cheaper than picking bytes
    return _eight_bits(lines[:, :width:step], shift).copy()


def _luma(frame: VideoFrame) -> tuple[npt.NDArray[Any], int, int]:
    """The plane, its lines as long as they are stored; their width; by how many bits its values are deeper than eight.

    Limited range (16 to 235) stays as it is: that costs text no contrast to speak of, and black stays black.
    """
    shift = _deeper(frame.format.name)
    if shift is None:
        frame, shift = frame.reformat(format="gray", threads=1), 0
    plane = frame.planes[0]
    kind = np.dtype("<u2" if shift else np.uint8)
    return np.frombuffer(memoryview(plane), kind).reshape(plane.height, -1), plane.width, shift


@cache
def _deeper(name: str) -> int | None:
    """None for a pixel format whose first plane is not the luma alone, or that is stored some other way."""
    if _EIGHT.fullmatch(name):
        return 0
    if deep := _DEEP.fullmatch(name):
        return int(deep[1]) - 8
    return 8 if _HIGH.fullmatch(name) else None


def _eight_bits(luma: npt.NDArray[Any], shift: int) -> Gray:
    return np.asarray(luma >> shift if shift else luma, np.uint8)
