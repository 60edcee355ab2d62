"""A slot is freed when its task has ended: Airflow's own supervisor around a real process."""

import selectors
import uuid
from typing import Any

import attrs
import pytest
import structlog
from airflow.sdk.execution_time.supervisor import WatchedSubprocess

from include.slot_release import MOMENT, fits, install

LONG = 30.0


class Watching(selectors.DefaultSelector):
    """Remembers how long it was let wait, and for how many sockets."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[tuple[int, float | None]] = []

    def select(self, timeout: float | None = None) -> Any:
        self.waits.append((len(self.get_map()), timeout))
        return super().select(timeout)


def nothing() -> None:
    """The task."""


def run(watched: type[Any]) -> list[tuple[int, float | None]]:
    selector = Watching()
    process = watched.start(id=uuid.uuid4(), target=nothing, logger=structlog.get_logger(), selector=selector)
    while process._exit_code is None or process._open_sockets:
        process._service_subprocess(max_wait_time=LONG)
    assert process._exit_code == 0
    return selector.waits


def test_it_is_written_for_this_airflow() -> None:
    assert fits(WatchedSubprocess)


def test_once_no_socket_is_open_it_waits_a_moment_only() -> None:
    assert install()
    waits = run(WatchedSubprocess)
    assert [wait for sockets, wait in waits if sockets] == [LONG] * len([1 for sockets, _ in waits if sockets])
    assert {wait for sockets, wait in waits if not sockets} <= {MOMENT}


def test_twice_is_once() -> None:
    assert install()
    method = WatchedSubprocess._service_subprocess
    assert install()
    assert WatchedSubprocess._service_subprocess is method


@pytest.mark.parametrize("parameters", [["self"], ["self", "max_wait_time", "raise_on_timeout"]], ids=len)
def test_another_airflow_is_left_alone(parameters: list[str]) -> None:
    space: dict[str, Any] = {}
    exec(f"def service({', '.join(parameters)}): return None", space)

    @attrs.define
    class Other:
        _open_sockets: dict[Any, str] = attrs.field(factory=dict)

    Other._service_subprocess = space["service"]  # type: ignore[attr-defined]
    assert not install(Other)
    assert Other._service_subprocess is space["service"]  # type: ignore[attr-defined]
