"""How well terms that were said and shown are found: `python tests/bench/merge_terms.py`.

Made talks: words of the computer lexicon below in sentences of common words; a slide every half minute. What stands on
a slide is misread and what is said is misheard at the given rates (letters of words that tell something). A word said
while it stands is to be found (recall); a term whose words were not both there is wrong (precision). Then, where
../shared is there, how the time that a word may be away from its slide (SOON, STILL) pays on the truth of long_shared.
One line for each, key=value.
"""

import json
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

from include.processing import alignment
from include.processing.alignment_stopwords import stopwords
from include.processing.alignment_words import spots
from include.processing.types import ScreenText, Segment, TextBox, Word

TRUTH = Path(__file__).resolve().parents[3] / "shared" / "media" / "composed" / "long_shared.truth.json"
_NAMES = """
Kubernetes TensorFlow PostgreSQL Docker Terraform Jupyter Ansible Redis Kafka Airflow Bayesian Gaussian Fourier Laplace
Markov eigenvalue gradient tensor matrix vector kernel compiler scheduler mutex semaphore pointer iterator closure
recursion hashing encryption latency throughput bandwidth replication sharding container cluster pipeline dataset
embedding attention transformer perceptron regression classifier entropy variance covariance polynomial integral
derivative topology manifold photosynthesis mitochondria ribosome enzyme protein genome neuron synapse
"""
_PLAIN = "so now we look at how the one that I have shown you here is used and why it does not always work for us"
NAMES, PLAIN = _NAMES.split(), _PLAIN.split()
MISREAD = {"m": "rn", "rn": "m", "l": "1", "o": "0", "i": "l", "e": "c", "h": "b", "s": "5"}
HEARD = {"a": "e", "e": "a", "i": "e", "t": "d", "d": "t", "k": "c", "s": "z", "n": "m", "r": "l"}


def slipped(word: str, slips: dict[str, str], rate: float, dice: random.Random) -> str:
    """With one letter wrong, at this rate."""
    places = [i for i, c in enumerate(word) if i and c in slips]
    if dice.random() >= rate or not places:
        return word
    at = dice.choice(places)
    return word[:at] + slips[word[at]] + word[at + 1 :]


def parted(word: str, rate: float, dice: random.Random) -> str:
    if len(word) < 7 or dice.random() >= rate:
        return word
    at = len(word) // 2
    return f"{word[:at]} {word[at:]}"


def timed(parts: list[str], start: float) -> list[Word]:
    """Over 0.4 s."""
    marks = [round(start + 0.4 * k / len(parts), 3) for k in range(len(parts) + 1)]
    return [Word(a, b, part) for a, b, part in zip(marks, marks[1:], parts, strict=False)]


def screen(start: float, end: float, lines: list[str]) -> ScreenText:
    boxes = tuple(TextBox(line, 0.9, 40, 40 * i, 200, 24) for i, line in enumerate(lines))
    return ScreenText(start, end, "\n".join(lines), 0.9, boxes)


@dataclass
class Talk:
    """An hour; `both` is when a word was said that stood on the screen."""

    spoken: list[Segment] = field(default_factory=list)
    shown: list[ScreenText] = field(default_factory=list)
    both: set[float] = field(default_factory=set)


def talk(misread: float, misheard: float, split: float, seed: int) -> Talk:
    dice, made = random.Random(seed), Talk()
    for start in range(0, 3600, 30):
        there = dice.sample(NAMES, 8)
        seen = [slipped(w, MISREAD, misread, dice) for w in there]
        made.shown.append(screen(start, start + 30, [" ".join(seen[i : i + 2]) for i in range(0, 8, 2)]))
        now = start + 4.0
        while now < start + 26:
            words: list[Word] = []
            for _ in range(10):
                word = dice.choice(PLAIN)
                if dice.random() < 0.2:
                    word = dice.choice(there if dice.random() < 0.5 else NAMES)
                    made.both |= {now} if word in there else set()
                    word = parted(slipped(word.lower(), HEARD, misheard, dice), split, dice)
                words += timed(word.split(), now)
                now = round(now + 0.4, 3)
            text = " ".join(w.text for w in words)
            made.spoken.append(Segment(words[0].start, words[-1].end, text, words=tuple(words)))
    return made


def made(misread: float, misheard: float, split: float) -> None:
    right = wrong = wanted = 0
    took = []
    for seed in range(3):
        talked = talk(misread, misheard, split, seed)
        spoken, shown, both = talked.spoken, talked.shown, talked.both
        began = time.process_time()
        terms = alignment.terms(spoken, shown, "en")
        took.append(time.process_time() - began)
        found = {w.start for t in terms for w in spoken[t.segment].words if t.start <= w.start < t.end}
        starts = {s for s in both if any(abs(s - f) < 0.01 for f in found)}
        right, wanted = right + len(starts), wanted + len(both)
        wrong += sum(not any(t.start - 0.01 <= s < t.end for s in both) for t in terms)
    print(
        f"made=talk misread={misread} misheard={misheard} parted={split} said_and_shown={wanted}"
        f" recall={right / wanted:.3f} wrong={wrong} precision={right / (right + wrong):.3f}"
        f" cpu_s_an_hour={min(took):.2f}"
    )


def truth() -> tuple[list[Segment], list[ScreenText]]:
    document = json.loads(TRUTH.read_text())
    spoken = [Segment(u["start"], u["end"], u["text"]) for u in document["utterances"]]
    shown = [screen(s["start"], s["end"], s["text"].split("\n")) for s in document["on_screen"]]
    return spoken, sorted(shown, key=lambda s: s.start)


def windows() -> None:
    """Nobody speaks of these slides, so that what matches away from its slide is there by chance."""
    spoken, shown = truth()
    usual = alignment.SOON, alignment.STILL
    for seconds in (0.0, 1.0, 2.0, 3.0, 5.0, 10.0):
        alignment.SOON = alignment.STILL = seconds
        terms = alignment.terms(spoken, shown, "en")
        away = sum(t.end < shown[t.screen].start or t.start > shown[t.screen].end for t in terms)
        nothing = sum(spots(t.text)[0].key in stopwords("en") for t in terms)
        print(f"truth=long_shared seconds={seconds:g} terms={len(terms)} away={away} stop_words={nothing}")
    alignment.SOON, alignment.STILL = usual


def main() -> None:
    for rates in ((0.0, 0.0, 0.0), (0.1, 0.0, 0.0), (0.0, 0.1, 0.0), (0.0, 0.0, 0.2), (0.2, 0.2, 0.1), (0.5, 0.5, 0.2)):
        made(*rates)
    if TRUTH.is_file():
        windows()


if __name__ == "__main__":
    main()
