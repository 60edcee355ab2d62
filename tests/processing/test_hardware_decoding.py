"""Hardware decoding is a wish: where the device is missing the pictures are the same, and the log says why."""

import logging

import av
import pytest
from av.codec.hwaccel import HWAccel
from media import BFRAMES, cfr, numbered, write

from include.processing import container as opening
from include.processing.container import hardware, open_container
from include.processing.errors import PermanentError
from include.processing.pictures import gray
from include.processing.sources import FileSource


@pytest.fixture(autouse=True)
def _nothing_said_yet():
    hardware.cache_clear()
    yield
    hardware.cache_clear()


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("hardware") / "a.mp4"
    return FileSource(write(path, cfr([numbered(i) for i in range(30)], 10), options=BFRAMES))


def decoded(source, hwaccel):
    with open_container(source, hwaccel=hwaccel) as (container, _):
        return [gray(frame).tobytes() for frame in container.decode(video=0)]


@pytest.mark.parametrize("name", ["cuda", "vaapi", "videotoolbox", "qsv", "cuda:7", "vaapi:/dev/dri/renderD199"])
def test_the_same_pictures_with_and_without_the_device(name, source, caplog):
    with caplog.at_level(logging.WARNING):
        assert decoded(source, name) == decoded(source, None)
        assert decoded(source, name) == decoded(source, None)
    said = [r.getMessage() for r in caplog.records if r.name == opening.__name__]
    if hardware(name) is None:  # as on most machines
        assert len(said) == 1
        assert said[0].startswith(f"no hardware decoding with {name}, decoding in software: ")


@pytest.mark.parametrize("name", ["none", "CUDA", "h264_cuvid", "gpu:0"])
def test_an_unknown_name_lists_the_known_ones(name, source):
    with (
        pytest.raises(PermanentError, match=r"HWACCEL: .*cuda, .*vaapi, .*videotoolbox") as caught,
        open_container(source, hwaccel=name),
    ):
        pass
    assert caught.value.code == "HWACCEL"


def test_a_device_that_fails_when_a_file_is_opened(source, caplog, monkeypatch):
    """Another process may have used up its memory since it was found; the file is not to blame."""
    monkeypatch.setattr(opening, "hardware", lambda name: HWAccel("cuda", "99"))
    with caplog.at_level(logging.WARNING):
        assert decoded(source, "cuda") == decoded(source, None)
    first, *_ = (r.getMessage() for r in caplog.records)
    assert first.startswith("a.mp4 does not open with hardware decoding, trying")


def test_a_broken_file_is_refused_as_without(tmp_path, monkeypatch):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"no video at all")
    monkeypatch.setattr(opening, "hardware", lambda name: HWAccel("cuda"))
    with pytest.raises(PermanentError, match="UNRECOGNISED"), open_container(FileSource(path), hwaccel="cuda"):
        pass


@pytest.mark.parametrize("pix_fmt", ["nv12", "p010le"])
def test_pictures_as_devices_give_them(pix_fmt):
    """nv12 has the luma as it is, p010 has ten bits of it in the high bits of two bytes."""
    frame = av.VideoFrame(4, 2, pix_fmt)
    values = [16, 126, 235, 16]
    for plane, fill in ((0, values), (1, [128] * 4)):
        row = b"".join(
            v.to_bytes(1) if pix_fmt == "nv12" else (v << 8 | 0b11000000).to_bytes(2, "little") for v in fill
        )
        size = frame.planes[plane]
        frame.planes[plane].update(row.ljust(size.line_size, b"\0") * size.height)
    assert gray(frame).tolist() == [values, values]
