"""Decoded frames as upright gray arrays. The Y plane is the gray picture: no conversion where it has 8 bits."""

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

Gray = npt.NDArray[np.uint8]

_PLANAR_LUMA = ("yuv4", "yuvj4", "nv12", "nv21", "nv16", "gray")


def gray(frame: VideoFrame) -> Gray:
    """(height, width) as stored, not yet upright; a view of the frame's memory where that is possible."""
    name = frame.format.name
    if not name.startswith(_PLANAR_LUMA) or name.endswith(("le", "be")):
        frame = frame.reformat(format="gray")
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    picture: Gray = rows[:, : plane.width]
    return picture


def upright(picture: Gray, rotation: int) -> Gray:
    """`rotation` in degrees counterclockwise, as frames and `MediaInfo` tell it."""
    return np.rot90(picture, rotation // 90) if rotation % 360 else picture


def thumbnail(frame: VideoFrame, step: int) -> Gray:
    """Every `step`-th pixel of the stored picture, copied."""
    return gray(frame)[::step, ::step].copy()
