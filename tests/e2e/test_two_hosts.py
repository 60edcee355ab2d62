"""Workers on two other hosts: network namespaces with an address of their own each, and nothing in common on the disk
but the program. Nothing of the stack listens on 127.0.0.1 there, as between machines."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
import redis

from include.local.fleet_config import WORKERS
from stack_machine import Machine, ended_well, machine_in

CORE, FIRST, SECOND = "10.77.143.254", "10.77.143.1", "10.77.143.2"
QUEUES = {FIRST: ("extract", "merge"), SECOND: ("transcribe", "ocr")}

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


@dataclass(frozen=True, slots=True)
class Network:
    """A bridge here with the address CORE, and a namespace on it for each other address."""

    tag: str

    @property
    def bridge(self) -> str:
        return f"rs{self.tag}"

    def namespace(self, address: str) -> str:
        return f"rs{self.tag}-{address.rpartition('.')[2]}"

    def make(self) -> None:
        ip("link", "add", self.bridge, "type", "bridge")
        ip("addr", "add", f"{CORE}/24", "dev", self.bridge)
        ip("link", "set", self.bridge, "up")
        for address in QUEUES:
            name, here = self.namespace(address), f"{self.bridge}{address.rpartition('.')[2]}"
            ip("netns", "add", name)
            ip("link", "add", here, "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", here, "master", self.bridge, "up")
            for line in (f"addr add {address}/24 dev eth0", "link set eth0 up", "link set lo up"):
                ip("-netns", name, *line.split())

    def remove(self) -> None:
        for address in QUEUES:
            subprocess.run(["ip", "netns", "del", self.namespace(address)], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", self.bridge], check=False, capture_output=True)


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    made = Network(secrets.token_hex(2))
    if os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("namespaces need root and the program ip (iproute2)")
    try:
        made.make()
    except subprocess.CalledProcessError as error:
        made.remove()
        pytest.skip(f"no network namespaces here: {error.stderr.strip()}")
    yield made
    made.remove()


@pytest.fixture(scope="module")
def core(network: Network, postgres_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Every server, and no worker."""
    here = machine_in(tmp_path_factory.mktemp("core") / "home", postgres_directory / "core")
    here = replace(here, address=CORE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REELSCRIBE_POSTGRES_DIR", str(here.postgres))
        patch.delenv("REELSCRIBE_STORE", raising=False)
        up = here.run("up", "--address", CORE)
        assert up.returncode == 0, up.stdout + up.stderr
        here.fleet.processes.stop(WORKERS)
        yield here
    here.run(module="include.local.down")


@pytest.fixture(scope="module")
def hosts(network: Network, core: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Machine]]:
    made = {}
    for address in QUEUES:
        folder = tmp_path_factory.mktemp("host")
        host = machine_in(folder / "home", folder / "no-postgres")
        made[address] = replace(host, within=("ip", "netns", "exec", network.namespace(address)))
        joining = folder / "worker.env"  # handed over, not shared
        joining.write_text((core.home.root / "worker.env").read_text())
        queues = ",".join(QUEUES[address])
        joined = made[address].run("workers", "--join", str(joining), "--queues", queues)
        assert joined.returncode == 0, joined.stdout + joined.stderr
    yield made
    for host in made.values():
        host.run("down")


def test_two_hosts_process_one_video_together(core: Machine, hosts: dict[str, Machine]) -> None:
    core.start("together")
    assert core.wait("together") == "success", core.tasks("together")
    assert set(core.tasks("together").values()) == {"success"}
    for address, host in hosts.items():
        logs = Path(host.environment["REELSCRIBE_HOME"]) / "joined" / "logs"
        for queue in QUEUES[address]:
            assert ended_well(logs / f"worker-{queue}.log"), (address, queue)
    postgres = core.fleet.servers().postgres
    with psycopg.connect(postgres.url("reelscribe")) as connection:
        assert connection.execute("SELECT status FROM videos").fetchall() == [("completed",)]


def test_each_host_comes_from_its_own_address(core: Machine, hosts: dict[str, Machine]) -> None:
    """And the servers can't be reached but by theirs."""
    with redis.Redis.from_url(core.fleet.servers().redis.url(0)) as broker:
        peers = {client["addr"].rpartition(":")[0] for client in broker.client_list()}
    assert {FIRST, SECOND} <= peers
    assert "127.0.0.1" not in peers
