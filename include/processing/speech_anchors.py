"""Where speech is cut whatever the chunks are: in the best pause around each full minute of the video.

A request that begins elsewhere gets another answer, and one request's border moves all that follow. So the borders of
requests that lie on anchors are the same in chunks of any length, and so is all between two of them: what is looked at
for an anchor is the half minute around its minute and nothing else, which is whole in the plan's reading and in every
chunk. Chunks of whole minutes begin and end on anchors.
"""

from include.processing.speech_activity import Levels, Pause, best_pause

EVERY = 60.0  # seconds
REACH = 15.0  # seconds on each side of the minute
SURE = 0.5  # seconds of quiet in a pause; in a weaker one a word may go on, and there is no anchor


def pause_near(level: Levels, start: float, mark: float, end: float, reach: float = REACH) -> Pause:
    """The best one around `mark`, in seconds as `mark`, `start` (where `level` begins) and `end` (of the video).

    Near the end it looks no further than half of what is left.
    """
    reach = min(reach, (end - mark) / 2)
    first = max(0, round((mark - reach - start) * 100))
    around = level[first : max(first, round((mark + reach - start) * 100))]
    found = best_pause(around, mark - start - first / 100, reach)
    return Pause(round(start + first / 100 + found.at, 2), found.quiet)  # on the grid of the levels


def anchors(level: Levels, start: float = 0.0) -> list[int]:
    """In 10 ms of a chunk that begins at `start` (seconds of the video). Its own edges are none of them."""
    end = start + len(level) / 100
    first, beyond = int((start + REACH) // EVERY), int((end - REACH) // EVERY) + 1
    marks = [EVERY * i for i in range(first, beyond) if EVERY * i - start >= REACH <= end - EVERY * i]
    pauses = [pause_near(level, start, mark, end) for mark in marks]
    return [round((pause.at - start) * 100) for pause in pauses if pause.quiet >= SURE]
