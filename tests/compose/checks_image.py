"""What must not be in an image or beside it: secrets, and what the machine lent for building."""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from compose.podman import Podman
from compose.project import Project
from compose.standins import ROOT

# what a build here is told by its environment, or by what is mounted
LENT = re.compile(r"PIP_|UV_|SSL_CERT|CURL_CA|REQUESTS_CA|/run/build|PROXY=|_proxy=")
LENT_NAMES = ("PIP_", "UV_", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
PRIVATE = {".env", ".git", ".reelscribe", "worker.env", "passwords.json", "pip.conf", "id_rsa"}
PLACES = ("opt/reelscribe", "opt/airflow", "etc", "root", "run", "tmp")
BEGINS = b"-----BEGIN "
LARGEST = 5_000_000  # bytes of a file that is looked into


def secrets_in_the_files(secrets: Iterable[str]) -> list[str]:
    """The files of the stack that hold one; there is none."""
    files = [ROOT / "docker-compose.yaml", ROOT / "Dockerfile", *(ROOT / "deploy").rglob("*.*")]
    return [str(file) for file in files if any(secret in file.read_text() for secret in secrets)]


def lent_in_the_recipe(podman: Podman, image: str) -> list[str]:
    """Lines of the image's history, settings and labels that tell what the building machine lent."""
    history = podman("history", "--no-trunc", "--format={{.CreatedBy}} {{.Comment}}", image).stdout.splitlines()
    settings = podman.inspect(image, "image")
    told = [*history, *settings["Config"].get("Env", ()), *map(str, (settings["Config"].get("Labels") or {}).items())]
    values = [value for name, value in os.environ.items() if name.startswith(LENT_NAMES) and len(value) > 3]
    return [line[:200] for line in told if LENT.search(line) or any(value in line for value in values)]


def private_in_the_image(podman: Podman, image: str, secrets: Iterable[str]) -> list[str]:
    """Its files that have a private name, hold a secret, or a certificate that Debian's own package didn't bring."""
    known = [secret.encode() for secret in secrets]
    root = Path(podman("image", "mount", image).stdout.strip())
    try:
        files = list(_files(root))
        named = [str(file) for file in files if PRIVATE & set(file.relative_to(root).parts) and file.stat().st_size]
        return named + [str(file) for file in files if _tells(file, known)]
    finally:
        podman("image", "unmount", image)


def secrets_told(project: Project, secrets: Iterable[str]) -> list[str]:
    """Where a secret shows: in a container's log, or in a command line of this machine."""
    known = list(secrets)
    found = []
    for container in project.containers():
        done = project.podman("logs", container)
        found += [f"the log of {container}"] if any(secret in done.stdout + done.stderr for secret in known) else []
    lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return found + [line.split()[0] for line in lines if any(secret in line for secret in known)]


def _files(root: Path) -> Iterator[Path]:
    for place in PLACES:
        for file in (root / place).rglob("*"):
            if file.is_file() and not file.is_symlink():
                yield file


def _tells(file: Path, known: list[bytes]) -> bool:
    if file.stat().st_size > LARGEST:
        return False
    whole = file.read_bytes()
    return any(secret in whole for secret in known) or (BEGINS in whole and b"PRIVATE KEY" in whole)
