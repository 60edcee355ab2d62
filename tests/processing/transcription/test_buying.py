"""What is bought is bought once, at the pace and within the budget that are allowed."""

import threading
import time

import numpy as np
import pytest
from far_side import Fake, Memory, text_only

from include.processing.audio import RATE
from include.processing.errors import PermanentError, RateLimited, TransientError
from include.processing.ports import Purchase
from include.processing.transcription import buying
from include.processing.transcription.buying import Buyer
from include.processing.workfolder import FolderLedger

SOUND = (np.sin(np.arange(3 * RATE) / 9) * 9000).astype(np.int16)
OTHER = SOUND[: 2 * RATE]
COST = 0.03  # dollars: three seconds at 0.6 a minute


class Budget:
    def __init__(self, limit):
        self.limit, self.reserved = limit, 0.0

    def reserve(self, dollars):
        if self.reserved + dollars > self.limit + 1e-9:
            raise PermanentError("BUDGET_SPENT", "spent", "raise it")
        self.reserved += dollars

    def give_back(self, dollars):
        self.reserved -= dollars


class Limiter:
    def __init__(self, error=None):
        self.asked, self.error = [], error

    def wait(self, account, seconds):
        self.asked.append((account, seconds))
        if self.error:
            raise self.error


def test_an_answer_is_in_the_ledger_with_what_it_cost():
    ledger, engine = Memory(), Fake(text_only("Hello."))
    answer = Buyer(engine, ledger).hear(SOUND, "en")
    assert answer.heard.segments[0].text == "Hello."
    assert list(ledger) == [answer.key]
    assert ledger.purchases == [Purchase("fake", "fake-1", 3.0, COST)]


def test_the_second_time_it_is_reused_by_any_buyer():
    ledger = Memory()
    first, second = Buyer(Fake(), ledger), Buyer(Fake(), ledger)
    assert first.hear(SOUND, "en") == second.hear(SOUND, "en")
    assert second.engine.calls == []
    assert (first.spent.seconds_sent, first.spent.dollars, first.spent.requests) == (3.0, COST, 1)
    assert (second.spent.seconds_sent, second.spent.seconds_reused, second.spent.requests) == (0.0, 3.0, 0)


def test_what_a_buyer_paid_for_itself_is_no_reuse():
    """Another attempt of the same chunk: the receipt must not show it as free."""
    buyer = Buyer(Fake(), Memory())
    buyer.hear(SOUND, "en")
    buyer.hear(SOUND, "en")
    assert (buyer.spent.seconds_sent, buyer.spent.seconds_reused, buyer.spent.requests) == (3.0, 0.0, 1)


@pytest.mark.parametrize(
    ("identity", "sound", "language", "keywords"),
    [
        pytest.param("fake 2", SOUND, "en", (), id="model"),
        pytest.param("fake 1", OTHER, "en", (), id="sound"),
        pytest.param("fake 1", SOUND, "de", (), id="language"),
        pytest.param("fake 1", SOUND, None, (), id="no-language"),
        pytest.param("fake 1", SOUND, "en", ("Quilter",), id="keywords"),
    ],
)
def test_the_key_holds_all_that_determines_an_answer(identity, sound, language, keywords):
    usual = Buyer(Fake(), Memory()).key(SOUND, "en")
    assert Buyer(Fake(identity=identity), Memory()).key(sound, language, keywords) != usual


def test_an_unreadable_answer_is_thrown_away_and_bought_again(tmp_path):
    ledger = FolderLedger(tmp_path)
    key = Buyer(Fake(), ledger).key(SOUND, "en")
    ledger.put(key, b"half an ans", Purchase("fake", None, 3.0, COST))
    assert Buyer(Fake(text_only("New.")), ledger).hear(SOUND, "en").heard.segments[0].text == "New."
    third = Buyer(Fake(), ledger)
    assert third.hear(SOUND, "en").heard.segments[0].text == "New."
    assert third.engine.calls == []


