"""What hangs together in a mask."""

import cv2
import numpy as np
import numpy.typing as npt

from include.processing.pictures import Gray

Blobs = npt.NDArray[np.int32]
"""Rows of left, top, width, height, area, as OpenCV gives them."""


def blobs(mask: Gray) -> Blobs:
    """Of each blob, diagonal neighbours included.

    By the algorithm that takes a third of the time of OpenCV's usual one."""
    _, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_BBDT)
    return np.asarray(stats[1:], np.int32)
