"""A store, a database and a clip: what an operator needs to run without a scheduler."""

from pathlib import Path

import pytest

from stage_world import World, world_of


@pytest.fixture
def world(tmp_path: Path, db_url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    return world_of(tmp_path, db_url, monkeypatch)
