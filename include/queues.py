"""The queues that work is divided into, and one Airflow pool for each. The only owner of these names.

`python -m include.queues` prints the pools as JSON for `airflow pools import`. Sizes are what one small machine
bears; a fleet sets each to its worker slots (backlog then waits as `scheduled`, where priorities count).
"""

import json
from dataclasses import dataclass

OBJECTS = ("include.storage.s3", "airflow.providers.amazon.aws.hooks.s3", "airflow.providers.postgres.hooks.postgres")
HEARING = ("operators.transcribe_chunk", "include.processing.transcription.language_vote", "openai")
READING = ("operators.read_chunk", "include.processing.ocr.chunk", "include.processing.ocr.tesseract", "tesserocr")


@dataclass(frozen=True, slots=True)
class Queue:
    """`slots`: how many of its tasks run at once, over all videos. `spends`: whether its tasks send sound to an API
    that costs money. `imports`: modules that its tasks need, imported once before a worker forks."""

    name: str
    slots: int
    description: str
    spends: bool = False
    imports: tuple[str, ...] = ()

    @property
    def pool(self) -> str:
        return f"reelscribe_{self.name}"


EXTRACT = Queue(
    "extract", 3, "decoding, and short videos whole: one core and the network each",
    spends=True,  # plan hears samples to tell the language, and short videos whole
    imports=(
        "operators.plan_video", "operators.in_place", "operators.extract_chunk", "include.storage.staging",
        "include.processing.planning", "include.processing.extract", *HEARING, *READING,  # plan does short videos whole
    ),
)  # fmt: skip
TRANSCRIBE = Queue(
    "transcribe", 8, "speech: mostly waiting for an API",
    spends=True,
    imports=HEARING,
)  # fmt: skip
OCR = Queue(
    "ocr", 2, "screen text: one core each",
    imports=READING,
)  # fmt: skip
MERGE = Queue("merge", 2, "results: short", imports=("operators.publish_video", "include.processing.merging"))

QUEUES = (EXTRACT, TRANSCRIBE, OCR, MERGE)


def worker_options(queue: Queue) -> tuple[str, ...]:
    """Of `airflow celery worker`. Logs are in the store, and workers needn't know of each other."""
    size = ("--queues", queue.name, "--concurrency", str(queue.slots))
    return (*size, "--skip-serve-logs", "--without-mingle", "--without-gossip")


def pools() -> dict[str, dict[str, object]]:
    """As `airflow pools import` reads them."""
    return {
        queue.pool: {"slots": queue.slots, "description": queue.description, "include_deferred": False}
        for queue in QUEUES
    }


if __name__ == "__main__":
    print(json.dumps(pools(), indent=2))  # noqa: T201
