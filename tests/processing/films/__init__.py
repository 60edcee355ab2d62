"""Films whose text and times are known: what issue trackers are full of, made on the spot with Pillow's own font.

`FILMS[name](view, short)` gives a film; `encode` writes it.
"""

from collections.abc import Callable

from films.base import HD, SMALL, Film, Shown, View, encode
from films.camera import credits_quick, credits_slow, shaky_text
from films.editor import editor
from films.head import talking_head
from films.pages import cursor, fades, returns, roll
from films.stock import subtitles, textless, ticker

__all__ = ["FILMS", "HD", "SMALL", "Film", "Shown", "View", "encode"]

FILMS: dict[str, Callable[[View, bool], Film]] = {
    "subtitles": subtitles,
    "talking_head": talking_head,
    "shaky_text": shaky_text,
    "credits_slow": credits_slow,
    "credits_quick": credits_quick,
    "editor": editor,
    "fades": fades,
    "cursor": cursor,
    "returns": returns,
    "roll": roll,
    "ticker": ticker,
    "textless": textless,
}
