"""The dispatcher of webhooks as a process of the local stacks. It is told what it needs and no more of Airflow."""

import sys
import time
from collections.abc import Mapping

from include.local.config import fingerprint
from include.local.home import Home
from include.local.processes import Spec
from include.webhooks import ALIVE, DATABASE_VARIABLE, KEY_VARIABLE

WEBHOOKS = "webhooks"
FRESH = 60.0  # seconds; it looks into the outbox every second


def webhooks_specification(whole: Mapping[str, str]) -> Spec:
    """`whole` is the environment of Airflow's own processes."""
    needed = (DATABASE_VARIABLE, KEY_VARIABLE, "AIRFLOW_HOME")
    told = {name: value for name, value in whole.items() if not name.startswith("AIRFLOW_") or name in needed}
    return Spec(WEBHOOKS, (sys.executable, "-m", "include.webhooks"), told, version=fingerprint(told))


def webhooks_alive(home: Home) -> bool:
    file = home.airflow / ALIVE
    return file.exists() and time.time() - file.stat().st_mtime < FRESH
