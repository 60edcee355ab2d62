import hashlib
import tarfile

import cv2
import numpy as np
import pytest
from media import slide

from include.processing.errors import PermanentError
from include.processing.frames_archive import FramesArchive, load, store

FIRST, SECOND = slide("First slide", "with a line"), slide("Second slide", "and another")
NOISE = np.random.default_rng(0).integers(0, 255, (90, 160)).astype(np.uint8)


@pytest.fixture
def tar(tmp_path):
    with tarfile.open(tmp_path / "frames.tar", "w") as archive:
        yield archive


def read_back(tar):
    tar.close()
    return tarfile.open(tar.name, "r:")


def keep(archive, tick, picture, first=0, end=None, film=False):
    return archive.keep(tick, picture, first, picture.shape[0] if end is None else end, film=film)


def test_each_picture_lies_where_the_index_says(tar, tmp_path):
    """What a page fetches by range is a whole JPEG or PNG."""
    archive = FramesArchive(tar)
    keep(archive, 0.0, FIRST)
    archive.add("0000001000.png", NOISE)
    keep(archive, 1.0, SECOND, 40, 180)
    tar.close()
    content = (tmp_path / "frames.tar").read_bytes()
    pictures = {}
    for s in archive.stored:
        data = content[s.offset : s.offset + s.size]
        assert s.sha256 == hashlib.sha256(data).hexdigest()[:16]
        pictures[s.file] = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert {name: p.shape for name, p in pictures.items()} == {
        "0000000000.jpg": (360, 640),
        "0000001000.png": (90, 160),
        "0000001000.jpg": (140, 640),
    }
    assert np.array_equal(pictures["0000001000.png"], NOISE)


@pytest.mark.parametrize("size", [1, 511, 512, 513, 1024, 40_000])
def test_offsets_whatever_the_size(size, tar, tmp_path, monkeypatch):
    """Tar fills its blocks up."""
    data = np.arange(size, dtype=np.uint8)
    monkeypatch.setattr(cv2, "imencode", lambda *_: (True, data))
    found = [store(tar, name, NOISE) for name in ("a.jpg", "b.jpg")]
    tar.close()
    content = (tmp_path / "frames.tar").read_bytes()
    assert [content[s.offset : s.offset + s.size] for s in found] == [data.tobytes()] * 2
    assert found[1].offset > found[0].offset + size


def test_what_is_stored_can_be_loaded(tar):
    archive = FramesArchive(tar)
    name = keep(archive, 12.345, FIRST)
    assert name == "0000012345.jpg"
    with read_back(tar) as stored:
        picture = load(stored, name)
    assert picture.shape == FIRST.shape
    assert np.abs(picture.astype(int) - FIRST).max() < 40
    assert np.abs(picture.astype(int) - FIRST).mean() < 2


def test_only_the_rows_asked_for_are_stored(tar):
    archive = FramesArchive(tar)
    name = keep(archive, 0.0, FIRST, 30, 90)
    with read_back(tar) as stored:
        picture = load(stored, name)
    assert picture.shape == (60, 640)
    assert np.abs(picture.astype(int) - FIRST[30:90]).mean() < 2


def test_a_picture_that_returns_is_stored_once(tar):
    archive = FramesArchive(tar)
    names = [keep(archive, float(t), p) for t, p in enumerate([FIRST, SECOND, FIRST, SECOND, slide("Third")])]
    assert names == ["0000000000.jpg", "0000001000.jpg", "0000000000.jpg", "0000001000.jpg", "0000004000.jpg"]
    assert len(archive.stored) == 3


def test_it_returns_though_grain_differs(tar):
    archive = FramesArchive(tar)
    grain = np.random.default_rng(1).normal(0, 6, FIRST.shape)
    noisy = np.clip(FIRST + grain, 0, 255).astype(np.uint8)
    assert [keep(archive, 0.0, FIRST), keep(archive, 1.0, noisy)] == ["0000000000.jpg"] * 2


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(slide("First slide", "with a lime"), id="a-letter"),
        pytest.param(slide("First slide", "with a line;"), id="a-semicolon"),
        pytest.param(slide("First slide", "with a line", size=(640, 400)), id="another-size"),
    ],
)
def test_another_picture_is_stored_too(other, tar):
    archive = FramesArchive(tar)
    assert keep(archive, 0.0, FIRST) != keep(archive, 1.0, other)
    assert len(archive.stored) == 2


def test_parts_and_films_are_stored_each_time(tar):
    """Parts differ in their rows; a film's picture does not come again, and looking for it costs time."""
    archive = FramesArchive(tar)
    keep(archive, 0.0, FIRST, film=True)
    keep(archive, 1.0, FIRST, film=True)
    keep(archive, 2.0, FIRST, 30, 90)
    keep(archive, 3.0, FIRST, 30, 90)
    assert len({s.file for s in archive.stored}) == 4


def test_a_films_picture_is_smaller(tar):
    archive = FramesArchive(tar)
    keep(archive, 0.0, NOISE)
    keep(archive, 1.0, NOISE, film=True)
    still, film = archive.stored
    assert film.size < 0.8 * still.size


def test_pictures_of_long_ago_are_forgotten(tar):
    """Memory does not grow with the chunk."""
    archive = FramesArchive(tar)
    assert keep(archive, 0.0, FIRST) == "0000000000.jpg"
    for second in range(1, 60):
        keep(archive, float(second), slide(f"Slide {second} of many"))
    assert keep(archive, 100.0, FIRST) == "0000100000.jpg"


def test_color_can_be_stored_and_is_read_as_gray(tar):
    """A subtitle's picture, or a thumbnail."""
    color = np.zeros((20, 30, 3), np.uint8)
    color[..., 1] = 255
    store(tar, "s.png", color)
    with read_back(tar) as stored:
        assert load(stored, "s.png").tolist() == [[149] * 30] * 20


def test_what_is_missing_is_one_clear_error(tar):
    store(tar, "a.jpg", NOISE)
    with read_back(tar) as stored, pytest.raises(PermanentError) as caught:
        load(stored, "b.jpg")
    assert str(caught.value) == "CORRUPT: frames archive and its index differ at b.jpg; clear the extract task"
