"""docker-compose.yaml as Docker Compose reads it, as far as ours goes. What isn't known here is an error: nothing in
the file is passed over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?:(:?[-?])([^}]*))?\})")
SERVICE_KEYS = {
    "build", "cap_drop", "command", "configs", "depends_on", "deploy", "env_file", "environment", "healthcheck",
    "image", "init", "ports", "restart", "security_opt", "stop_grace_period", "user", "volumes",
}  # fmt: skip
HEALTH_KEYS = {"test", "interval", "timeout", "retries", "start_period"}
UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class Compose:
    """`folder` is what relative paths start from; `configs` are the texts of inline configs."""

    folder: Path
    services: dict[str, dict[str, Any]]
    configs: dict[str, str]
    volumes: tuple[str, ...]

    def environment(self, service: str) -> dict[str, str]:
        """Of its files, then its own, which win."""
        found: dict[str, str] = {}
        for file in self.services[service].get("env_file", ()):
            found |= variables_of(self.folder / file)
        return found | {name: str(value) for name, value in self.services[service].get("environment", {}).items()}

    def order(self) -> list[str]:
        """Each service after those that it depends on."""
        done: list[str] = []

        def visit(name: str) -> None:
            for needed in self.services[name].get("depends_on", {}):
                visit(needed)
            if name not in done:
                done.append(name)

        for name in self.services:
            visit(name)
        return done


def load(path: Path, variables: Mapping[str, str]) -> Compose:
    """KeyError with the file's own message where a variable that it asks for is missing."""
    whole = yaml.safe_load(path.read_text())
    known = {"name", "services", "configs", "volumes"}
    _refuse("the file", {key for key in whole if not key.startswith("x-")} - known)
    services = interpolated(whole["services"], variables)
    for name, service in services.items():
        _refuse(name, set(service) - SERVICE_KEYS)
        _refuse(f"{name}'s healthcheck", set(service.get("healthcheck", ())) - HEALTH_KEYS)
        _refuse(f"{name}'s deploy", set(service.get("deploy", ())) - {"resources", "replicas"})
    for name, config in whole.get("configs", {}).items():
        _refuse(f"config {name}", set(config) - {"content"})
    texts = interpolated({name: config["content"] for name, config in whole.get("configs", {}).items()}, variables)
    return Compose(path.parent, services, texts, tuple(whole.get("volumes", ())))


def interpolated(value: Any, variables: Mapping[str, str]) -> Any:
    """In values, not in names, after YAML has been read: a value can't change what the file is."""
    if isinstance(value, Mapping):
        return {key: interpolated(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [interpolated(item, variables) for item in value]
    return VARIABLE.sub(lambda found: _value(found, variables), value) if isinstance(value, str) else value


def variables_of(path: Path) -> dict[str, str]:
    """NAME=value per line, unquoted."""
    lines = [line.strip() for line in path.read_text().splitlines()]
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def seconds(duration: str | int) -> float:
    """Of `90s` or `10m`, as Compose writes durations."""
    text = str(duration)
    return float(text[:-1]) * UNITS[text[-1]]


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    name, operator, rest = found.groups()
    if name is None:
        return "$"
    here = variables.get(name)
    missing = here is None or (here == "" and (operator or "").startswith(":"))
    if not missing:
        return str(here)
    if (operator or "").endswith("?"):
        raise KeyError(f"{name}: {rest}")
    return rest if operator else ""


def _refuse(where: str, unknown: set[str]) -> None:
    if unknown:
        raise ValueError(f"{where} has what this test can't run: {', '.join(sorted(unknown))}")
