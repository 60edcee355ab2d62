"""What a Celery worker imports once, before it forks: its task processes then share it.

Celery imports this module in the worker's first process (AIRFLOW__CELERY__EXTRA_CELERY_CONFIG in deploy/airflow.env).
Imports only: nothing here may start a thread or open a connection, because neither outlives a fork. So onnxruntime,
which starts a thread, is not among them.
"""

import gc
import importlib
import os
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from celery.signals import heartbeat_sent, worker_process_init  # type: ignore[import-untyped]

from include.queues import OBJECTS, QUEUES, Queue

AIRFLOW = (
    "airflow.dag_processing.dagbag",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "airflow.serialization.serialized_objects",
)
ALIVE = "worker-alive"


def queues_of(arguments: Sequence[str]) -> list[Queue]:
    """Those that `airflow celery worker` was told to serve; all of them where it wasn't told."""
    named = dict(pairwise(arguments))
    wanted = (named.get("--queues") or named.get("-q") or "").split(",")
    return [queue for queue in QUEUES if queue.name in wanted] or list(QUEUES)


def preload(queues: Iterable[Queue]) -> None:
    for module in (*AIRFLOW, *OBJECTS, *(module for queue in queues for module in queue.imports)):
        importlib.import_module(module)
    from airflow.sdk.listener import get_listener_manager
    from airflow.sdk.plugins_manager import integrate_macros_plugins

    integrate_macros_plugins()
    get_listener_manager()
    _parse_dags()


def _parse_dags() -> None:
    """Each task parses its DAG's file, with all that Airflow imports on first use; here it has been used once."""
    from airflow.dag_processing.dagbag import BundleDagBag
    from airflow.sdk.configuration import conf

    folder = Path(conf.get("core", "dags_folder"))
    BundleDagBag(folder, bundle_path=folder, bundle_name="dags-folder", load_op_links=False)


@worker_process_init.connect  # type: ignore[untyped-decorator]
def keep_out_of_collections(**_: object) -> None:
    """A task's garbage collector has no business with what was there before it: looking would also copy its pages."""
    gc.freeze()


@heartbeat_sent.connect  # type: ignore[untyped-decorator]
def say_alive(**_: object) -> None:
    """Every two seconds while the worker has its broker: a check of the file's age costs nothing."""
    (Path(os.environ["AIRFLOW_HOME"]) / ALIVE).touch()


if "celery" in sys.argv:  # a worker's command line; not whatever else imports this module
    preload(queues_of(sys.argv))
