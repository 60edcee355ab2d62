"""Words cut into phrases that a person can read, and that begin where somebody begins to speak.

A phrase ends with a sentence or at a pause, at a clause or before a short word where it would get too long; of all
ways to cut, the one that breaks least is taken.
"""

from collections.abc import Sequence
from itertools import pairwise

from include.processing.text_units import width
from include.processing.transcription.spoken import Ending, clings, ending, length
from include.processing.types import Word

WIDEST = 84  # columns: two lines of a subtitle
COMFORTABLE = 60
SHORT = 20  # columns: less makes a restless screen
LONGEST = 7.0  # seconds that one phrase should stand at most
BREAK = 1.0  # seconds of pause that always end a phrase

# What is gained (or lost) by cutting
CUT = -3.0  # each cut
SENTENCE, CLAUSE = 4.0, 1.0
PAUSE_FROM, PER_SECOND = 0.1, 14.0
CLINGING = -2.0  # "of the | middle" is no place to cut
PER_LETTER = 0.1  # that the word before the cut has more than the one after it
LONG_WORD = 10.0
TOO_SHORT = 0.5  # each column under SHORT
TOO_WIDE = 3.0  # at WIDEST
TOO_LONG = 2.0  # each second over LONGEST


def phrases(words: Sequence[Word]) -> list[tuple[Word, ...]]:
    """The words in order, none lost. No phrase is wider than WIDEST unless it is a single word."""
    ends = [*_breaks(words), len(words)]
    return [phrase for a, b in pairwise([0, *ends]) if a < b for phrase in _cut(words[a:b])]


def _breaks(words: Sequence[Word]) -> list[int]:
    return [i for i, (a, b) in enumerate(pairwise(words), 1) if b.start - a.end >= BREAK]


def _cut(words: Sequence[Word]) -> list[tuple[Word, ...]]:
    """`best` is the most that can be gained with the words before each place, `origin` where its last phrase begins."""
    columns = [0]
    for word in words:
        columns.append(columns[-1] + width(word.text) + 1)
    gains = [_gain(a, b) for a, b in pairwise(words)] + [0.0]
    best, origin = [0.0], [0]
    for last in range(1, len(words) + 1):
        choices = []
        for first in range(last - 1, -1, -1):
            wide = columns[last] - columns[first] - 1
            if wide > WIDEST and first < last - 1:
                break
            choices.append((best[first] + _worth(wide, words[last - 1].end - words[first].start), first))
        gained, first = max(choices)
        best.append(gained + gains[last - 1])
        origin.append(first)
    return _traced(words, origin)


def _traced(words: Sequence[Word], origin: Sequence[int]) -> list[tuple[Word, ...]]:
    found, last = [], len(words)
    while last > 0:
        found.append(tuple(words[origin[last] : last]))
        last = origin[last]
    return found[::-1]


def _gain(word: Word, following: Word) -> float:
    """Of a cut between two words."""
    after = ending(word.text, following.text)
    mark = {Ending.SENTENCE: SENTENCE, Ending.CLAUSE: CLAUSE}.get(after, 0.0)
    pause = PER_SECOND * max(0.0, following.start - word.end - PAUSE_FROM)
    if mark:
        return CUT + mark + pause
    lengths = PER_LETTER * (min(length(word.text), LONG_WORD) - min(length(following.text), LONG_WORD))
    return CUT + pause + lengths + (CLINGING if clings(word.text, following.text) else 0.0)


def _worth(wide: int, seconds: float) -> float:
    """Of a phrase by itself."""
    crowded = max(0.0, wide - COMFORTABLE) / (WIDEST - COMFORTABLE)
    return -TOO_SHORT * max(0, SHORT - wide) - TOO_WIDE * crowded**2 - TOO_LONG * max(0.0, seconds - LONGEST)
