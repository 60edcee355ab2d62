"""Words that come again and again: recognisers fall into loops. "No, no, no" and a chorus stay."""

from collections.abc import Callable, Sequence

from include.processing.transcription.said import Cut

LONGEST = 40  # words of what is repeated
TIMES = ((6, 8), (15, 5))  # letters of what is repeated, and how often it may come on end: "no" 8 times, "thank you" 5
TIMES_OF_LONGER = 3


def loops(keys: Sequence[str], letters: Callable[[int, int], float]) -> list[Cut]:
    """All but the first of what comes too often; `letters` counts those from one place to another."""
    cuts: list[Cut] = []
    for period in range(1, min(LONGEST, len(keys) // 2) + 1):
        for first, last in _runs(keys, period):
            times = (last - first) // period
            if times > _most(letters(first, first + period)) and not any(
                first < c.last and c.first < last for c in cuts
            ):
                end = last if last == len(keys) else first + times * period  # at the end it broke off in the middle
                cuts.append(Cut(first + period, end, "ASR_REPEATED", f"it came {times} times on end, as in a loop"))
    return cuts


def _runs(keys: Sequence[str], period: int) -> list[tuple[int, int]]:
    """Where each word equals the one a period before: half-open, with the first period."""
    runs, begun = [], 0
    for i in range(period, len(keys) + 1):
        if i == len(keys) or keys[i] != keys[i - period]:
            if i - begun >= 2 * period:
                runs.append((begun, i))
            begun = i - period + 1
    return runs


def _most(letters: float) -> int:
    return next((times for most, times in TIMES if letters <= most), TIMES_OF_LONGER)
