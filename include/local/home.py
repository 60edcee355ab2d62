"""Where the embedded stack keeps its state, and the secrets it made for itself. Nobody else may read any of it."""

import base64
import contextlib
import fcntl
import json
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HOME_VARIABLE = "REELSCRIBE_HOME"
HOST = "127.0.0.1"
USER, INGEST = "admin", "ingest"  # Airflow's accounts: a person's, and the one that ingest_bucket starts runs with
FIRST_PORT = 8080
PORTS_TRIED = 200


@dataclass(frozen=True, slots=True)
class Home:
    root: Path

    @property
    def airflow(self) -> Path:
        return self.root / "airflow"

    @property
    def store(self) -> Path:
        return self.root / "store"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def task_logs(self) -> Path:
        return self.root / "logs" / "tasks"

    @property
    def password_file(self) -> Path:
        """Of Airflow's accounts, as its simple auth manager reads it: {account: password}."""
        return self.root / "airflow-password.json"

    @property
    def database_file(self) -> Path:
        """One line, the URL of our database with its password."""
        return self.root / "database-url"

    @property
    def stamp_file(self) -> Path:
        return self.root / "migrated.json"

    def prepare(self) -> None:
        for folder in (self.root, self.airflow, self.store):
            folder.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)

    def password(self, account: str = USER) -> str:
        known: dict[str, str] = json.loads(private(self.password_file, lambda: "{}"))
        if account not in known:
            known[account] = token()
            write_private(self.password_file, json.dumps(known))
        return known[account]

    def secret(self, name: str) -> str:
        """Made once; e.g. the key that signs tokens."""
        return private(self.root / "secrets" / name, token)

    def fernet_key(self) -> str:
        key = self.root / "secrets" / "fernet"
        return private(key, lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time changes what runs here; the kernel drops the lock of one that dies."""
        self.prepare()
        with (self.root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def api_port(self, *, in_use: bool, host: str = HOST) -> int:
        first = int(os.environ.get("REELSCRIBE_API_PORT") or FIRST_PORT)
        return self.port("api", first, in_use=in_use, host=host)

    def port(self, name: str, first: int, *, in_use: bool, host: str = HOST) -> int:
        """The port of last time, unless somebody else has it by now; `in_use`: whether we are listening there."""
        file = self.root / f"{name}-port"
        if file.exists() and (in_use or free(int(file.read_text()), host)):
            return int(file.read_text())
        port = next(port for port in range(first, first + PORTS_TRIED) if free(port, host))
        file.write_text(str(port))
        return port


def home() -> Home:
    return Home(Path(os.environ.get(HOME_VARIABLE) or REPOSITORY / ".reelscribe").resolve())


def token() -> str:
    return secrets.token_urlsafe(48)


def private(path: Path, make: Callable[[], str]) -> str:
    """What stands in the file, which only its owner can ever have read; made if it isn't there."""
    if path.exists():
        return path.read_text().strip()
    write_private(path, make())
    return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Complete or not at all, and never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
    new.replace(path)


def free(port: int, host: str = HOST) -> bool:
    """Whether nobody listens there; a port that merely remembers closed connections is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
