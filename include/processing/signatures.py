"""What a file's first bytes say of its format, without a decoder. The verdict is `container.open_container`'s."""

from typing import Literal

HEAD = 64 * 1024  # bytes that are looked at

Format = Literal["mp4", "matroska", "webm", "avi", "mpegts", "mpeg", "flv", "asf", "ogg", "mxf", "sound"]

_BOXES = frozenset(b"ftyp moov mdat wide free skip pnot moof styp sidx uuid udta junk".split())
_STARTS: tuple[tuple[bytes, Format], ...] = (
    (b"FLV", "flv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (b"OggS", "ogg"),
    (b"\x06\x0e\x2b\x34", "mxf"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpeg"),
    (b"ID3", "sound"),
    (b"fLaC", "sound"),
    (b"\xff\xf1", "sound"),
    (b"\xff\xf9", "sound"),
    (b"\xff\xfb", "sound"),
)
_PACKETS = (188, 192, 204)  # bytes of an MPEG transport stream's packets, plain, with times, with parity
_ALIKE = 4  # packets in a row


def format_of(head: bytes) -> Format | None:
    """By the first `HEAD` bytes of a file, or all that it has. None where they begin no video, or sound, that we open.

    Broadcasts may be cut anywhere, so an MPEG stream counts wherever in them it begins."""
    if head[4:8] in _BOXES:
        return "mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm" if b"webm" in head[:64] else "matroska"
    if head.startswith(b"RIFF"):
        return "avi" if head[8:11] == b"AVI" else "sound" if head[8:12] == b"WAVE" else None
    found = next((kind for start, kind in _STARTS if head.startswith(start)), None)
    if found or _transport(head):
        return found or "mpegts"
    return "mpeg" if b"\x00\x00\x01\xba" in head or b"\x00\x00\x01\xb3" in head else None


def _transport(head: bytes) -> bool:
    for size in _PACKETS:
        for start in range(min(size, len(head))):
            if len(head) >= start + size * _ALIKE and head[start : start + size * _ALIKE : size] == b"\x47" * _ALIKE:
                return True
    return False
