"""Whether what came out is right: a fast fleet that loses text is no fleet."""

import json
import statistics
from collections.abc import Sequence
from typing import Any

import psycopg

from bench import bench_score
from bench.bench_clips import Clip
from bench.fleet_runs import Batch
from include.local.config import OUR_DATABASE
from include.local.fleet import Fleet
from include.local.servers import REELSCRIBE

SAMPLES = 20
KEYS = "SELECT run_id, result_key FROM videos WHERE run_id = ANY(%s)"


def letters_wrong(fleet: Fleet, batch: Batch, clips: Sequence[Clip]) -> float:
    """Mean CER over the states of the screens of up to SAMPLES videos; 1 for one without a result."""
    numbered = sorted(batch.runs, key=lambda run: run.run_id)
    chosen = list(zip(numbered, clips, strict=True))[:: max(1, len(clips) // SAMPLES)]
    with psycopg.connect(fleet.servers().postgres.url(OUR_DATABASE)) as database:
        keys = dict(database.execute(KEYS, [[run.run_id for run, _ in chosen]]).fetchall())
    return statistics.mean(_one(fleet, keys.get(run.run_id), clip) for run, clip in chosen)


def _one(fleet: Fleet, key: str | None, clip: Clip) -> float:
    if key is None:
        return 1.0
    s3 = fleet.servers().s3
    assert s3 is not None
    result: dict[str, Any] = json.loads(s3.client().get_object(Bucket=REELSCRIBE, Key=key)["Body"].read())
    assert bool(result["speech"]) == clip.spoken, f"{key}: {len(result['speech'])} cues were heard"
    return bench_score.mean(bench_score.of_entries(clip.states, result["screen"]))
