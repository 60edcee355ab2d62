"""Subtitles that are pictures (Blu-ray, DVD, DVB): from palette and indices to gray text on a plain ground."""

from fractions import Fraction
from typing import Any, TypeGuard, cast

import av
import numpy as np
import numpy.typing as npt
from av.subtitles.subtitle import BitmapSubtitle, Subtitle, SubtitleSet

from include.processing.pictures import Gray

MARGIN = 16  # pixels of plain ground around the text: engines misread what touches the edge
SEEN = 64  # of 255: what is more transparent than this is not looked at
MAX_PIXELS = 4096 * 2304
OPAQUE = 255
_SYNC, _CLUT, _ENTRY = 0x0F, 0x12, 6  # of a DVB subtitle: marks of a segment, bytes of a palette's entry

Palette = npt.NDArray[np.uint8]  # (256, 2): brightness and opacity


def drawn(shown: SubtitleSet) -> Gray | None:
    """All of its parts as they stand to each other, cut to what can be seen. None: nothing is to be seen.

    Raises FFmpegError or ValueError for what can't be drawn. Changes `shown`'s display time.
    """
    if not len(shown):
        return None
    if not any(_whole(part) for part in shown):
        raise ValueError("a subtitle that lost its picture")
    drawings = zip(shown, _palettes(shown), strict=True)
    parts = [(part, palette) for part, palette in drawings if _whole(part)]
    left, top = min(p.x for p, _ in parts), min(p.y for p, _ in parts)
    right, bottom = max(p.x + p.width for p, _ in parts), max(p.y + p.height for p, _ in parts)
    if (right - left) * (bottom - top) > MAX_PIXELS:
        raise ValueError("a subtitle larger than any screen")
    canvas = np.zeros((bottom - top, right - left, 2), np.uint8)
    for part, palette in parts:
        indices = np.frombuffer(cast(Any, part.planes[0]), np.uint8).reshape(part.height, part.width)
        canvas[part.y - top :, part.x - left :][: part.height, : part.width] = palette[indices]
    return _on_ground(canvas[..., 0], canvas[..., 1])


def _whole(part: Subtitle) -> TypeGuard[BitmapSubtitle]:
    """A decoder leaves of a damaged one a part without width."""
    return isinstance(part, BitmapSubtitle) and part.width > 0 and bool(part.planes)


def _palettes(shown: SubtitleSet) -> list[Palette]:
    """PyAV does not give them out, but FFmpeg's encoder for DVB writes them down, whatever format they came from."""
    encoder = av.CodecContext.create("dvb_subtitle", "w")
    encoder.time_base = Fraction(1, 1000)
    shown.start_display_time = 0  # the encoder demands it
    data = bytes(encoder.encode_subtitle(shown))
    palettes, at = [], 0
    while at + 6 <= len(data) and data[at] == _SYNC:
        kind, size = data[at + 1], int.from_bytes(data[at + 4 : at + 6], "big")
        if kind == _CLUT:
            palettes.append(_palette(data[at + 8 : at + 6 + size]))
        at += 6 + size
    return palettes


def _palette(entries: bytes) -> Palette:
    """Of index, flags, Y, Cr, Cb and transparency, a byte each; Y is 16 to 235."""
    table = np.frombuffer(entries[: len(entries) // _ENTRY * _ENTRY], np.uint8).reshape(-1, _ENTRY)
    palette = np.zeros((256, 2), np.uint8)
    palette[table[:, 0], 0] = np.clip(np.rint((table[:, 2].astype(float) - 16) * (255 / 219)), 0, 255)
    palette[table[:, 0], 1] = OPAQUE - table[:, 5]
    return palette


def _on_ground(bright: Gray, opacity: Gray) -> Gray | None:
    seen = opacity > SEEN
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return None
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    bright, opacity, seen = bright[box], opacity[box], seen[box]
    ground = _ground(bright, seen)
    mixed = bright * opacity.astype(np.uint16) + np.uint16(ground) * (OPAQUE - opacity)
    return np.pad((mixed // OPAQUE).astype(np.uint8), MARGIN, constant_values=ground)


def _ground(bright: Gray, seen: npt.NDArray[np.bool_]) -> int:
    """Black or white: like the outline, which so vanishes; unlike the text where it has none."""
    around = np.pad(seen, 1)
    inner = seen & around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    rim = float(bright[seen & ~inner].mean())
    heart = float(bright[inner].mean()) if inner.any() else rim
    if abs(heart - rim) < 32:
        return 0 if rim > 127 else OPAQUE
    return 0 if rim < heart else OPAQUE