def test_the_price_may_come_from_outside():
    ledger = Memory()
    Buyer(Fake(), ledger, dollars_per_minute=0.02).hear(SOUND, "en")
    assert ledger.purchases[0].dollars == 0.001


def test_the_limiter_is_asked_before_each_request_and_for_none_that_is_known():
    limiter, ledger = Limiter(), Memory()
    buyer = Buyer(Fake(), ledger, limiter)
    buyer.hear(SOUND, "en")
    buyer.hear(SOUND, "en")
    assert limiter.asked == [("fake 1", 3.0)]


def test_a_limit_stops_before_anything_is_reserved_or_sent():
    budget, engine = Budget(1.0), Fake()
    limited = Buyer(engine, Memory(), Limiter(RateLimited("ASR_RATE_LIMITED", "too fast", "wait")), budget)
    with pytest.raises(RateLimited):
        limited.hear(SOUND, "en")
    assert (budget.reserved, engine.calls) == (0.0, [])


def test_a_budget_stops_before_anything_is_sent():
    engine = Fake()
    buyer = Buyer(engine, Memory(), budget=Budget(COST * 1.5))
    buyer.hear(SOUND, "en")
    with pytest.raises(PermanentError, match="BUDGET_SPENT"):
        buyer.hear(OTHER, "en")
    assert len(engine.calls) == 1


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        pytest.param("ASR_TIMEOUT", COST, id="a-time-out-may-have-been-billed"),
        pytest.param("ASR_BAD_ANSWER", COST, id="an-answer-that-is-none-too"),
        pytest.param("ASR_UNAVAILABLE", 0.0, id="an-error-of-the-server-was-not"),
        pytest.param("ASR_RATE_LIMITED", 0.0, id="a-refusal-neither"),
    ],
)
def test_what_was_reserved_and_not_spent_is_given_back(code, kept):
    budget = Budget(1.0)
    buyer = Buyer(Fake(TransientError(code, "no", "again")), Memory(), budget=budget)
    with pytest.raises(TransientError):
        buyer.hear(SOUND, "en")
    assert budget.reserved == pytest.approx(kept)


def test_the_same_sound_in_two_threads_is_one_request():
    begun = threading.Event()

    class Slow(Fake):
        def transcribe(self, *args):
            begun.set()
            time.sleep(1.0)
            return super().transcribe(*args)

    buyer = Buyer(Slow(text_only("Once.")), Memory())
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(buyer.hear(SOUND, "en"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert begun.is_set()
    assert [a.heard.segments[0].text for a in answers] == ["Once."] * 4
    assert len(buyer.engine.calls) == 1


def test_what_another_worker_asks_for_is_waited_for_but_not_long(monkeypatch):
    monkeypatch.setattr(buying, "LONGEST_WAIT", 0.3)
    ledger, engine = Memory(), Fake()
    buyer = Buyer(engine, ledger)
    ledger.claimed.add(buyer.key(SOUND, "en"))
    with pytest.raises(TransientError, match="ASR_IN_FLIGHT") as caught:
        buyer.hear(SOUND, "en")
    assert caught.value.retry_after == 10.0
    assert engine.calls == []


def test_the_answer_of_another_worker_is_used_when_it_comes():
    ledger, engine = Memory(), Fake()
    buyer = Buyer(engine, ledger)
    key = buyer.key(SOUND, "en")
    ledger.claimed.add(key)
    other = Memory()
    Buyer(Fake(text_only("Theirs.")), other).hear(SOUND, "en")
    threading.Timer(0.5, lambda: ledger.put(key, other[key], None)).start()
    assert buyer.hear(SOUND, "en").heard.segments[0].text == "Theirs."
    assert engine.calls == []


def test_two_buyers_over_one_folder_pay_once(tmp_path):
    engine = Fake(*[text_only("Once.")] * 8)
    buyers = [Buyer(engine, FolderLedger(tmp_path)) for _ in range(8)]
    threads = [threading.Thread(target=b.hear, args=(SOUND, "en")) for b in buyers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(engine.calls) == 1
