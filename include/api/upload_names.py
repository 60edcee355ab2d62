"""What a file that is uploaded may be called, and the key under which it is kept.

People see a video under the last part of its key, decoded (`staging.filename_of`). So what is unsafe in a key is
written there as in a URL, and nothing of the name is lost unless it is too long.
"""

import re
import unicodedata
from urllib.parse import unquote

from include.api.problems import Problem
from include.ingest.names import VIDEOS, kind
from include.storage.keys import MAX_PART_BYTES

LONGEST = 255  # characters
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
_UNSAFE = frozenset('<>:"|?*')  # in names on some system that a store may be copied to
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REFUSED = {"Cc": "a control character", "Cs": "half of a surrogate pair", "Zl": "a line break", "Zp": "a line break"}

TYPES = {
    **dict.fromkeys(("mp4", "m4v", "mov", "qt", "f4v", "3gp", "3g2"), "video/mp4"),
    **dict.fromkeys(("ogm", "ogv"), "video/ogg"),
    **dict.fromkeys(("ts", "mts", "m2ts"), "video/mp2t"),
    **dict.fromkeys(("mpg", "mpeg", "mpe", "vob"), "video/mpeg"),
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "avi": "video/x-msvideo",
    "flv": "video/x-flv",
    "wmv": "video/x-ms-wmv",
    "asf": "video/x-ms-asf",
    "mxf": "application/mxf",
}
"""Of each suffix that we take. QuickTime goes as MP4, which it is: browsers that know only the one play both."""
_SAID_OF_VIDEOS = {"application/octet-stream", "binary/octet-stream", "application/mp4", "application/ogg"} | {
    "application/mxf",
    "application/x-matroska",
    "application/vnd.ms-asf",
    "application/vnd.rn-realmedia",
}


def checked(filename: str) -> str:
    """The name as it is kept. Raises Problem 422 BAD_FILENAME."""
    name = unicodedata.normalize("NFC", filename).strip(" ")
    fault = _fault(name)
    if fault:
        raise Problem(422, "BAD_FILENAME", f"the file's name {fault}", "rename the file")
    return name


def check_type(name: str, content_type: str | None) -> str:
    """The media type that goes with the name. Raises Problem 415 NOT_A_VIDEO_TYPE, also where the browser says that it
    is something else."""
    if kind(name) != "video":
        known = ", ".join(sorted(VIDEOS))
        raise Problem(415, "NOT_A_VIDEO_TYPE", f"{name} has not the suffix of a video", f"give one of: {known}")
    suffix = name.rpartition(".")[2].lower()
    said = (content_type or "").partition(";")[0].strip().lower()
    # .ts is also the suffix of programs and translations, by which some systems guess the type
    if said and not said.startswith("video/") and said not in _SAID_OF_VIDEOS and suffix != "ts":
        raise Problem(415, "NOT_A_VIDEO_TYPE", f"{name} is said to be {said}, which is no video", "give a video file")
    return TYPES[suffix]


def key_name(name: str) -> str:
    """The last part of its key, at most 255 bytes: what is longer loses the end of its stem."""
    stem, _, suffix = name.rpartition(".")
    letters = [_encoded(letter) if _unsafe(name, at) else letter for at, letter in enumerate(stem)]
    if unquote(name) != name or "".join(letters) != stem:
        letters = ["%25" if letter == "%" else letter for letter in letters]
    room = MAX_PART_BYTES - len(suffix.encode()) - 1
    kept: list[str] = []
    for letter in letters:
        room -= len(letter.encode())
        if room < 0:
            break
        kept.append(letter)
    return f"{''.join(kept)}.{suffix}"


def _fault(name: str) -> str | None:
    categories = {unicodedata.category(letter) for letter in name}
    faults = (
        ("is empty", not name),
        (f"has more than {LONGEST} characters", len(name) > LONGEST),
        ("has a slash or a backslash", "/" in name or "\\" in name),
        ("begins with a dot: such files are hidden, or not complete", name.startswith(".")),
        ("has characters that turn the direction of the text", not _TURNING.isdisjoint(name)),
        *((f"has {what}", category in categories) for category, what in _REFUSED.items()),
    )
    return next((fault for fault, found in faults if found), None)


def _unsafe(name: str, at: int) -> bool:
    letter = name[at]
    if at == 0 and _DEVICES.match(name):
        return True
    return letter in _UNSAFE or not letter.isprintable() or (letter == " " and name[at - 1 : at] == " ")


def _encoded(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode())
