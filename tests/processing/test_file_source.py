import os

import pytest

from include.processing.errors import PermanentError
from include.processing.sources import FileSource, open_source


def test_bytes_by_range(tmp_path):
    path = tmp_path / "ten.bin"
    path.write_bytes(b"0123456789")
    source = open_source(str(path))
    assert (source.name, source.size) == ("ten.bin", 10)
    assert source.read_at(2, 3) == b"234"
    assert source.read_at(8, 100) == b"89"
    assert source.read_at(10, 1) == b""


def directory(folder):
    return folder


def missing(folder):
    return folder / "missing.mp4"


def pipe(folder):
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def dangling(folder):
    (folder / "link").symlink_to(folder / "gone")
    return folder / "link"


def device(_):
    from pathlib import Path

    return Path("/dev/zero")


def too_long(folder):
    return folder / ("x" * 300)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(missing, "no such file", id="missing"),
        pytest.param(directory, "not a regular file", id="directory"),
        pytest.param(pipe, "not a regular file", id="pipe"),
        pytest.param(dangling, "no such file", id="dangling-link"),
        pytest.param(device, "not a regular file", id="device"),
        pytest.param(too_long, "File name too long", id="too-long-a-name"),
    ],
)
def test_what_cannot_be_read_says_so(make, why, tmp_path):
    path = make(tmp_path)
    with pytest.raises(PermanentError) as caught:
        open_source(str(path))
    assert caught.value.code == "SOURCE_UNREADABLE"
    assert caught.value.cause.endswith(why)


def test_a_closed_source_gives_its_descriptor_back(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        FileSource(tmp_path / "a")
    assert len(os.listdir("/proc/self/fd")) == before
