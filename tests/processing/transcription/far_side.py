"""A recogniser that hears what it is told to, and a ledger in memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from include.processing.audio import RATE, Samples, read_flac
from include.processing.transcription.engine import Heard, Limits
from include.processing.types import Segment


class Memory(dict):
    """Implements `ports.Ledger`; `claimed` are the keys that others ask for now."""

    def __init__(self) -> None:
        super().__init__()
        self.purchases, self.claimed, self.held = [], set(), []

    @contextmanager
    def claim(self, key: str) -> Iterator[bool]:
        self.held.append(key)
        yield key not in self.claimed

    def put(self, key, answer, purchase):
        self.setdefault(key, answer)
        self.purchases.append(purchase)

    def discard(self, key):
        self.pop(key, None)


class Fake:
    """Answers in order of the calls."""

    name, model, note = "fake", "fake-1", None
    dollars_per_minute = 0.6
    takes_keywords = True
    detects_language = True

    def __init__(self, *answers, identity="fake 1", in_flight=1, limits=None):
        self.answers, self.calls, self.identity, self.in_flight = list(answers), [], identity, in_flight
        self.limits = limits or Limits(1 << 30, 1e9)
        self.lock = threading.Lock()

    def transcribe(self, audio, language=None, keywords=()):
        with self.lock:
            number = len(self.calls)
            self.calls.append((round(len(read_flac(audio)) / RATE, 2), language, tuple(keywords)))
        answer = self.answers[number] if number < len(self.answers) else text_only(f"Answer {number}.")
        if isinstance(answer, Exception):
            raise answer
        return answer


def text_only(text, language="en"):
    return Heard((Segment(0.0, 3.0, text),) if text else (), language, timed=False)


def talk(voice: Samples, spans, seconds: float, same: bool = False) -> Samples:
    """Silence of so many seconds, and a voice in `spans`; no two of them have the same sound unless they shall."""
    sound = np.zeros(round(seconds * RATE), np.int16)
    for i, (start, end) in enumerate(spans):
        a, b = round(start * RATE), min(round(end * RATE), len(sound))
        sound[a:b] = np.resize(voice if same else np.roll(voice, 3000 * i), b - a)
    return sound
