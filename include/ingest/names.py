"""What a name under incoming/ says about the file, and when there is something to do with it."""

from typing import Literal

from include.storage.listing import Version

Kind = Literal["video", "sidecar", "half", "foreign"]

INCOMING = "incoming/"
SIDECAR = ".json"
EMPTY_AFTER = 3600.0  # seconds: some tools make an empty object first and fill it later
VIDEOS = frozenset(
    [
        "3g2", "3gp", "asf", "avi", "f4v", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpe",
        "mpeg", "mpg", "mts", "mxf", "ogm", "ogv", "qt", "ts", "vob", "webm", "wmv",
    ]
)  # fmt: skip
HALVES = frozenset(
    [
        "part", "partial", "tmp", "temp", "crdownload", "download", "filepart", "opdownload", "aria2", "upload",
        "uploading", "!ut", "!qb",
    ]
)  # fmt: skip
FOLDERS_OF_SYSTEMS = frozenset(("__MACOSX", "@eaDir", "$RECYCLE.BIN", "lost+found", "System Volume Information"))


def kind(key: str) -> Kind:
    """By the name alone. What the bytes are is judged by the plan stage, which has a row for its reasons.

    A name that begins with a dot is hidden, a Mac's second file (`._talk.mp4`), or rsync's for what isn't complete.
    """
    *folders, name = key.split("/")
    if any(part.startswith(".") or part in FOLDERS_OF_SYSTEMS for part in folders) or name.startswith("."):
        return "foreign"
    stem, dot, suffix = name.rpartition(".")
    suffix = suffix.lower()
    if not (stem and dot):
        return "half" if name.endswith("~") else "foreign"
    if suffix in VIDEOS:
        return "video"
    if suffix in HALVES or suffix.endswith("~"):
        return "half"
    return "sidecar" if f".{suffix}" == SIDECAR and kind(f"/{stem}") == "video" else "foreign"


def due(version: Version, now: float, settle: float) -> bool:
    """Whether a pass takes it now. `settle`: seconds without a change after which a file counts as complete."""
    if kind(version.key) != "video":
        return False
    age = now - version.modified
    return age >= EMPTY_AFTER if version.size == 0 else settle <= 0 or age >= settle
