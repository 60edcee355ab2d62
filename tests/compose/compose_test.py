"""docker-compose.yaml, run: `make compose-test`. Stand-in images, our own image, containers under podman, real work.

One line per check; the last line is for machines. Ends with 1 where a check fails, 2 where nothing could be run; either
way no container, network or volume is left. Images stay in the cache (compose.podman.CACHE) for the next time.
"""

import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from compose import checks_image, checks_work
from compose.clients import Clients
from compose.composefile import Compose, load, variables_of
from compose.podman import Podman, PodmanError
from compose.project import Project
from compose.standins import ROOT, build_all, build_options

FAILED, NOTHING_TO_RUN = 1, 2
STARTED = time.monotonic()


def main() -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(FAILED))  # so that everything is removed then, too
    podman = Podman()
    try:
        podman.prepare()
    except PodmanError as error:
        print(f"COMPOSE_TEST: {error}", file=sys.stderr)
        return NOTHING_TO_RUN
    with tempfile.TemporaryDirectory(prefix="reelscribe-compose-") as name:
        folder = Path(name)
        compose, made = prepared(folder)
        project = Project(podman, compose, folder)
        project.down()
        try:
            build(podman, compose)
            return story(project, Clients(project, made, int(made["REELSCRIBE_PORT"])))
        except (PodmanError, AssertionError) as error:
            say("FAILED", f"{type(error).__name__}: {error}")
            return FAILED
        finally:
            keep_logs(project)
            project.down()
            podman("image", "prune", "--force", timeout=300)


def prepared(folder: Path) -> tuple[Compose, dict[str, str]]:
    """The compose file with secrets made as its first lines say, and the variables themselves."""
    file = folder / ".env"
    subprocess.run(f"(umask 077; deploy/compose/secrets.sh >{file})", shell=True, check=True, cwd=ROOT)
    assert file.stat().st_mode & 0o077 == 0
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # every stage on its own worker, however short the sample
    ours = {"REELSCRIBE_PORT": str(port), "REELSCRIBE_SHORT_SECONDS": "0"}
    variables = variables_of(file) | ours
    return load(ROOT / "docker-compose.yaml", variables), variables


def build(podman: Podman, compose: Compose) -> None:
    base = re.findall(r"^ARG BASE=(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    theirs = [service["image"] for service in compose.services.values() if "build" not in service]
    (ours,) = {service["image"] for service in compose.services.values() if "build" in service}
    say("…", "stand-in images and ours: minutes the first time")
    build_all(podman, [*base, *theirs])
    options = [*build_options(podman), "--layers", f"--tag=localhost/{ours}"]
    podman.build([*options, str(ROOT)], podman.cache / "build-reelscribe.log")
    say("ok", f"built: {ours} upon a stand-in of {base[0]}")


def story(project: Project, clients: Clients) -> int:
    known = [value for value in clients.secrets.values() if len(value) > 15]  # not a port
    podman, (image,) = (
        project.podman,
        {f"localhost/{service['image']}" for service in project.compose.services.values() if "build" in service},
    )
    none("no secret in the files", checks_image.secrets_in_the_files(known))
    none("nothing that this machine lent in the image's recipe", checks_image.lent_in_the_recipe(podman, image))
    none("no secret and nothing private in the image", checks_image.private_in_the_image(podman, image, known))
    project.up()
    watched = [project.container(service) for service in project.watched()]
    project.wait_healthy(watched)
    say("ok", f"healthy by their own checks: {len(watched)} of {len(watched)}; init ended with 0")
    for check in (
        lambda: checks_work.strangers_are_refused(clients),
        lambda: checks_work.dropped_comes_out(clients),
        lambda: checks_work.two_share(project, clients),
        lambda: checks_work.killed_loses_nothing(project, clients),
    ):
        say("ok", check())
    project.wait_healthy(watched)
    say("ok", "healthy at the end, too")
    none("no secret in logs or command lines", checks_image.secrets_told(project, known))
    print(
        f"compose_test=ok services={len(project.compose.services)} healthy={len(watched)}"
        f" seconds={time.monotonic() - STARTED:.0f}"
    )
    return 0


def none(what: str, found: list[str]) -> None:
    assert not found, f"{what}: {found}"
    say("ok", what)


def keep_logs(project: Project) -> None:
    """In the cache, of the last time: containers are gone when somebody asks why."""
    folder = project.podman.cache / "logs"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for container in project.containers():
        done = project.podman("logs", "--tail=3000", container, check=False)
        (folder / f"{container}.log").write_text(done.stdout + done.stderr)


def say(sign: str, line: str) -> None:
    print(f"{time.monotonic() - STARTED:5.0f} s  {sign:3} {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
