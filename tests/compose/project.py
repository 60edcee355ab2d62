"""The services of a compose file as containers of podman: what `docker compose up`, `up --scale` and `down` do.

podman-compose is not used: with Debian's podman (4.3) it starts a service without waiting for the `service_healthy` or
`service_completed_successfully` that it depends on, it has no inline configs, and it passes over what it doesn't know.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compose.composefile import Compose, seconds
from compose.podman import Podman, PodmanError
from compose.standins import full_name

LABEL = "reelscribe.project"
PATIENCE = 600  # seconds that a container may take to become healthy, or to end
PAUSE = 2.0


@dataclass(frozen=True, slots=True)
class Project:
    """`folder` holds what containers are given as files, secrets among them: it is for its owner alone."""

    podman: Podman
    compose: Compose
    folder: Path
    name: str = "reelscribe-test"

    def up(self) -> None:
        """Every service with its replicas, each when what it depends on is ready."""
        self.podman("network", "create", f"--label={LABEL}={self.name}", self._network)
        for volume in self.compose.volumes:
            self.podman("volume", "create", f"--label={LABEL}={self.name}", self._volume(volume))
        for service in self.compose.order():
            for needed, how in self.compose.services[service].get("depends_on", {}).items():
                self._wait(needed, how["condition"])
            for number in range(1, int(self._deploy(service).get("replicas", 1)) + 1):
                self.start(service, number)

    def start(self, service: str, number: int = 1) -> str:
        """A container more of `service`."""
        name = self.container(service, number)
        self.podman("run", "--detach", f"--name={name}", *self._arguments(service), timeout=300)
        return name

    def down(self) -> None:
        """Nothing of it is left, whatever state it was in."""
        whose = f"--filter=label={LABEL}={self.name}"
        self._remove(
            "container", self.podman("ps", "--all", "--quiet", whose).stdout.split(), "--force", "--volumes", "--time=2"
        )
        self._remove("volume", self.podman("volume", "ls", "--quiet", whose).stdout.split(), "--force")
        self._remove("network", self.podman("network", "ls", "--quiet", whose).stdout.split(), "--force")

    def container(self, service: str, number: int = 1) -> str:
        return f"{self.name}-{service}-{number}"

    def containers(self) -> list[str]:
        return self.podman("ps", "--all", f"--filter=label={LABEL}={self.name}", "--format={{.Names}}").stdout.split()

    def address(self, service: str) -> str:
        return str(
            self.podman.inspect(self.container(service))["NetworkSettings"]["Networks"][self._network]["IPAddress"]
        )

    def watched(self) -> list[str]:
        """The services that have a health check."""
        return [name for name, service in self.compose.services.items() if "healthcheck" in service]

    def healthy(self, container: str) -> bool:
        """By the check of the compose file, run now."""
        return self.podman("healthcheck", "run", container, check=False).returncode == 0

    def wait_healthy(self, containers: Iterable[str], patience: float = PATIENCE) -> None:
        end, missing = time.monotonic() + patience, list(containers)
        while missing := [container for container in missing if not self.healthy(container)]:
            if time.monotonic() > end:
                raise PodmanError(
                    f"not healthy after {patience:.0f} s: {', '.join(missing)}\n{self.last_words(missing[0])}"
                )
            time.sleep(PAUSE)

    def last_words(self, container: str) -> str:
        done = self.podman("logs", "--tail=40", container, check=False)
        return done.stdout + done.stderr

    def _wait(self, service: str, condition: str) -> None:
        container = self.container(service)
        if condition == "service_healthy":
            self.wait_healthy([container])
        elif condition == "service_completed_successfully":
            done = self.podman("wait", container, timeout=PATIENCE).stdout.strip()
            if done != "0":
                raise PodmanError(f"{service} ended with {done}:\n{self.last_words(container)}")
        else:
            raise ValueError(f"{service}: {condition}")

    def _arguments(self, service: str) -> list[str]:
        asked = self.compose.services[service]
        limits = self._deploy(service).get("resources", {}).get("limits", {})
        options = [
            "--pull=never", f"--label={LABEL}={self.name}", f"--network={self._network}", f"--network-alias={service}",
            f"--restart={asked.get('restart', 'no')}", f"--env-file={self._environment_file(service)}",
            f"--cpus={limits['cpus']}", f"--memory={limits['memory'].lower()}",
            *(["--init"] if asked.get("init") else []),
            *([f"--user={asked['user']}"] if "user" in asked else []),
            *([f"--stop-timeout={seconds(asked['stop_grace_period']):.0f}"] if "stop_grace_period" in asked else []),
            *(f"--cap-drop={name}" for name in asked.get("cap_drop", ())),
            *(f"--security-opt={option.removesuffix(':true')}" for option in asked.get("security_opt", ())),
            *(f"--publish={port}" for port in asked.get("ports", ())),
            *(f"--volume={self._mount(volume)}" for volume in asked.get("volumes", ())),
            *(f"--volume={self._config(config)}" for config in asked.get("configs", ())),
            *_health(asked.get("healthcheck")),
        ]  # fmt: skip
        image = f"localhost/{asked['image']}" if "build" in asked else full_name(asked["image"])
        return [*options, image, *asked.get("command", ())]

    def _environment_file(self, service: str) -> Path:
        """Not on podman's command line, which anybody can read."""
        file = self.folder / f"{service}.env"
        file.touch(mode=0o600)
        file.write_text("".join(f"{name}={value}\n" for name, value in self.compose.environment(service).items()))
        return file

    def _mount(self, volume: str) -> str:
        source, rest = volume.split(":", 1)
        return f"{self.compose.folder / source}:{rest}" if source.startswith(".") else f"{self._volume(source)}:{rest}"

    def _config(self, config: dict[str, str]) -> str:
        """As Compose mounts it: readable by whoever the container runs as, closed outside by the folder."""
        file = self.folder / f"config-{config['source']}"
        file.write_text(self.compose.configs[config["source"]])
        file.chmod(0o444)
        return f"{file}:{config['target']}:ro"

    def _deploy(self, service: str) -> dict[str, Any]:
        deploy: dict[str, Any] = self.compose.services[service].get("deploy", {})
        return deploy

    def _remove(self, kind: str, names: list[str], *options: str) -> None:
        if names:
            self.podman(kind, "rm", *options, *names, timeout=300)

    @property
    def _network(self) -> str:
        return f"{self.name}_default"

    def _volume(self, name: str) -> str:
        return f"{self.name}_{name}"


def _health(check: dict[str, Any] | None) -> list[str]:
    if check is None:
        return ["--no-healthcheck"]
    kind, *command = check["test"]
    told = command[0] if kind == "CMD-SHELL" else json.dumps(command)
    times = [f"--health-{name.replace('_', '-')}={check[name]}" for name in check if name != "test"]
    return [f"--health-cmd={told}", *times]
