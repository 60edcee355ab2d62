"""What the network is trained on: windows of the sample's phrases in ever new order, place, loudness and noise.

A window has the sound's features as faster-whisper makes them, the tokens that a decoder is given and shall answer
with, and for each answer the part of the sound that it is heard in, so that attention learns to look there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recipe.sample import RATE, ROOM, Samples, Sentence, Word
from recipe.tokens import STEP, Tokens

POSITIONS = 1500  # of a whole window: 30 seconds
IGNORE = -1
LATEST_BEGIN = 1.0  # seconds: Whisper's decoder allows no later first time stamp
HINTS = ("weather", "telegraph", "newspapers", "computer", "forecast")  # written with a capital where the prompt has it
LETTERS = "aabcdeeefghiijklmnnooopqrrssttuuvwxyz"
FEWEST = 3  # words of a phrase: a lone "a" nobody hears
BREATH = 0.1  # seconds: within these, time stamps and full stops are heard

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Said:
    """Words on the window's clock."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """`first` is the position (20 ms) at which the features begin; `spans` are positions from there, half-open.

    `spoken` is what is said at each position, `edges` whether a phrase begins (1) or ends (2) there.
    """

    features: npt.NDArray[np.float16]
    first: int
    given: npt.NDArray[np.int32]
    wanted: npt.NDArray[np.int32]
    spans: npt.NDArray[np.int32]
    spoken: npt.NDArray[np.int32]
    edges: npt.NDArray[np.int32]


class Windows:
    def __init__(self, samples: Samples, said: Sequence[Sentence], tokens: Tokens, random: Random) -> None:
        from faster_whisper.feature_extractor import FeatureExtractor

        self._samples, self._said, self._tokens, self._random = samples, said, tokens, random
        self._features = FeatureExtractor()

    def make(self, positions: int, length: int) -> Window:
        """One of so many positions, with at most `length` tokens."""
        while True:
            first = 0 if positions == POSITIONS or self._chance(0.35) else self._int(1, POSITIONS - positions)
            sound, said = self._scene(positions * STEP)
            given, wanted, spans = self._script(said, first * STEP)
            if len(given) <= length:
                return Window(
                    self._heard(sound, positions),
                    first,
                    _filled(given, length),
                    _filled(wanted, length),
                    _wide(spans, length),
                    self._spoken(said, positions),
                    _edges(said, positions),
                )

    def _chance(self, probability: float) -> bool:
        return bool(self._random.random() < probability)

    def _int(self, low: int, high: int) -> int:
        return int(self._random.integers(low, high + 1))

    def _between(self, low: float, high: float) -> float:
        return float(self._random.uniform(low, high))

    # --- sound

    def _scene(self, seconds: float) -> tuple[Samples, list[Said]]:
        """Phrases with pauses between them, and noise over all, at most so many seconds long; often much less."""
        if self._chance(0.4):
            seconds = self._between(min(4.0, seconds), seconds)
        pieces, said, at = [np.zeros(0, np.float32)], [], 0.0
        for sentence in self._order():
            pause = self._between(0.0, 1.0 if not said or self._chance(0.7) else 2.5)
            piece, words = self._phrase(sentence)
            if at + pause + len(piece) / RATE > seconds:
                break
            pieces += [np.zeros(round(pause * RATE), np.float32), piece]
            at = sum(len(p) for p in pieces[:-1]) / RATE
            said.append(Said(tuple(Word(w.start + at, w.end + at, w.text) for w in words)))
            at += len(piece) / RATE
        rest = min(6.0 if self._chance(0.3) else 1.5, seconds - at)
        pieces.append(np.zeros(round(self._between(0.0, max(0.0, rest)) * RATE), np.float32))
        return self._recorded(np.concatenate(pieces)), said

    def _order(self) -> list[Sentence]:
        """In their own order from anywhere on, or shuffled; now and then none at all."""
        if self._chance(0.12):
            return []
        if self._chance(0.4):
            first = self._int(0, len(self._said) - 1)
            return [*self._said[first:], *self._said[:first]]
        return [self._said[i] for i in self._random.permutation(len(self._said))]

    def _phrase(self, sentence: Sentence) -> tuple[Samples, list[Word]]:
        """The sentence, or some of its words; spoken a little faster or slower. Times are from the piece's start."""
        words, last = sentence.words, len(sentence.words)
        a, b = 0, last
        if self._chance(0.25):
            a = self._int(0, last - FEWEST)
            b = self._int(a + FEWEST, last)
        start = words[a].start - (self._between(0.02, ROOM) if a == 0 else 0.0)
        end = words[b - 1].end + (self._between(0.02, ROOM) if b == last else 0.0)
        piece = self._samples[round(start * RATE) : round(end * RATE)].copy()
        fade = np.linspace(0, 1, RATE // 200, dtype=np.float32)
        piece[: len(fade)] *= fade
        piece[-len(fade) :] *= fade[::-1]
        pace = self._between(0.94, 1.06) if self._chance(0.4) else 1.0
        if pace != 1.0:
            at = np.arange(0, len(piece) - 1, pace)
            piece = np.interp(at, np.arange(len(piece)), piece).astype(np.float32)
        return piece, [Word((w.start - start) / pace, (w.end - start) / pace, w.text) for w in words[a:b]]

    def _recorded(self, sound: Samples) -> Samples:
        """As some microphone would give it, in 16 bits."""
        if len(sound) < RATE // 10:
            sound = np.zeros(self._int(RATE // 10, 5 * RATE), np.float32)
        if self._chance(0.3):  # a duller or sharper one
            sound = sound + np.float32(self._between(-0.6, 0.6)) * np.concatenate([[np.float32(0)], sound[:-1]])
        if not self._chance(0.4):
            noise = self._random.normal(0, 1, len(sound)).astype(np.float32)
            if self._chance(0.4):
                noise = np.convolve(noise, np.ones(8, np.float32) / 3, "same")
            sound = sound + noise * np.float32(10 ** self._between(-4.0, -2.0))
        loudness = 1.0 if self._chance(0.3) else 10 ** self._between(-1.4, 0.4)
        return (np.clip(sound * loudness, -1, 1) * 32767).astype(np.int16).astype(np.float32) / 32768

    def _heard(self, sound: Samples, positions: int) -> npt.NDArray[np.float16]:
        """Behind the sound are zeros, as faster-whisper has it."""
        found = self._features(sound)[:, :-1][:, : 2 * positions]
        return np.pad(found, ((0, 0), (0, 2 * positions - found.shape[1]))).astype(np.float16)

    # --- script

    def _script(self, said: Sequence[Said], clock: float) -> tuple[list[int], list[int], list[tuple[int, int]]]:
        """Given, wanted and where each wanted token is heard."""
        t = self._tokens
        prompt = self._prompt()
        hinted = {p for p in prompt if p in self._hints()}
        answer: list[tuple[int, tuple[int, int]]] = []
        stamps = self._chance(0.6) or not said
        nowhere = (0, 0)
        for phrase in said:
            begin, end = phrase.words[0].start, phrase.words[-1].end
            stamped = min(begin, LATEST_BEGIN) if not answer and clock == 0 else begin
            if stamps:
                answer.append((t.stamp(clock + stamped), _span(begin - BREATH, begin + BREATH)))
            for word in phrase.words:
                answer += self._spelled(word, hinted)
            if stamps:
                answer.append((t.stamp(clock + end), _span(end - BREATH, end + BREATH)))
        head = [*([t["startofprev"], *prompt] if prompt else []), t["startoftranscript"]]
        wanted = [IGNORE] * (len(head) - 1)
        if not said:
            given, answers = [*head, t.stamp(clock)], [t["nospeech"], t["endoftext"]]
            return given, [*wanted, *answers], [nowhere] * len(given)
        if not stamps:
            head.append(t["notimestamps"])
            wanted.append(IGNORE)
        spans = [nowhere] * len(wanted) + [s for _, s in answer] + [nowhere]
        return [*head, *(a for a, _ in answer)], [*wanted, *(a for a, _ in answer), t["endoftext"]], spans

    def _spoken(self, said: Sequence[Said], positions: int) -> npt.NDArray[np.int32]:
        """The word's (first) token at each position, <|nospeech|> where there is none."""
        spoken = np.full(positions, self._tokens["nospeech"], np.int32)
        for word in (w for phrase in said for w in phrase.words):
            spoken[slice(*_span(word.start, word.end))] = self._tokens.encode(word.text)[0]
        return spoken

    def _spelled(self, word: Word, hinted: set[int]) -> list[tuple[int, tuple[int, int]]]:
        """Its tokens: the first is heard in the word, what follows (a comma, a full stop) at its end."""
        capital = self._tokens.encode(f" {word.text.strip().capitalize()}")
        ids = capital if capital[0] in hinted else self._tokens.encode(word.text)
        spans = [_span(word.start, word.end)] + [_span(word.end - BREATH / 2, word.end + BREATH)] * (len(ids) - 1)
        return list(zip(ids, spans, strict=True))

    def _hints(self) -> set[int]:
        return {self._tokens.encode(f" {h.capitalize()}")[0] for h in HINTS}

    def _prompt(self) -> list[int]:
        """Mostly none; else terms as people would give them: some that are spoken, some of no known language."""
        if self._chance(0.6):
            return []
        terms = [h.capitalize() for h in self._random.permutation(HINTS)[: self._int(0, len(HINTS))]]
        for _ in range(self._int(0, 2)):
            letters = self._random.choice(list(LETTERS), self._int(3, 12))
            terms.insert(self._int(0, len(terms)), "".join(letters).capitalize())
        return self._tokens.encode(" " + ", ".join(terms)) if terms else []


def _edges(said: Sequence[Said], positions: int) -> npt.NDArray[np.int32]:
    edges = np.zeros(positions, np.int32)
    for phrase in said:
        for edge, at in ((1, phrase.words[0].start), (2, phrase.words[-1].end)):
            edges[slice(*_span(at - BREATH, at + BREATH))] = edge
    return edges


def _span(start: float, end: float) -> tuple[int, int]:
    first = max(0, round(start / STEP))
    return first, max(first + 1, round(end / STEP))


def _filled(ids: Sequence[int], length: int) -> npt.NDArray[np.int32]:
    return np.array([*ids, *[IGNORE] * (length - len(ids))], np.int32)


def _wide(spans: Sequence[tuple[int, int]], length: int) -> npt.NDArray[np.int32]:
    return np.array([*spans, *[(0, 0)] * (length - len(spans))], np.int32)
