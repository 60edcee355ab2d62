"""Archives and indexes made by hand → screen text: what an extract may hold, and what it should not."""

import io
import tarfile
from dataclasses import replace

import cv2
import numpy as np
import pytest
from media import slide

from include.processing.errors import PermanentError
from include.processing.ocr import ocr_engine
from include.processing.ocr.chunk import read_chunk
from include.processing.types import Box, ChangedArea, Chunk, EngineInfo, Frame, FrameIndex, Subtitle, TextBox

HD = (640, 480)
WHOLE = Box(0, 0, 640, 480)


def page(*lines):
    return slide(*lines, size=HD)


def told_frame(tick, file, changed, top=0):
    return Frame(tick, tick, tick, file, (ChangedArea(changed, tick),), top)


def archive(path, *pictures):
    with tarfile.open(path, "w") as tar:
        for name, picture in pictures:
            jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
            entry = tarfile.TarInfo(name)
            entry.size = len(jpeg)
            tar.addfile(entry, io.BytesIO(jpeg))
    return path


def frames_of(*frames, height=480):
    return FrameIndex(Chunk("v", 0, 0.0, 10.0), 640, height, ticks=10, end=10.0, frames=frames)


def test_an_archive_that_does_not_fit_its_index(tmp_path):
    path = archive(tmp_path / "frames.tar", ("other.jpg", page("A")))
    with pytest.raises(PermanentError, match=r"CORRUPT: frames archive and its index differ at 1\.jpg"):
        read_chunk(frames_of(told_frame(0.0, "1.jpg", WHOLE)), path, ocr_engine("auto"))


def test_nothing_kept_nothing_read(tmp_path):
    read = read_chunk(frames_of(), archive(tmp_path / "frames.tar"), ocr_engine("auto"))
    assert (read.screens, read.frames_read, read.ticks) == ((), 0, 10)


def test_a_size_that_changes_in_mid_stream(tmp_path):
    """The second one is a whole picture of another size."""
    path = archive(tmp_path / "frames.tar", ("1.jpg", page("Small one")), ("2.jpg", slide("Wide one", size=(900, 500))))
    index = frames_of(told_frame(0.0, "1.jpg", WHOLE), told_frame(4.0, "2.jpg", Box(0, 0, 900, 500)))
    read = read_chunk(index, path, ocr_engine("auto"))
    assert [(s.start, s.end, s.text) for s in read.screens] == [(0.0, 4.0, "Small one"), (4.0, 10.0, "Wide one")]


def test_progress(tmp_path):
    told = []
    path = archive(tmp_path / "frames.tar", ("1.jpg", page("A slide")), ("2.jpg", page("Another")))
    index = frames_of(told_frame(0.0, "1.jpg", WHOLE), told_frame(4.0, "2.jpg", WHOLE))
    read_chunk(index, path, ocr_engine("auto"), lambda *p: told.append(p))
    assert told == [("ocr", 0, 0.0, 10.0), ("ocr", 0, 4.0, 10.0), ("ocr", 0, 10.0, 10.0)]


def test_a_band_that_was_kept_from_the_first_row_on(tmp_path):
    """Rows 0 to 159 of 480, of which 100 changed: two lines are new, the one at the bottom is still there."""
    first = slide("Old one", "Old two", "", "", "", "Bottom", size=HD)
    second = slide("New one", "New two", "", "", "", "Bottom", size=HD)
    path = archive(tmp_path / "frames.tar", ("1.jpg", first), ("2.jpg", np.ascontiguousarray(second[:160])))
    index = frames_of(told_frame(0.0, "1.jpg", WHOLE), told_frame(4.0, "2.jpg", Box(40, 44, 120, 84)))
    read = read_chunk(index, path, ocr_engine("auto"))
    assert [s.text for s in read.screens] == ["Old one\nOld two\nBottom", "New one\nNew two\nBottom"]


def test_two_lines_that_change_in_one_picture_each_at_its_time(tmp_path):
    first = slide("Heading", "Old one", "", "", "", "Old two", size=HD)
    second = slide("Heading", "New one", "", "", "", "New two", size=HD)
    path = archive(tmp_path / "frames.tar", ("1.jpg", first), ("2.jpg", second))
    upper, lower = ChangedArea(Box(40, 90, 140, 30), 3.2), ChangedArea(Box(40, 290, 140, 30), 3.6)
    index = frames_of(told_frame(0.0, "1.jpg", WHOLE), Frame(4.0, 4.0, 3.2, "2.jpg", (upper, lower)))
    read = read_chunk(index, path, ocr_engine("auto"))
    assert [(s.start, s.end, s.text) for s in read.screens] == [
        (0.0, 3.2, "Heading\nOld one\nOld two"),
        (3.2, 3.6, "Heading\nNew one\nOld two"),
        (3.6, 10.0, "Heading\nNew one\nNew two"),
    ]
    assert sorted((n.start, n.end, n.text) for n in read.lines) == [
        (0.0, 3.2, "Old one"),
        (0.0, 3.6, "Old two"),
        (0.0, 10.0, "Heading"),
        (3.2, 10.0, "New one"),
        (3.6, 10.0, "New two"),
    ]


class Says:
    """An engine that finds these lines in each picture."""

    info = EngineInfo("says")

    def __init__(self, *lines):
        self.lines = lines

    def read(self, picture):
        return self.lines


def test_junk_is_counted_and_left_out(tmp_path):
    path = archive(tmp_path / "frames.tar", ("1.jpg", page("Agenda")))
    says = Says(TextBox("Agenda", 0.9, 40, 40, 100, 24), TextBox("~", 0.9, 300, 300, 9, 9))
    read = read_chunk(frames_of(told_frame(0.0, "1.jpg", WHOLE)), path, says)
    assert ([s.text for s in read.screens], [n.text for n in read.lines], read.junk) == (["Agenda"], ["Agenda"], 1)


def test_what_begins_to_move_is_no_still_line_any_more(tmp_path):
    """A film starts where the lower line stood; the title beside it stands on."""
    path = archive(tmp_path / "frames.tar", ("1.jpg", page("Title")), ("2.jpg", page("Title")))
    says = Says(TextBox("Title", 0.9, 40, 40, 100, 24), TextBox("Press to play", 0.9, 200, 250, 200, 24))
    started = Frame(4.0, 4.0, 4.0, "2.jpg", moving=(Box(160, 160, 320, 240),))
    read = read_chunk(frames_of(told_frame(0.0, "1.jpg", WHOLE), started), path, says)
    assert [(n.start, n.end, n.text) for n in read.lines] == [(0.0, 4.0, "Press to play"), (0.0, 10.0, "Title")]


def test_embedded_subtitles_go_along(tmp_path):
    subtitles = (Subtitle(1.0, 2.0, "Wherever you went", 0),)
    index = replace(frames_of(), subtitles=subtitles)
    assert read_chunk(index, archive(tmp_path / "frames.tar"), Says()).subtitles == subtitles
