import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from include.processing.types import Chunk, SpeechUsage
from include.processing.workfolder import FolderLedger, WorkFolder, write_whole


def test_what_was_saved_comes_back(tmp_path):
    folder = WorkFolder(tmp_path / "deep" / "work")
    assert folder.load("a.json", Chunk) is None
    folder.save("a.json", Chunk("v", 0, 0.0, 1.5))
    assert WorkFolder(tmp_path / "deep" / "work").load("a.json", Chunk) == Chunk("v", 0, 0.0, 1.5)
    assert os.listdir(tmp_path / "deep" / "work") == ["a.json"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"seconds_sent": "many"}', b"\x00\xff"])
def test_what_cannot_be_read_was_never_saved(tmp_path, content):
    """From another version, or a full disk: the chunk is made anew, the person isn't asked to tidy up."""
    (tmp_path / "a.json").write_bytes(content)
    assert WorkFolder(tmp_path).load("a.json", SpeechUsage) is None


def test_a_writer_that_fails_leaves_the_old_file_and_no_draft(tmp_path):
    write_whole(tmp_path / "a", b"old")
    with pytest.raises(TypeError):
        write_whole(tmp_path / "a", "no bytes")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_readers_never_see_half(tmp_path):
    path, stop, seen = tmp_path / "a", threading.Event(), set()
    versions = [bytes([i]) * 200_000 for i in range(4)]
    write_whole(path, versions[0])

    def read():
        while not stop.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for i in range(60):
        write_whole(path, versions[i % 4])
    stop.set()
    reader.join()
    assert seen <= set(versions)


def test_writers_side_by_side_do_not_disturb_each_other(tmp_path):
    """Equal stretches of sound have equal keys, and several are on their way at once."""
    barrier = threading.Barrier(8, timeout=20)

    def write(_):
        for i in range(25):
            barrier.wait()
            write_whole(tmp_path / f"{i}", b"x" * 50_000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert sorted(os.listdir(tmp_path), key=int) == [str(i) for i in range(25)]


def test_the_ledgers_first_answer_stays(tmp_path):
    ledger = FolderLedger(tmp_path / "ledger")
    assert ledger.get("abc") is None
    ledger.put("abc", b"first")
    ledger.put("abc", b"second")
    assert ledger.get("abc") == b"first"
    assert FolderLedger(tmp_path / "ledger").get("abc") == b"first"
