"""Dark text on light, whatever it was: engines are trained on paper.

A dark slide is inverted as a whole. A dark panel on a light slide (a code block, a time code, a caption) is
inverted by itself: Tesseract loses such lines where the text fills its panel.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from include.processing.blobs import blobs
from include.processing.pictures import Gray

DARK_SLIDE = 110  # median gray level
DARK = 100  # of a pixel, once the slide is light
RING = 6  # pixels around a panel that tell the slide's colour
SMALLEST_PANEL = (40, 14)  # pixels
STROKE = 9  # pixels: light strokes up to this width are closed over when looking for a panel
FILLED = 0.93  # share of its bounding box that a panel fills once the text in it is closed over
MOSTLY_DARK = 0.55  # … and before: more than a line of dark capitals would


def dark_on_light(picture: Gray) -> Gray:
    if np.median(picture[::4, ::4]) < DARK_SLIDE:
        picture = np.asarray(cv2.bitwise_not(picture), np.uint8)
    dark = np.asarray(picture < DARK, np.uint8)
    closed = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((STROKE, STROKE), np.uint8))
    panels = [tuple(s[:4]) for s in blobs(np.asarray(closed, np.uint8)) if _is_panel(s, dark)]
    if panels:
        picture = picture.copy()
    for x, y, w, h in panels:
        around = picture[max(0, y - RING) : y + h + RING, max(0, x - RING) : x + w + RING]
        picture[y : y + h, x : x + w] = _blended(picture[y : y + h, x : x + w], around)
    return np.ascontiguousarray(picture)


def _blended(panel: Gray, around: Gray) -> Gray:
    """Inverted onto the colour around it: an edge that stayed would be read as a bracket or a bar."""
    ground = (float(around.sum()) - float(panel.sum())) / max(1, around.size - panel.size)
    return np.clip(ground + np.median(panel) - panel, 0, 255).astype(np.uint8)


def _is_panel(component: Sequence[int], dark: Gray) -> bool:
    x, y, width, height, area = component
    if width < SMALLEST_PANEL[0] or height < SMALLEST_PANEL[1] or area < FILLED * width * height:
        return False
    return float(dark[y : y + height, x : x + width].mean()) >= MOSTLY_DARK
