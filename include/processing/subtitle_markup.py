"""Subtitle markup → plain text. FFmpeg's decoders give every text format in the form of an ASS event."""

import html
import re
from collections.abc import Iterator

COMMAS = 8  # before the text of an event: order, layer, style, name, three margins, effect
_TOKEN = re.compile("\\\\\\{\\{\\}|\\\\[{}]|\\\\\u2060|\\\\[Nnh]|\\{[^}]*\\}")
_ESCAPES = {r"\{{}": "{", r"\{": "{", r"\}": "}", "\\\u2060": "\\", r"\N": "\n", r"\n": " ", r"\h": " "}
_DRAWING = re.compile(r"\\p(\d+)")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:i|b|u|s|em|strong|font|span|c|v|lang|ruby|rt|p)(?:[\s.][^<>]*)?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)


def plain_text(event: bytes, codec: str) -> str:
    """What a reader sees, line by line; empty where the event draws or holds nothing.

    In ASS itself braces always are markup; elsewhere `{here}` is text and only `{\\an8}` is markup, and tags and
    entities of HTML may be left (the decoder of WebVTT has undone them already).
    """
    parts = _decoded(event).split(",", COMMAS)
    if len(parts) <= COMMAS:
        return ""
    text = "".join(_shown(parts[COMMAS], literal=codec != "ass"))
    if codec not in ("ass", "webvtt"):
        text = _ENTITY.sub(lambda found: html.unescape(found.group()), _TAG.sub("", _BREAK.sub("\n", text)))
    lines = (" ".join(line.split()) for line in _INVISIBLE.sub("", text).splitlines())
    return "\n".join(line for line in lines if line)


def _decoded(event: bytes) -> str:
    """Files written on old machines are not in UTF-8, whatever their container says."""
    try:
        return event.decode("utf-8")
    except UnicodeDecodeError:
        return event.decode("cp1252", "replace")


def _shown(text: str, *, literal: bool) -> Iterator[str]:
    at, drawing = 0, False
    for token in _TOKEN.finditer(text):
        if not drawing:
            yield text[at : token.start()]
        at, found = token.end(), token.group()
        if found in _ESCAPES:
            yield _ESCAPES[found]
        elif literal and "\\" not in found:
            yield found
        elif sizes := _DRAWING.findall(found):
            drawing = int(sizes[-1]) > 0
    if not drawing:
        yield text[at:]
