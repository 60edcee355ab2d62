"""What a person is shown of a passage: the part where most of what they asked for stands, and when to jump to."""

from bisect import bisect_right
from collections.abc import Sequence

START, STOP = "\x01", "\x02"  # no text that is searched has them
LONGEST = 240  # characters
BEFORE = 60  # of them, at most, before the first hit
ELLIPSIS = "…"

Ranges = tuple[tuple[int, int], ...]


def found_in(text: str, headline: str) -> Ranges:
    """Ranges of characters in `text`. `headline` is it with marks, other blanks, and blanks for signs."""
    ranges: list[tuple[int, int]] = []
    at, began = 0, None
    for character in headline:
        if character == START:
            began = at
        elif character == STOP and began is not None:
            ranges.append((_first_letter(text, began, at), at))
            began = None
        elif at < len(text) and (character == text[at] or (character == " " and not text[at].isalnum())):
            at += 1
    return _joined(text, ranges)


def best_hit(text: str, ranges: Ranges) -> tuple[int, int]:
    """The range of `ranges`, by their indices, that is the shortest to have all different words of them."""
    words = [text[a:b].casefold() for a, b in ranges]
    wanted, seen = len(set(words)), dict.fromkeys(words, 0)
    best, first, distinct = (0, len(ranges)), 0, 0
    for last, word in enumerate(words):
        distinct += seen[word] == 0
        seen[word] += 1
        while distinct == wanted:
            if ranges[last][1] - ranges[first][0] < ranges[best[1] - 1][1] - ranges[best[0]][0] or first == last == 0:
                best = first, last + 1
            seen[words[first]] -= 1
            distinct -= seen[words[first]] == 0
            first += 1
    return best


def snippet(text: str, ranges: Ranges, at: int) -> tuple[str, Ranges]:
    """About `at`, not within a word where that can be avoided; the ranges that are whole in it, as they are there."""
    if len(text) <= LONGEST:
        return text, ranges
    start = 0 if at <= BEFORE else _next_word(text, max(0, min(at - BEFORE, len(text) - LONGEST)), at)
    stop = len(text) if start + LONGEST >= len(text) else _word_end(text, start + LONGEST)
    head = ELLIPSIS if start else ""
    shift = len(head) - start
    inside = tuple((a + shift, b + shift) for a, b in ranges if start <= a and b <= stop)
    return head + text[start:stop] + (ELLIPSIS if stop < len(text) else ""), inside


def time_of(marks: Sequence[int], at: int, start: float) -> float:
    """Seconds; `marks` are offset, milliseconds, offset, … ascending; `start` is that of the passage."""
    index = bisect_right(marks[::2], at) - 1
    return start if index < 0 else marks[2 * index + 1] / 1000


def _first_letter(text: str, start: int, stop: int) -> int:
    while start < stop and text[start].isspace():
        start += 1
    return start


def _joined(text: str, ranges: Sequence[tuple[int, int]]) -> Ranges:
    """Characters that are words of their own, side by side, are one hit."""
    result: list[tuple[int, int]] = []
    for a, b in ranges:
        if result and result[-1][1] == a:
            result[-1] = result[-1][0], b
        else:
            result.append((a, b))
    return tuple(result)


def _next_word(text: str, start: int, limit: int) -> int:
    """The start of a word after `start`, but no later than `limit`."""
    for at in range(start, limit):
        if text[at - 1].isspace() and not text[at].isspace():
            return at
    return start


def _word_end(text: str, stop: int) -> int:
    for at in range(stop, max(stop - 30, 0), -1):
        if text[at].isspace():
            return at
    return stop
