"""Which error is tried again, how often and after what pause. Airflow's policy and the command's loop both ask here.

| error            | attempts | pause                                    |
|------------------|----------|------------------------------------------|
| PermanentError   | 1        |                                          |
| RateLimited      | 20       | from 15 s, doubling to 10 minutes        |
| TransientError   | 10       | from 5 s, doubling to 5 minutes          |
| anything else    | 3        | from 10 s, doubling to 1 minute          |

The pause is never shorter than what the far side asked for (`retry_after`), and is spread at random, so that a
hundred chunks that were refused together don't come back together.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from include.processing.errors import PermanentError, ProcessingError, RateLimited, TransientError

LONGEST_ASKED = 3600.0  # seconds; a far side that asks for more is asked again after this


@dataclass(frozen=True, slots=True)
class Rule:
    """`attempts` counts the first one too; pauses in seconds."""

    attempts: int
    first_pause: float
    longest_pause: float


RULES: tuple[tuple[type[BaseException], Rule], ...] = (  # the first that fits
    (PermanentError, Rule(1, 0.0, 0.0)),
    (RateLimited, Rule(20, 15.0, 600.0)),
    (TransientError, Rule(10, 5.0, 300.0)),
    (BaseException, Rule(3, 10.0, 60.0)),
)
MOST_RETRIES = max(rule.attempts for _, rule in RULES) - 1


def decide(error: BaseException, attempt: int, *, draw: Callable[[], float] = random.random) -> float | None:
    """Seconds to wait after the failure of this attempt (from 1), or None: give up. `draw` gives 0 to 1."""
    rule = next(rule for kind, rule in RULES if isinstance(error, kind))
    if attempt >= rule.attempts:
        return None
    pause: float = min(rule.longest_pause, rule.first_pause * 2.0 ** (attempt - 1))
    asked = error.retry_after if isinstance(error, ProcessingError) else None
    if asked is None or asked <= 0:
        return pause * (0.5 + draw() / 2)
    return min(LONGEST_ASKED, max(pause * 0.5, asked)) + pause * draw() / 2
