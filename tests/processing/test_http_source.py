"""Videos from a web server: by ranges, over one connection, with errors that say whether trying again helps."""

import socket

import numpy as np
import pytest
from media import bursts, cfr, write
from web import Web

from include.processing.chunking import plan_chunks
from include.processing.errors import PermanentError, TransientError
from include.processing.extract import extract_chunk
from include.processing.http_source import HttpSource
from include.processing.probe import probe
from include.processing.sources import open_source

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def web():
    with Web(CONTENT) as server:
        yield server


def test_bytes_by_range(web):
    source = open_source(web.url("/folder/my%20talk%C3%A9.mp4?token=x"))
    assert isinstance(source, HttpSource)
    assert (source.name, source.size) == ("my talké.mp4", 10240)
    assert source.read_at(256, 3) == b"\0\1\2"
    assert source.read_at(10239, 100) == b"\xff"
    assert source.read_at(10240, 1) == b""
    assert source.fetched == 1 + 3 + 1
    assert [headers["Range"] for _, headers in web.requests] == ["bytes=0-0", "bytes=256-258", "bytes=10239-10239"]


def test_an_address_without_a_name(web):
    assert open_source(web.url("/")).name == "video"


def test_redirects_are_followed(web):
    source = open_source(web.url("/redirect"))
    assert source.read_at(0, 4) == b"\0\1\2\3"


def read(url):
    return open_source(url).read_at(0, 1000)


def refused(url):
    with pytest.raises((PermanentError, TransientError)) as caught:
        read(url)
    assert caught.value.code == "SOURCE_UNREADABLE"
    return caught.value


@pytest.mark.parametrize(
    ("path", "kind", "says"),
    [
        pytest.param("/status/404", PermanentError, "404", id="404"),
        pytest.param("/status/403", PermanentError, "403", id="403"),
        pytest.param("/status/401", PermanentError, "401", id="401"),
        pytest.param("/status/500", TransientError, "500", id="500"),
        pytest.param("/status/503", TransientError, "503", id="503"),
        pytest.param("/status/429", TransientError, "429", id="429"),
        pytest.param("/status/408", TransientError, "408", id="408"),
        pytest.param("/cut/video.mp4", TransientError, "", id="answer-cut-off"),
        pytest.param("/short/video.mp4", TransientError, "cut off", id="part-too-short"),
        pytest.param("/whole/video.mp4", PermanentError, "no range requests", id="no-ranges"),
        pytest.param("/loop", PermanentError, "", id="redirects-without-end"),
        pytest.param("/elsewhere", PermanentError, "", id="redirect-to-ftp"),
    ],
)
def test_what_goes_wrong(web, path, kind, says):
    error = refused(web.url(path))
    assert isinstance(error, kind)
    assert says in str(error)


@pytest.mark.parametrize("status", [429, 503])
def test_the_pause_that_the_server_asks_for(web, status):
    assert refused(web.url(f"/status/{status}")).retry_after == 7.0


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://", id="no-host"),
        pytest.param("http://[::1", id="half-an-address"),
        pytest.param("https://exa\0mple/x", id="nul"),
    ],
)
def test_what_is_no_address(url):
    assert isinstance(refused(url), PermanentError)


def test_nobody_answers():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refused at once
        error = refused(f"http://127.0.0.1:{taken.getsockname()[1]}/video.mp4")
    assert isinstance(error, TransientError)


def test_a_server_without_ranges_is_not_downloaded(web):
    """It offers a gigabyte; what the kernel's buffers swallow is all that goes over the wire."""
    refused(web.url("/whole/video.mp4"))
    assert web.sent < 32 * 1024 * 1024


@pytest.mark.parametrize("path", ["/whole/v.mp4", "/status/404", "/status/500", "/cut/v.mp4", "/loop"])
def test_no_secret_of_the_address_is_told(web, path):
    """Presigned addresses carry their signature in the query."""
    assert "s3cret" not in str(refused(web.url(f"{path}?X-Amz-Signature=s3cret")))


def test_bytes_come_as_they_are(web):
    """A server that compresses on the way would count other bytes."""
    source = open_source(web.url("/packed/video.mp4"))
    assert source.size == 10240
    assert source.read_at(0, 10240) == CONTENT


def test_an_empty_file_says_so(web):
    web.content = b""
    with pytest.raises(PermanentError, match=r"EMPTY: video\.mp4: the file has no bytes"):
        probe(open_source(web.url()))


@pytest.mark.parametrize(
    ("name", "muxing"),
    [
        pytest.param("a.mp4", {}, id="index-at-the-end"),
        pytest.param("a.mp4", {"movflags": "faststart"}, id="index-first"),
        pytest.param("a.mkv", {}, id="mkv"),
        pytest.param("a.ts", {}, id="ts"),
    ],
)
def test_a_whole_video_costs_little_more_than_its_bytes(web, name, muxing, tmp_path):
    """Probe, plan and three chunks, each from its own connection: at most one and a half times the file."""
    rng = np.random.default_rng(1)
    noise = [rng.integers(0, 255, (120, 160)).astype(np.uint8) for _ in range(50)]
    pictures = cfr([noise[i % 50] for i in range(80 * 6)], 6)
    options = {"preset": "ultrafast", "g": "12", "b": "3000000"}
    path = write(
        tmp_path / name,
        pictures,
        bursts([(1, 28), (29, 61), (62, 79)], 80),
        options=options,
        muxing=muxing,
        sound_codec="mp2",
    )
    web.content = path.read_bytes()
    assert len(web.content) > 8_000_000

    first = HttpSource(web.url())
    found = probe(first)
    chunks = plan_chunks(first, found, "v", 0.5)
    assert len(chunks) == 3
    fetched = first.fetched
    for chunk in chunks:
        source = HttpSource(web.url())
        extracted = extract_chunk(source, found.media, chunk, tmp_path, index=found.index)
        fetched += source.fetched
        assert extracted.index.ticks >= int(chunk.duration)
    whole = len(web.content)
    assert fetched <= whole * (3 if name == "a.ts" else 1.5)  # a transport stream has no index: it is counted through
    assert len(web.requests) < 120
