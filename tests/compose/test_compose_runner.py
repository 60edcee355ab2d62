"""What `make compose-test` is made of, as far as it can be judged without a container: the whole takes minutes."""

import re
import subprocess
from pathlib import Path

import pytest

from compose.checks_image import PRIVATE
from compose.composefile import interpolated, load, seconds
from compose.podman import Podman
from compose.project import Project
from compose.standins import LOCKS, RECIPES, ROOT, STAND_INS, base_of, stand_in

FILE = ROOT / "docker-compose.yaml"
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.fixture
def variables() -> dict[str, str]:
    return {name: name.lower() for name in re.findall(r"\$\{(\w+):\?", FILE.read_text())}


def test_each_image_has_a_stand_in(variables: dict[str, str]) -> None:
    services = load(FILE, variables).services.values()
    theirs = {service["image"] for service in services if "build" not in service}
    bases = set(re.findall(r"^ARG BASE=(\S+)", DOCKERFILE, re.MULTILINE))
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${BASE}"}
    assert {stand_in(image).repository for image in theirs | bases} == {found.repository for found in STAND_INS}


def test_recipes_are_built_upon_what_is_built_before() -> None:
    built = ["localhost/reelscribe-debian:bookworm"]
    for found in STAND_INS:
        assert base_of(found.recipe) in built
        built.append(found.name)
    assert {found.recipe for found in STAND_INS} == {folder.name for folder in RECIPES.iterdir()}


def test_what_recipes_take_from_pypi_is_pinned_by_our_locks() -> None:
    locked = "\n".join((ROOT / lock).read_text() for lock in LOCKS)
    for found in STAND_INS:
        recipe = (RECIPES / found.recipe / "Containerfile").read_text()
        assert ("pip install" in recipe) == bool(found.locked)
        assert all(re.search(rf"^{name}==", locked, re.MULTILINE) and name in recipe for name in found.locked)


def test_recipes_copy_what_is_there() -> None:
    for recipe in RECIPES.glob("*/Containerfile"):
        copied = re.findall(r"^COPY (\S+) ", recipe.read_text(), re.MULTILINE)
        assert all((recipe.parent / name).is_file() for name in copied)
    assert subprocess.run(["sh", "-n", RECIPES / "postgres" / "docker-entrypoint.sh"], check=False).returncode == 0


def test_all_that_the_file_says_becomes_an_option(variables: dict[str, str], tmp_path: Path) -> None:
    """Nothing that it can't run is passed over, and nothing secret is on a command line."""
    compose = load(FILE, variables)
    project = Project(Podman(), compose, tmp_path)
    told = {service: project._arguments(service) for service in compose.services}
    for service, arguments in told.items():
        asked = compose.services[service]
        assert ("--init" in arguments) == bool(asked.get("init"))
        assert ("--cap-drop=ALL" in arguments) == ("cap_drop" in asked)
        assert ("--no-healthcheck" in arguments) == ("healthcheck" not in asked)
        assert arguments[len(arguments) - len(asked.get("command", ())) :] == asked.get("command", [])
        assert not [secret for secret in variables.values() if any(secret in word for word in arguments)]
    assert "--stop-timeout=600" in told["worker-ocr"]
    assert f"--volume={tmp_path}/config-s3:/etc/seaweedfs-s3.json:ro" in told["s3"]
    assert "--health-start-period=120s" in told["scheduler"]
    assert variables["REDIS_PASSWORD"] in (tmp_path / "redis.env").read_text()
    assert (tmp_path / "redis.env").stat().st_mode & 0o077 == 0


def test_services_start_after_what_they_need(variables: dict[str, str]) -> None:
    order = load(FILE, variables).order()
    assert order.index("postgres") < order.index("init") < order.index("api-server") < order.index("worker-ocr")


def test_a_secret_that_is_missing_stops_it(variables: dict[str, str]) -> None:
    del variables["REDIS_PASSWORD"]
    with pytest.raises(KeyError, match=r"run deploy/compose/secrets\.sh"):
        load(FILE, variables)


def test_an_unknown_key_stops_it(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {one: {image: x, gpus: all}}")
    with pytest.raises(ValueError, match="one has what this test can't run: gpus"):
        load(tmp_path / "compose.yaml", {})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${A}", "1"), ("${B}", ""), ("${C}", ""), ("${A:-x}", "1"), ("${B:-x}", "x"), ("${B-x}", ""),
        ("${C-x}", "x"), ("$$A ${A}", "$A 1"), ("${C:-}", ""),
    ],
)  # fmt: skip
def test_variables_are_as_compose_has_them(text: str, value: str) -> None:
    assert interpolated({"key": [text]}, {"A": "1", "B": ""}) == {"key": [value]}


@pytest.mark.parametrize(("text", "value"), [("20s", 20), ("10m", 600), ("1h", 3600)])
def test_durations(text: str, value: float) -> None:
    assert seconds(text) == value


def test_the_build_is_given_what_the_image_copies_and_no_more() -> None:
    """An allow-list: what isn't named can't get into an image by mistake."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert lines[0] == "*"
    assert allowed == set(re.findall(r"^COPY (\S+) ", DOCKERFILE, re.MULTILINE))
    assert not allowed & PRIVATE
