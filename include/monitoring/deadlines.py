"""What happens when a run misses its deadline. Airflow's triggerer imports this module by name and awaits the call."""

import logging
from typing import Any

log = logging.getLogger(__name__)


async def deadline_missed(*, minutes: float, context: dict[str, Any] | None = None) -> str:
    """`context` holds Airflow's own `dag_run` (of the REST API's form) and `deadline`; returns the line it logged."""
    run = (context or {}).get("dag_run", {})
    line = (
        f"DEADLINE_MISSED: run {run.get('dag_run_id', 'unknown')} of {run.get('dag_id', 'process_video')} is not"
        f" finished {minutes:g} minutes after it was queued; look at its running tasks and at the pools"
    )
    log.warning(line)
    return line
