"""How far a video is, in percent, and how long it will take: from what its jobs' rows say."""

from dataclasses import dataclass

from include.db.library import STAGES, Listed

WEIGHTS = {"plan": 10, "extract": 35, "transcribe": 25, "ocr": 25, "publish": 5}
"""What the stages usually take of the whole, in percent (docs/benchmarks.md)."""
OF_RUNNING = 0.25  # of a stage that is under way counts as done
LEAST_SHARE = 0.15  # of the work tells how fast the rest will be: more than plan, which isn't like the rest
SINGLE = {STAGES[0], STAGES[-1]}


@dataclass(frozen=True, slots=True)
class StageCount:
    """`total` is None while plan hasn't said how many chunks there are."""

    stage: str
    done: int
    running: int
    failed: int
    total: int | None


def stages(video: Listed) -> list[StageCount]:
    return [
        StageCount(stage, *video.stages.get(stage, (0, 0, 0)), 1 if stage in SINGLE else video.chunks)
        for stage in STAGES
    ]


def percent(video: Listed) -> int:
    """100 only where the video has its result."""
    if video.status in ("completed", "partial"):
        return 100
    return min(99, int(_share(video) * 100))


def eta_seconds(video: Listed) -> float | None:
    """At the pace of this run so far, pauses left out; None while too little is done to know."""
    share = _share(video)
    if video.status != "running" or share < LEAST_SHARE or video.busy <= 0:
        return None
    return round(video.busy * (1 - share) / share, 1)


def _share(video: Listed) -> float:
    """0 to 1."""
    return sum(WEIGHTS[each.stage] * _done(each) for each in stages(video)) / sum(WEIGHTS.values())


def _done(each: StageCount) -> float:
    return min(1.0, (each.done + OF_RUNNING * each.running) / each.total) if each.total else 0.0
