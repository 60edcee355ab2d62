"""Pictures that were kept long enough, and the runs that need them again: real store, real Postgres, real engines."""

import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from include.db import queries
from include.processing.errors import PermanentError, TransientError
from include.settings import Settings
from include.storage import ObjectStore
from operators.extract_chunk import ExtractChunkOperator
from operators.plan_video import PlanVideoOperator
from operators.publish_video import PublishVideoOperator
from operators.read_chunk import ReadChunkOperator
from operators.tidy_store import TidyStoreOperator
from stage_world import World, write_clip

NOTHING = {"videos": 0, "objects": 0, "bytes": 0}


@dataclass
class Tidy(TidyStoreOperator):
    """`store` stands before the real one."""


def tidy(world: World, minutes: float = 45, store: Any = None) -> dict[str, int]:
    operator = TidyStoreOperator(task_id="tidy", minutes=minutes)
    if store is not None:
        operator.open_store = lambda url=None: store  # type: ignore[method-assign]
    return operator.execute(world.context())
