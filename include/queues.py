"""The queues that work is divided into, and one Airflow pool for each. The only owner of these names.

`python -m include.queues` prints the pools as JSON for `airflow pools import`. Sizes are what one small machine
bears; a fleet sets each to its worker slots (backlog then waits as `scheduled`, where priorities count).
"""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Queue:
    """`slots`: how many of its tasks run at once, over all videos."""

    name: str
    slots: int
    description: str

    @property
    def pool(self) -> str:
        return f"reelscribe_{self.name}"


EXTRACT = Queue("extract", 2, "decoding: one core and the network each")
TRANSCRIBE = Queue("transcribe", 8, "speech: mostly waiting for an API")
OCR = Queue("ocr", 2, "screen text: one core each")
MERGE = Queue("merge", 2, "results: short")

QUEUES = (EXTRACT, TRANSCRIBE, OCR, MERGE)


def pools() -> dict[str, dict[str, object]]:
    """As `airflow pools import` reads them."""
    return {
        queue.pool: {"slots": queue.slots, "description": queue.description, "include_deferred": False}
        for queue in QUEUES
    }


if __name__ == "__main__":
    print(json.dumps(pools(), indent=2))  # noqa: T201
