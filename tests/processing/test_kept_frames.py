"""What of a chunk's pictures is kept: where they changed and since when, where they move, and where each file lies."""

import hashlib
import tarfile

import cv2
import numpy as np
import pytest
from av import VideoFrame
from media import held, page, slide, with_panel, write

from include.processing.boxes import overlap
from include.processing.extract import extract_chunk
from include.processing.frames_archive import load, load_map
from include.processing.pictures import small_colour
from include.processing.probe import probe
from include.processing.sources import FileSource
from include.processing.switches import from_picture, switched
from include.processing.types import Box, Chunk

HEAD = Box(400, 40, 160, 160)
WHOLE = Box(0, 0, 640, 360)
FILMED = {"options": {"preset": "ultrafast", "crf": "20", "g": "250"}}


def kept(folder, pictures, start=0.0, end=None, fps=1, **arguments):
    path = write(folder / "a.mp4", pictures, rate=10, **arguments)
    source = FileSource(path)
    found = probe(source)
    chunk = Chunk("v", 0, start, end or found.media.readable_end)
    return extract_chunk(source, found.media, chunk, folder, fps=fps, index=found.index)


def loaded(extracted, name, how=load):
    with tarfile.open(extracted.frames) as tar:
        return how(tar, name)


def head(i, base, box=HEAD):
    """Something that moves all the time, in blocks of 8 pixels."""
    levels = np.random.default_rng(i).integers(40, 200, (box.height // 8, box.width // 8), np.uint8)
    picture = base.copy()
    picture[box.top : box.bottom, box.left : box.right] = np.kron(levels, np.ones((8, 8), np.uint8))
    return picture


def filmed(states, box=HEAD, fps=10):
    """Each picture for so many seconds, with the moving area over it."""
    return [(at, head(i, p, box)) for i, (at, p) in enumerate(held(states, fps))]


def test_only_what_changes_is_kept_and_since_when(tmp_path):
    """Slides at 0, 2.4 and 6.1 s; ticks are a second apart, the true times are told."""
    states = [(2.4, slide("First slide")), (3.7, slide("Second slide")), (3.9, slide("Second slide", "with a line"))]
    extracted = kept(tmp_path, held(states, 10))
    frames = extracted.index.frames
    assert [(f.tick, f.appeared) for f in frames] == [(0.0, 0.0), (3.0, 2.4), (7.0, 6.1)]
    assert [f.moving for f in frames] == [(), (), ()]
    assert [f.switches for f in frames] == [None, None, None]
    assert (extracted.index.ticks, extracted.index.end) == (10, 10.0)
    (line,) = frames[2].changed
    assert 80 < line.box.top < line.box.bottom < 140
    assert line.appeared == 6.1
    part = loaded(extracted, frames[2].file)
    assert part.shape[0] < 180
    assert frames[2].top < line.box.top
    assert loaded(extracted, frames[0].file).shape == (360, 640)


def test_each_area_has_its_own_time(tmp_path):
    """Upper left at 2.4 s, lower right at 2.8 s, both seen at 3 s."""
    base, one = slide("Title", "", "", "", "", ""), slide("Title", "with a line below", "", "", "", "")
    extracted = kept(tmp_path, held([(2.4, base), (0.4, one), (2.2, with_panel(one, "A caption", 480, 310))], 10))
    _, second = extracted.index.frames
    upper, lower = sorted(second.changed, key=lambda c: c.box.top)
    assert (upper.box.bottom < 150, lower.box.top > 280) == (True, True)
    assert (upper.appeared, lower.appeared) == (2.4, 2.8)
    assert second.appeared == 2.4


def test_what_cannot_be_dated_came_with_what_can(tmp_path):
    """A faint digit is too small for a thumbnail, but not the slide that it numbers."""
    states = [(2.4, page(88, "Introduction", "A line of text")), (2.6, page(89, "Conclusion", "Some other words"))]
    _, second = kept(tmp_path, held(states, 10)).index.frames
    assert second.changed[-1].box.top > 300
    assert {c.appeared for c in second.changed} == {2.4}


def test_what_stands_at_the_chunks_start_has_stood_since(tmp_path):
    extracted = kept(tmp_path, held([(5.3, slide("First slide")), (3.0, slide("Second one"))], 10), start=4.0)
    assert [(f.tick, f.appeared) for f in extracted.index.frames] == [(0.0, 0.0), (2.0, 1.3)]


def test_a_picture_that_returns_is_stored_once(tmp_path):
    states = [(2, slide("First slide", "with a line")), (2, slide("Second slide", "with another", paper=30, ink=255))]
    frames = kept(tmp_path, held(states * 2, 10)).index.frames
    assert [f.tick for f in frames] == [0.0, 2.0, 4.0, 6.0]
    assert [f.file for f in frames] == ["0000000000.jpg", "0000002000.jpg", "0000000000.jpg", "0000002000.jpg"]


def test_each_file_lies_where_the_index_says(tmp_path):
    """Nothing else is in the archive; pictures, maps of what moved and thumbnails can each be fetched by range."""
    extracted = kept(tmp_path, filmed([(2, slide("First")), (2, slide("Second one", "of two"))]), **FILMED)
    content, stored = extracted.frames.read_bytes(), extracted.index.stored
    with tarfile.open(extracted.frames) as tar:
        assert [s.file for s in stored] == tar.getnames()
    for s in stored:
        data = content[s.offset : s.offset + s.size]
        assert s.sha256 == hashlib.sha256(data).hexdigest()[:16]
        assert data[:4] in (b"\xff\xd8\xff\xe0", b"\x89PNG")
    named = {n for f in extracted.index.frames for n in (f.file, f.switches, f.thumbnail) if n}
    assert named == {s.file for s in stored}


@pytest.mark.parametrize("turn", [0, 90])
def test_thumbnails_are_small_upright_and_in_colour(turn, tmp_path):
    states = [(2, slide("First slide")), (2, slide("Second slide", ink=255, paper=30))]
    extracted = kept(tmp_path, held(states, 10), rotation=turn)
    for frame in extracted.index.frames:
        assert frame.thumbnail is not None
        with tarfile.open(extracted.frames) as tar:
            data = np.frombuffer(tar.extractfile(frame.thumbnail).read(), np.uint8)
        picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
        assert picture.shape == (180, 320, 3)
        whole = cv2.resize(loaded(extracted, frame.file), (320, 180), interpolation=cv2.INTER_AREA)
        assert np.abs(picture.mean(axis=2) - (whole - 16.0) * 255 / 219).mean() < 8


TYPED = held([(0.4, slide("Editor", "A letter is typed"[: i + 3])) for i in range(15)], 10)


@pytest.mark.parametrize(
    ("pictures", "fps"),
    [pytest.param(TYPED, 5, id="typed"), pytest.param(filmed([(12, slide(""))], WHOLE), 1, id="filmed")],
)
def test_what_is_typed_or_filmed_has_a_thumbnail_now_and_then(pictures, fps, tmp_path):
    """A page shows some, not one for each letter or picture."""
    frames = kept(tmp_path, pictures, fps=fps, **FILMED).index.frames
    assert len(frames) >= 8
    assert frames[0].thumbnail is not None
    assert 2 <= len([f for f in frames if f.thumbnail]) <= 4


@pytest.mark.parametrize(
    ("size", "small"),
    [pytest.param((640, 360), (180, 320), id="wide"), pytest.param((90, 160), (160, 90), id="high: never enlarged")],
)
def test_a_thumbnails_colours_are_in_opencvs_order(size, small):
    orange = np.full((size[1], size[0], 3), (250, 120, 10), np.uint8)
    picture = small_colour(VideoFrame.from_ndarray(orange, "rgb24").reformat(format="yuv420p"), 320)
    assert picture.shape == (*small, 3)
    assert np.abs(picture.reshape(-1, 3).mean(axis=0) - (10, 120, 250)).max() < 8


def test_a_talking_head_beside_slides(tmp_path):
    """The head moves from about the first second on; the slide beside it changes at 3.5 s, and only there is it new."""
    states = [(3.5, slide("First slide", points=20)), (2.5, slide("Second slide", "of two", points=20))]
    extracted = kept(tmp_path, filmed(states), **FILMED)
    frames = extracted.index.frames
    assert [f.tick for f in frames] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert [overlap(f.moving[0], HEAD) == HEAD.area for f in frames[1:]] == [True] * 5
    assert all(f.moving[0].area < 2 * HEAD.area for f in frames[1:])
    assert [len(f.changed) for f in frames] == [1, 0, 0, 0, 1, 0]
    assert frames[4].changed[0].appeared == 3.5
    assert overlap(frames[4].changed[0].box, HEAD) == 0


def test_the_map_of_a_film_dates_a_caption(tmp_path):
    """It comes at 2.4 s and goes at 4.7 s; the film under it moves all the time."""
    caption = Box(200, 316, 180, 26)
    pictures = [
        (at, with_panel(p, "Good evening", 210, 316) if 2.4 <= at < 4.7 else p)
        for at, p in filmed([(6, slide(""))], WHOLE)
    ]
    extracted = kept(tmp_path, pictures, **FILMED)
    frames = {f.tick: f for f in extracted.index.frames}
    assert frames[2.0].moving == (WHOLE,)
    for tick, came, at in ((3.0, True, 2.4), (5.0, False, 4.7)):
        switches = from_picture(loaded(extracted, frames[tick].switches, load_map))
        assert tick - switched(switches, caption, 640, 360, came=came) == pytest.approx(at, abs=0.11)


def test_a_film_that_ends_in_a_slide(tmp_path):
    """Its rest is new once it has come to rest; until then it is kept as a film, with its map."""
    film = filmed([(3, slide(""))], WHOLE)
    still = [(3 + at, p) for at, p in held([(5, slide("The end", "of the film"))], 10)]
    frames = kept(tmp_path, film + still, **FILMED).index.frames
    rest = [f for f in frames if f.tick >= 3.0 and f.changed]
    assert len(rest) == 1
    assert rest[0].tick <= 6.0
    assert rest[0].changed[0].box == WHOLE
    assert rest[0].changed[0].appeared == pytest.approx(3.0, abs=0.11)
    assert rest[0].switches is not None  # tells when the lines of the film went
    assert [f.moving for f in frames if f.tick > rest[0].tick] == []


@pytest.mark.parametrize(("fps", "ticks"), [(0.2, 2), (0.5, 3), (5, 26)])
def test_other_distances_of_ticks(fps, ticks, tmp_path):
    states = [(2.4, slide("First slide")), (2.8, slide("Second slide"))]
    extracted = kept(tmp_path, held(states, 10), fps=fps)
    assert extracted.index.ticks == ticks
    assert [f.appeared for f in extracted.index.frames] == [0.0, 2.4]
