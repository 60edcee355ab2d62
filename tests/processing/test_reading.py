import io
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.processing.errors import TransientError
from include.processing.reading import BLOCK, SourceFile, unpack_index

KIB64 = 64 * 1024


class Recorded:
    """Bytes that remember what was asked of them."""

    name = "recorded.mp4"

    def __init__(self, data):
        self.data, self.size, self.asked = data, len(data), []

    def read_at(self, offset, length):
        self.asked.append((offset, length))
        return self.data[offset : offset + length]


class Failing(Recorded):
    def read_at(self, offset, length):
        raise TransientError("SOURCE_UNREADABLE", "the wire broke", "try again")


def read_all(file, size=KIB64):
    pieces = []
    while piece := file.read(size):
        pieces.append(piece)
    return b"".join(pieces)


def test_windows_double_while_reading_goes_on_in_sequence():
    source = Recorded(os.urandom(64 * KIB64))
    assert read_all(SourceFile(source)) == source.data
    blocks = [(offset // KIB64, length // KIB64) for offset, length in source.asked]
    assert blocks == [(0, 4), (4, 8), (12, 16), (28, 16), (44, 16), (60, 16)]


def test_a_jump_makes_the_window_small_again():
    source = Recorded(bytes(64 * KIB64))
    file = SourceFile(source)
    for block in (0, 4, 40, 44):
        file.seek(block * KIB64)
        file.read(10)
    assert [(o // KIB64, n // KIB64) for o, n in source.asked] == [(0, 4), (4, 8), (40, 4), (44, 8)]


def test_a_window_stops_before_blocks_at_hand():
    source = Recorded(os.urandom(20 * KIB64))
    file = SourceFile(source)
    file.seek(6 * KIB64)
    file.read(1)
    file.seek(3 * KIB64)
    file.read(1)
    assert [(o // KIB64, n // KIB64) for o, n in source.asked] == [(6, 4), (3, 3)]


def test_old_blocks_are_given_up_and_fetched_again():
    source = Recorded(os.urandom(200 * KIB64))
    file = SourceFile(source)
    assert read_all(file) == source.data
    file.seek(0)
    assert file.read(100) == source.data[:100]
    assert source.asked[-1] == (0, 4 * KIB64)


def test_what_is_recorded_is_never_fetched_again():
    source = Recorded(os.urandom(30 * KIB64 + 123))
    first = SourceFile(source)
    first.seek(5 * KIB64)
    first.read(1)  # before record(): not part of the index, though in memory
    first.record()
    for at in (0, 10, 29 * KIB64, 30 * KIB64 + 100):
        first.seek(at)
        first.read(50)
    index = first.recorded()
    assert sorted(unpack_index(index)) == [0, 29, 30]
    assert len(unpack_index(index)[30]) == 123

    source.asked.clear()
    again = SourceFile(source, index)
    assert read_all(again) == source.data
    fetched = {block for o, n in source.asked for block in range(o // KIB64, (o + n - 1) // KIB64 + 1)}
    assert fetched == set(range(1, 29))


def test_recording_ends_with_recorded():
    source = Recorded(bytes(10 * KIB64))
    file = SourceFile(source)
    file.record()
    file.read(1)
    file.recorded()
    file.seek(8 * KIB64)
    file.read(1)
    assert file.recorded() == b""


def test_too_large_an_index_is_no_index(monkeypatch):
    monkeypatch.setattr("include.processing.reading.INDEX_LIMIT", 3 * KIB64)
    file = SourceFile(Recorded(bytes(10 * KIB64)))
    file.record()
    read_all(file)
    assert file.recorded() == b""


@pytest.mark.parametrize(
    ("offset", "whence", "size", "position", "expected"),
    [
        pytest.param(0, io.SEEK_SET, 4, 0, b"abcd", id="start"),
        pytest.param(-3, io.SEEK_END, 10, 7, b"hij", id="from-the-end"),
        pytest.param(10, io.SEEK_SET, 5, 10, b"", id="at-the-end"),
        pytest.param(99, io.SEEK_SET, 5, 99, b"", id="behind-the-end"),
        pytest.param(-99, io.SEEK_CUR, 2, 0, b"ab", id="before-the-start"),
        pytest.param(2, io.SEEK_CUR, -1, 2, b"cdefghij", id="everything"),
        pytest.param(0, io.SEEK_SET, 0, 0, b"", id="nothing"),
    ],
)
def test_seeking(offset, whence, size, position, expected):
    file = SourceFile(Recorded(b"abcdefghij"))
    assert file.seek(offset, whence) == position
    assert file.read(size) == expected
    assert file.tell() == position + len(expected)


def test_an_empty_source():
    source = Recorded(b"")
    assert SourceFile(source).read() == b""
    assert source.asked == []


def test_the_sources_error_is_raised_and_kept():
    file = SourceFile(Failing(bytes(100)))
    with pytest.raises(TransientError, match="the wire broke"):
        file.read(1)
    assert isinstance(file.error, TransientError)


@settings(max_examples=60, deadline=None)
@given(
    size=st.integers(0, 3 * BLOCK + 17),
    indexed=st.sets(st.integers(0, 3), max_size=3),
    reads=st.lists(st.tuples(st.integers(0, 3 * BLOCK + 100), st.integers(1, 2 * BLOCK)), max_size=12),
)
def test_any_pattern_of_reads_gives_the_bytes(size, indexed, reads):
    data = (bytes(range(251)) * (size // 251 + 1))[:size]
    file = SourceFile(Recorded(data))
    file.record()
    for block in indexed:
        file.seek(block * BLOCK)
        file.read(1)
    again = SourceFile(Recorded(data), file.recorded())
    for offset, length in reads:
        again.seek(offset)
        got = again.read(length)
        assert data[offset : offset + len(got)] == got
        assert len(got) <= length
        assert bool(got) == (offset < size)
        assert again.tell() == offset + len(got)
