"""Frees a worker's slot as soon as its task has ended, not up to a second later. Optional: deploy/airflow.env names it.

Airflow's supervisor waits for its task by waiting for the task's sockets. The last of them closes a moment before the
process is gone; then there is nothing left to wait for, and it sleeps through `[workers] min_heartbeat_interval`
(whole seconds, at least 1) before it looks again. Here it looks after a moment, while no socket is open.
"""

import inspect
import logging
from typing import Any

from airflow.sdk.execution_time.supervisor import WatchedSubprocess

MOMENT = 0.02
KNOWN = ["self", "max_wait_time", "raise_on_timeout", "expect_signal"]

log = logging.getLogger(__name__)


def fits(watched: type[Any]) -> bool:
    """Whether the method and the field are those that this was written for (Airflow 3.3)."""
    method = getattr(watched, "_service_subprocess", None)
    fields = {field.name for field in getattr(watched, "__attrs_attrs__", ())}
    return callable(method) and list(inspect.signature(method).parameters) == KNOWN and "_open_sockets" in fields


def install(watched: type[Any] = WatchedSubprocess) -> bool:
    """Whether it is in place now; an Airflow that it doesn't fit stays as it is."""
    if not fits(watched):
        log.warning("this Airflow's supervisor is another one: a slot is freed up to a second after its task ended")
        return False
    waits = watched._service_subprocess
    if getattr(waits, "ends_at_once", False):
        return True

    def service(
        self: Any, max_wait_time: float, raise_on_timeout: bool = False, expect_signal: int | None = None
    ) -> int | None:
        longest = max_wait_time if self._open_sockets else min(max_wait_time, MOMENT)
        code: int | None = waits(self, longest, raise_on_timeout, expect_signal)
        return code

    service.ends_at_once = True  # type: ignore[attr-defined]
    watched._service_subprocess = service
    return True


install()
