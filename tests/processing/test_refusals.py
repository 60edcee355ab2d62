"""What is not a video says so with a code, in one line, and nothing else is opened on its behalf."""

import tracemalloc

import av
import numpy as np
import pytest
from media import bursts, cfr, numbered, write, write_wav

from include.processing.container import open_container
from include.processing.errors import PermanentError, TransientError
from include.processing.probe import probe
from include.processing.sources import FileSource

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
DASH = (
    b"""<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>x</BaseURL></Period></MPD>"""
)
BOX_FTYP = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41"


def box(kind, content):
    return (8 + len(content)).to_bytes(4, "big") + kind + content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "EMPTY", id="no-bytes"),
        pytest.param(b"x", "UNRECOGNISED", id="one-byte"),
        pytest.param(b"just some text\n" * 500, "UNRECOGNISED", id="text"),
        pytest.param(bytes(65536), "UNRECOGNISED", id="nul-bytes"),
        pytest.param(b"<html><body>404 Not Found</body></html>" * 20, "UNRECOGNISED", id="html"),
        pytest.param(b"PK\3\4" + bytes(range(256)) * 40, "UNRECOGNISED", id="zip"),
        pytest.param(b"\x7fELF" + bytes(4000), "UNRECOGNISED", id="program"),
        pytest.param(PNG, "NOT_A_VIDEO", id="png"),
        pytest.param(b"GIF89a" + bytes(300), "NOT_A_VIDEO", id="gif"),
        pytest.param(b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(300), "NOT_A_VIDEO", id="jpeg"),
        pytest.param(b"RIFF\x24\0\0\0WEBPVP8 " + bytes(300), "NOT_A_VIDEO", id="webp"),
        pytest.param(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "FORBIDDEN_FORMAT", id="hls"),
        pytest.param(b"\xef\xbb\xbf#EXTM3U\n#EXTINF:1,\nother.ts\n", "FORBIDDEN_FORMAT", id="hls-with-bom"),
        pytest.param(b"ffconcat version 1.0\nfile other.mp4\n", "FORBIDDEN_FORMAT", id="ffconcat"),
        pytest.param(DASH, "FORBIDDEN_FORMAT", id="dash"),
        pytest.param(b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video 5004 RTP/AVP 96\r\n", "FORBIDDEN_FORMAT", id="sdp"),
        pytest.param(BOX_FTYP, "NO_STREAMS", id="ftyp-alone"),
        pytest.param(BOX_FTYP + box(b"mdat", bytes(5000)), "MOOV_MISSING", id="mdat-without-moov"),
        pytest.param(
            BOX_FTYP + box(b"free", b"") + b"\0\0\0\1mdat" + (9**9).to_bytes(8, "big"), "MOOV_MISSING", id="64-bit-box"
        ),
        pytest.param(BOX_FTYP + b"\0\0\0\0mdat" + bytes(90), "MOOV_MISSING", id="box-up-to-the-end"),
        pytest.param(BOX_FTYP + box(b"moov", bytes(2000)), "NO_STREAMS", id="empty-moov"),
        pytest.param(BOX_FTYP + b"\0\1\0\0moov" + box(b"trak", bytes(50)), "NO_STREAMS", id="moov-cut-off"),
    ],
)
def test_codes(content, code, tmp_path):
    (tmp_path / "file.mp4").write_bytes(content)
    with pytest.raises(PermanentError) as caught:
        probe(FileSource(tmp_path / "file.mp4"))
    assert caught.value.code == code
    assert str(caught.value).startswith(f"{code}: file.mp4: ")
    assert "\n" not in str(caught.value)


def test_a_playlist_named_mp4_opens_no_sibling(tmp_path):
    """ffmpeg itself plays the sibling (ffconcat allows relative names)."""
    write(tmp_path / "secret.mp4", cfr([numbered(1)] * 5, 5))
    (tmp_path / "playlist.mp4").write_bytes(b"ffconcat version 1.0\nfile secret.mp4\n")
    with pytest.raises(PermanentError, match="FORBIDDEN_FORMAT"):
        probe(FileSource(tmp_path / "playlist.mp4"))


def test_the_names_line_break_forges_no_second_line(tmp_path):
    path = tmp_path / "new\nOK: line.mp4"
    path.write_bytes(b"")
    with pytest.raises(PermanentError) as caught:
        probe(FileSource(path))
    assert str(caught.value) == "EMPTY: new OK: line.mp4: the file has no bytes; upload it again"


@pytest.mark.parametrize(
    ("kind", "lost"), [pytest.param(b"avc1", "picture", id="picture"), pytest.param(b"sowt", "sound", id="sound")]
)
def test_a_codec_that_nobody_knows_is_a_problem_not_a_crash(kind, lost, tmp_path):
    """Such a stream has no decoder at all; the other one is read."""
    path = write(
        tmp_path / "clip.mov",
        cfr([numbered(i) for i in range(10)], 10),
        bursts([(0.2, 0.8)], 1),
        container="mov",
        sound_codec="pcm_s16le",
    )
    content = path.read_bytes()
    assert content.count(kind) == 1
    path.write_bytes(content.replace(kind, b"zzzz"))
    found = probe(FileSource(path))
    assert [lost in p.message for p in found.problems] == [True]


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path):
    """The codec itself says 8200x8200."""
    path = write(tmp_path / "huge.mov", [(0.0, np.zeros((8200, 8200), np.uint8))], codec="png", pix_fmt="gray")
    with pytest.raises(PermanentError, match=r"TOO_LARGE_FRAME: huge\.mov: 8200x8200 pixels"):
        probe(FileSource(path))


def test_too_many_streams(tmp_path):
    path = tmp_path / "many.mkv"
    with av.open(str(path), "w") as out:
        streams = [out.add_stream("pcm_s16le", rate=8000, layout="mono") for _ in range(21)]
        for stream in streams:
            frame = av.AudioFrame.from_ndarray(bursts([], 0.1).reshape(1, -1)[:, :800], format="s16", layout="mono")
            frame.sample_rate = 8000
            out.mux(stream.encode(frame))
    with pytest.raises(PermanentError, match=r"TOO_MANY_STREAMS: many\.mkv: 21 streams"):
        probe(FileSource(path))


class Breaking(FileSource):
    """The wire breaks after so many reads."""

    def __init__(self, path, after):
        super().__init__(path)
        self.left = after

    def read_at(self, offset, length):
        self.left -= 1
        if self.left < 0:
            raise TransientError("SOURCE_UNREADABLE", "the wire broke", "try again")
        return super().read_at(offset, length)


@pytest.fixture(scope="module")
def long_wav(tmp_path_factory):
    """40 MB: more than any cache of ours."""
    return write_wav(tmp_path_factory.mktemp("wav") / "long.wav", np.tile(bursts([], 10), 125))


@pytest.mark.parametrize("after", [pytest.param(0, id="while-opening"), pytest.param(6, id="while-reading")])
def test_the_sources_own_error_reaches_the_caller(after, long_wav):
    def read():
        with open_container(Breaking(long_wav, after)) as (container, _):
            for _packet in container.demux():
                pass

    with pytest.raises(TransientError, match="SOURCE_UNREADABLE: the wire broke; try again"):
        read()


def test_reading_a_container_keeps_no_more_than_the_cache(long_wav):
    """8 MiB of blocks, whatever the file's size."""
    tracemalloc.start()
    with open_container(FileSource(long_wav)) as (container, _):
        for _packet in container.demux():
            pass
        _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 1024 * 1024
