"""podman with a storage, settings and networks of its own, so that no other image or container is touched."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reelscribe-compose"
RUN = Path("/run/reelscribe-compose")  # sockets have short names, and a restart of the machine empties it
TOOLS = ("podman", "runc", "conmon", "netavark", "catatonit", "debootstrap")

# runc, because crun refuses cgroups of both versions side by side; the limits, because raising them may not be allowed
# where we are; no systemd, so cgroups, logs and events are files. What podman calls when a container ends, to start it
# again, is told the storage alone: the folder `libpod` must be where that leads by itself
CONTAINERS_CONF = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
init_path = "{catatonit}"
log_driver = "k8s-file"
log_size_max = 20000000
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "{run}/libpod"
static_dir = "{cache}/storage/libpod"
volume_path = "{cache}/volumes"
image_copy_tmp_dir = "{cache}/tmp"
[network]
network_backend = "netavark"
network_config_dir = "{cache}/networks"
"""
STORAGE_CONF = '[storage]\ndriver = "overlay"\ngraphroot = "{cache}/storage"\nrunroot = "{run}/storage"\n'
REGISTRIES_CONF = 'unqualified-search-registries = ["docker.io"]\nshort-name-mode = "disabled"\n'


class PodmanError(Exception):
    """Says what was asked for, and podman's own last lines."""


@dataclass(frozen=True, slots=True)
class Podman:
    cache: Path = CACHE
    run_folder: Path = RUN

    def prepare(self) -> None:
        missing = [tool for tool in TOOLS if not _found(tool)]
        if os.geteuid() != 0 or missing:
            lacks = f"it lacks {', '.join(missing)}" if missing else "this is another user"
            raise PodmanError(f"containers are run by podman as root, from Debian's packages: {lacks}")
        for folder in (self.cache, self.cache / "tmp", self.cache / "networks", self.run_folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        places = {"cache": self.cache, "run": self.run_folder, "catatonit": _found("catatonit")}
        for name, text in self._files().items():
            (self.cache / name).write_text(text.format(**places))

    def __call__(
        self, *arguments: str, check: bool = True, stdin: str | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["podman", *arguments],
            env=self.environment(), input=stdin, capture_output=True, text=True, check=False, timeout=timeout,
        )  # fmt: skip
        if check and done.returncode:
            said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
            raise PodmanError(f"podman {' '.join(arguments[:3])} … ({done.returncode}):\n{said}")
        return done

    def build(self, arguments: Sequence[str], log: Path) -> None:
        """Slow and talkative: its words go to `log`."""
        with log.open("w") as out:
            done = subprocess.run(
                ["nice", "podman", "build", *arguments],
                env=self.environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, check=False,
                timeout=3000,
            )  # fmt: skip
        if done.returncode:
            said = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
            raise PodmanError(f"podman build {' '.join(arguments)} ({done.returncode}):\n{said}")

    def inspect(self, name: str, kind: str = "container") -> dict[str, Any]:
        found: list[dict[str, Any]] = json.loads(self("inspect", "--type", kind, name).stdout)
        return found[0]

    def environment(self) -> dict[str, str]:
        """Health checks are run by us: podman would ask systemd for a timer."""
        names = ("CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "CONTAINERS_REGISTRIES_CONF")
        files = {name: str(self.cache / file) for name, file in zip(names, self._files(), strict=True)}
        kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
        return {**kept, "PATH": path, **files, "DISABLE_HC_SYSTEMD": "true"}

    def _files(self) -> dict[str, str]:
        return {"containers.conf": CONTAINERS_CONF, "storage.conf": STORAGE_CONF, "registries.conf": REGISTRIES_CONF}


def _found(tool: str) -> str | None:
    return shutil.which(tool, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/lib/podman")))
