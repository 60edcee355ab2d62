"""An engine whose answers are bought once, at the pace that is allowed and within the budget.

The order is what counts. A claim comes before the request, so that two workers with the same sound pay once; the
budget is reserved before it is spent; and the answer is in the ledger before anybody uses it, so that whatever
happens then, nobody asks again.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from include.processing.audio import RATE, Samples, write_flac
from include.processing.errors import ProcessingError, TransientError
from include.processing.ports import Budget, Ledger, Limiter, NoBudget, NoLimit, Purchase
from include.processing.preprocess import denoised, louder
from include.processing.record import readable, to_json
from include.processing.transcription.engine import Heard, Transcriber
from include.processing.types import SpeechUsage

LONGEST_WAIT = 5.0  # seconds for somebody else's answer, then the slot is freed
POLL = 0.25
FORMAT = 1  # of a stored `Heard`; with another, old and new workers don't throw away each other's answers
MAY_HAVE_COST = {"ASR_TIMEOUT", "ASR_BAD_ANSWER"}  # the far side may have billed these: what was reserved stays so


@dataclass(frozen=True, slots=True)
class Answer:
    """`key` finds it in the ledger again."""

    heard: Heard
    key: str


class Buyer:
    """One for each chunk that is heard; its methods may be called by several threads. `spent` grows with each call."""

    def __init__(
        self,
        engine: Transcriber,
        ledger: Ledger,
        limiter: Limiter | None = None,
        budget: Budget | None = None,
        dollars_per_minute: float | None = None,
        denoise: bool = False,
    ) -> None:
        self.engine, self.denoise = engine, denoise
        self.dollars_per_minute = engine.dollars_per_minute if dollars_per_minute is None else dollars_per_minute
        self._ledger, self._limiter, self._budget = ledger, limiter or NoLimit(), budget or NoBudget()
        self._lock = Lock()
        self._asking: dict[str, Lock] = {}
        self._bought: set[str] = set()
        self._spent = SpeechUsage()

    @property
    def spent(self) -> SpeechUsage:
        return self._spent

    def hear(self, samples: Samples, language: str | None, keywords: Sequence[str] = ()) -> Answer:
        """`samples` as they were recorded; quiet ones are sent louder. Raises what the engine, ledger, limiter and
        budget raise; TransientError ASR_IN_FLIGHT where another worker has been asking the same for longer than we
        wait.
        """
        key = self.key(samples, language, keywords)
        seconds = round(len(samples) / RATE, 3)
        with self._alone(key):
            return self.known(key, seconds) or self._claimed(key, samples, seconds, language, keywords)

    def _claimed(
        self, key: str, samples: Samples, seconds: float, language: str | None, keywords: Sequence[str]
    ) -> Answer:
        deadline = time.monotonic() + LONGEST_WAIT
        while True:
            with self._ledger.claim(key) as ours:
                known = self.known(key, seconds)  # somebody may have been faster
                if known is not None:
                    return known
                if ours:
                    return Answer(self._buy(key, samples, seconds, language, keywords), key)
            if time.monotonic() > deadline:
                raise _in_flight()
            time.sleep(POLL)

    def _alone(self, key: str) -> Lock:
        """The same sound twice in a chunk: our own threads wait for each other, however long it takes."""
        with self._lock:
            return self._asking.setdefault(key, Lock())

    def key(self, samples: Samples, language: str | None, keywords: Sequence[str] = ()) -> str:
        """Of all that determines an answer; of the sound as it was recorded, for filters may differ by a bit from one
        machine to the next."""
        how = f"{FORMAT}{' denoised' if self.denoise else ''}"
        asked = f"|{how}|{self.engine.identity}|{language or ''}" + "".join(f"|{k}" for k in keywords)
        return hashlib.sha256(samples.tobytes() + asked.encode()).hexdigest()

    def known(self, key: str, seconds: float = 0.0) -> Answer | None:
        """What the ledger has and we can read. `seconds` count as reused."""
        stored = self._ledger.get(key)
        heard = readable(Heard, stored) if stored is not None else None
        if heard is None:
            return None
        self._count(key, reused=seconds)
        return Answer(heard, key)

    def _buy(self, key: str, samples: Samples, seconds: float, language: str | None, keywords: Sequence[str]) -> Heard:
        engine, dollars = self.engine, round(seconds / 60 * self.dollars_per_minute, 6)
        self._limiter.wait(engine.identity, seconds)
        self._budget.reserve(dollars)
        try:
            heard = _asked(engine, louder(denoised(samples) if self.denoise else samples), language, keywords)
        except ProcessingError as exc:
            if exc.code not in MAY_HAVE_COST:
                self._budget.give_back(dollars)
            raise
        if self._ledger.get(key) is not None:
            self._ledger.discard(key)  # there was an answer, but none that can be read
        self._ledger.put(key, to_json(heard), Purchase(engine.name, engine.model, seconds, dollars))
        self._count(key, sent=seconds, dollars=dollars)
        return heard

    def _count(self, key: str, sent: float = 0.0, reused: float = 0.0, dollars: float = 0.0) -> None:
        """What this buyer bought itself and meets again, in another attempt, is not reuse."""
        with self._lock:
            if key in self._bought:
                return
            self._bought.add(key)
            self._spent = replace(
                self._spent,
                seconds_sent=round(self._spent.seconds_sent + sent, 3),
                seconds_reused=round(self._spent.seconds_reused + reused, 3),
                requests=self._spent.requests + (sent > 0),
                dollars=round(self._spent.dollars + dollars, 6),
            )


def _asked(engine: Transcriber, samples: Samples, language: str | None, keywords: Sequence[str]) -> Heard:
    with TemporaryDirectory() as folder:
        path = Path(folder, "speech.flac")
        write_flac(path, samples)
        return engine.transcribe(path, language, keywords)


def _in_flight() -> TransientError:
    return TransientError(
        "ASR_IN_FLIGHT", "another task is asking for the same sound", "nothing: its answer is used", retry_after=10.0
    )
