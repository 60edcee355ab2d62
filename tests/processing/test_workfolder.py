import json
import multiprocessing
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from include.processing.errors import PermanentError
from include.processing.ports import Purchase
from include.processing.types import Chunk, SpeechUsage
from include.processing.workfolder import FolderBudget, FolderLedger, WorkFolder, write_whole


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


BOUGHT = Purchase("openai", "whisper-1", 25.5, 0.00255)
PATIENCE = 60.0  # seconds
spawn = multiprocessing.get_context("spawn")


def test_the_ledgers_first_answer_stays(tmp_path):
    ledger = FolderLedger(tmp_path / "ledger")
    assert ledger.get("abc") is None
    ledger.put("abc", b"first", BOUGHT)
    ledger.put("abc", b"second", BOUGHT)
    assert ledger.get("abc") == b"first"
    assert FolderLedger(tmp_path / "ledger").get("abc") == b"first"


def test_what_was_paid_is_written_down(tmp_path):
    ledger = FolderLedger(tmp_path)
    ledger.put("abc", b"first", BOUGHT)
    ledger.put("def", b"other", Purchase("sphinx", None, 10.0, 0.0))
    lines = (tmp_path / "purchases.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"key": "abc", "engine": "openai", "model": "whisper-1", "seconds": 25.5, "dollars": 0.00255},
        {"key": "def", "engine": "sphinx", "model": None, "seconds": 10.0, "dollars": 0.0},
    ]


def test_what_was_thrown_away_can_be_put_again(tmp_path):
    ledger = FolderLedger(tmp_path)
    ledger.put("abc", b"\0 no answer", BOUGHT)
    ledger.discard("abc")
    assert ledger.get("abc") is None
    ledger.discard("abc")
    ledger.put("abc", b"again", BOUGHT)
    assert ledger.get("abc") == b"again"


def test_a_claim_is_one_threads_and_one_keys(tmp_path):
    ledger = FolderLedger(tmp_path)
    with ledger.claim("abc") as ours, ThreadPoolExecutor(1) as pool:
        assert ours
        assert not pool.submit(free, ledger, "abc").result()
        assert not free(ledger, "abc")
        assert not free(FolderLedger(tmp_path), "abc")
        assert free(ledger, "def")
    assert free(ledger, "abc")
    assert os.listdir(tmp_path / "claims") == []


def free(ledger, key):
    with ledger.claim(key) as ours:
        return ours


def test_a_claim_is_released_after_an_error(tmp_path):
    with pytest.raises(KeyError), FolderLedger(tmp_path).claim("abc"):
        raise KeyError
    assert free(FolderLedger(tmp_path), "abc")


def hold(folder, told):
    with FolderLedger(folder).claim("abc") as ours:
        told.send(ours)
        time.sleep(PATIENCE)


def test_the_claim_of_a_killed_process_is_free(tmp_path):
    heard, told = spawn.Pipe(duplex=False)
    process = spawn.Process(target=hold, args=(tmp_path, told))
    process.start()
    assert heard.poll(PATIENCE)
    assert heard.recv() is True
    assert not free(FolderLedger(tmp_path), "abc")
    process.kill()
    process.join()
    assert free(FolderLedger(tmp_path), "abc")
    assert os.listdir(tmp_path / "claims") == []


def claim_much(folder, draw, name):
    """A file is made that must not be there yet."""
    ledger = FolderLedger(folder / "ledger")
    for _ in range(200):
        key = draw.choice("ab")
        with ledger.claim(key) as ours:
            if ours:
                os.close(os.open(folder / key, os.O_CREAT | os.O_EXCL))
                os.unlink(folder / key)
                ledger.put(name, b"x", BOUGHT)


def spend_much(folder, draw):
    """Until it was refused three times; how many were kept."""
    budget, kept, refused = FolderBudget(folder / "budget", 0.01), 0, 0
    while refused < 3:
        try:
            budget.reserve(0.00001)
        except PermanentError:
            refused += 1
            continue
        if draw.random() < 0.5:
            budget.give_back(0.00001)
        else:
            kept += 1
    return kept


def work_much(folder, together, seed):
    draw = random.Random(seed)
    together.wait(PATIENCE)
    claim_much(folder, draw, f"{seed}")
    together.wait(PATIENCE)
    write_whole(folder / "kept" / f"{seed}", str(spend_much(folder, draw)).encode())


def test_eight_processes_that_share_a_folder(tmp_path):
    """At the very last refusal nobody held what he did not spend: so all that fits is spent."""
    together = spawn.Barrier(8)
    processes = [spawn.Process(target=work_much, args=(tmp_path, together, seed)) for seed in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
    assert [process.exitcode for process in processes] == [0] * 8
    assert os.listdir(tmp_path / "ledger" / "claims") == []
    lines = (tmp_path / "ledger" / "purchases.jsonl").read_text().splitlines()
    assert {json.loads(line)["key"] for line in lines} <= {str(seed) for seed in range(8)}
    assert sum(int(path.read_text()) for path in (tmp_path / "kept").iterdir()) == 1000
    assert (tmp_path / "budget").read_text().strip() == "0.010000000"


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        pytest.param([0.004], "0.004000000", id="the-first"),
        pytest.param([0.001] * 10, "0.010000000", id="no-drift"),
        pytest.param([0.009, -0.004, 0.005], "0.010000000", id="given-back"),
        pytest.param([0.001, -0.5], "0.000000000", id="never-below-zero"),
        pytest.param([0.0], "0.000000000", id="free-of-charge"),
    ],
)
def test_a_budget_is_kept_in_a_file(tmp_path, steps, left):
    for step in steps:
        budget = FolderBudget(tmp_path / "deep" / "budget", 0.01)
        budget.reserve(step) if step >= 0 else budget.give_back(-step)
    assert (tmp_path / "deep" / "budget").read_text().strip() == left


def test_a_spent_budget_says_so(tmp_path):
    budget = FolderBudget(tmp_path / "budget", 0.01)
    budget.reserve(0.009975)
    with pytest.raises(PermanentError) as caught:
        budget.reserve(0.0001)
    assert str(caught.value) == (
        "BUDGET_SPENT: the run's budget of $0.01 is spent ($0.009975 reserved); "
        "run it again with a larger budget: what was bought is kept"
    )
    FolderBudget(tmp_path / "budget", 0.02).reserve(0.0001)
