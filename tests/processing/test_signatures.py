"""First looks at files: of every container that FFmpeg writes for us, and of what is none."""

import random
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from include.processing.signatures import HEAD, format_of


def written(path: Path, container: str, codec: str = "mpeg4") -> bytes:
    """Its first bytes."""
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(25):
            picture = av.VideoFrame.from_ndarray(np.full((120, 160, 3), number * 9, np.uint8), format="rgb24")
            picture.pts = number
            out.mux(stream.encode(picture))
        out.mux(stream.encode())
    return path.read_bytes()[:HEAD]


@pytest.mark.parametrize(
    ("container", "codec", "expected"),
    [
        ("mp4", "mpeg4", "mp4"),
        ("mov", "mpeg4", "mp4"),
        ("3gp", "mpeg4", "mp4"),
        ("matroska", "mpeg4", "matroska"),
        ("webm", "libvpx", "webm"),
        ("avi", "mpeg4", "avi"),
        ("mpegts", "mpeg2video", "mpegts"),
        ("vob", "mpeg2video", "mpeg"),
        ("mpeg2video", "mpeg2video", "mpeg"),
        ("flv", "flv", "flv"),
        ("asf", "mpeg4", "asf"),
        ("ogg", "libvpx", "ogg"),
        ("mxf", "mpeg2video", "mxf"),
    ],
)
def test_what_ffmpeg_writes(container: str, codec: str, expected: str, tmp_path: Path) -> None:
    assert format_of(written(tmp_path / "file", container, codec)) == expected


def test_a_broadcast_that_was_cut_anywhere(tmp_path: Path) -> None:
    stream = written(tmp_path / "file", "mpegts", "mpeg2video")
    assert format_of(stream[100:]) == "mpegts"
    times = b"".join(b"\0\0\0\0" + stream[at : at + 188] for at in range(0, 188 * 20, 188))
    assert format_of(times) == "mpegts"


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\0" * HEAD, id="zeros"),
        pytest.param(b"<!doctype html><html><body>not found</body></html>", id="page"),
        pytest.param(b"#EXTM3U\n#EXT-X-VERSION:3\nfile:///etc/passwd\n", id="playlist"),
        pytest.param(b"ffconcat version 1.0\nfile /etc/passwd\n", id="concat"),
        pytest.param(b"%PDF-1.7\n" + bytes(500), id="pdf"),
        pytest.param(b"PK\x03\x04" + bytes(500), id="archive"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(500), id="picture"),
        pytest.param(b"RIFF\0\0\0\0WEBPVP8 " + bytes(500), id="webp"),
        pytest.param(b"\x7fELF" + bytes(500), id="program"),
        pytest.param(random.Random(1).randbytes(5000), id="noise"),
    ],
)
def test_what_is_no_video(head: bytes) -> None:
    assert format_of(head) is None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(b"RIFF\0\0\0\0WAVEfmt ", "sound", id="wav"),
        pytest.param(b"ID3\x04", "sound", id="mp3"),
        pytest.param(b"\0\0\0\x08wide\0\0\0\0mdat", "mp4", id="old-quicktime"),
    ],
)
def test_what_else_is_opened(head: bytes, expected: str) -> None:
    assert format_of(head) == expected
