"""Text of others in Markdown: it stands there as it is, whatever it looks like. CommonMark, and what GitHub adds."""

import re
from collections.abc import Callable

Link = Callable[[float], str]  # the URL that jumps to a second of the video

# Emphasis, code, links, HTML, entities, tables, strikethrough, formulas, templates, mentions, and headings.
_ALWAYS = re.compile(r"[\\`*\[\]<>&|~$@#{}]|(?<![^\W_])_|_(?![^\W_])")  # not the one of snake_case
# What renderers make links of without being asked: http://host, //host, www.host, and host.com or anything.xy.
_SLASHES = re.compile(r"(?<=/)/(?=\w)")
_DOT = re.compile(
    r"(?<=www)\.|(?<=\w)\.(?=(?:[^\W\d_]{2}|com|net|org|edu|gov|biz|info|name|pro|web|xxx|aero|asia|coop|museum|shop|xn--\S+)\b)",
    re.IGNORECASE,
)
# Lists and underlines of headings, at the start of a line.
_AT_START = re.compile(r"^([-+=]|\d{1,9}(?=[.)]))")
_UNSAFE_URL = re.compile(r"[\s<>()\\\[\]\"`]|[^\x21-\x7e]")


def escaped(text: str) -> str:
    """`text` on one line, to stand behind something of ours."""
    text = _ALWAYS.sub(r"\\\g<0>", " ".join(text.split()))
    return _DOT.sub(r"\\.", _SLASHES.sub(r"\\/", text))


def escaped_line(text: str) -> str:
    """`text` on one line, to begin a line, behind `>` too."""
    text = escaped(text)
    found = _AT_START.match(text)
    if not found:
        return text
    head = found[1]
    return f"{head}\\{text[len(head) :]}" if head.isdigit() else f"\\{text}"


def linked(label: str, url: str) -> str:
    """`label` is ours."""
    return f"[{label}]({_UNSAFE_URL.sub(_percent, url)})"


def clock(seconds: float) -> str:
    """1:02:03, 2:03."""
    whole = int(max(0.0, seconds))
    minutes = f"{whole // 60 % 60:02d}" if whole >= 3600 else f"{whole // 60}"
    return f"{whole // 3600}:{minutes}:{whole % 60:02d}" if whole >= 3600 else f"{minutes}:{whole % 60:02d}"


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode(errors="replace"))
