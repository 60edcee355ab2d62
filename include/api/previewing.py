"""A look at a stored video from outside of this process: foreign bytes are opened in one that has no secrets, little
memory and little time."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from include.api.services import Services
from include.processing.errors import PermanentError
from include.processing.preview import Preview, Refusal, answer_of
from include.storage import ObjectStore, keys

SECONDS = 60.0
HOME = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "LANG", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "TZ")  # of our environment


def look(services: Services, source: str, sound: str, language: str | None) -> Preview:
    """Of a source that is known to be there and allowed. Raises what probing raises, and PermanentError
    ESTIMATE_FAILED."""
    asked = json.dumps({"where": _address(services, source), "sound": sound, "language": language}) + "\n"
    found = answer_of(_asked(asked.encode()))
    if isinstance(found, Refusal):
        raise found.error()
    if found is None:
        raise _failed("looking at it broke off")
    return found


def _asked(line: bytes) -> bytes:
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    command = [sys.executable, "-m", "include.processing.preview"]
    try:
        done = subprocess.run(
            command, input=line, capture_output=True, timeout=SECONDS, cwd=HOME, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(f"looking at it takes longer than {SECONDS:.0f} seconds") from error
    return done.stdout


def _address(services: Services, source: str) -> str:
    """A path, or an address that lets it be read for as long as this takes."""
    store, key = _place(services.store, source)
    there = urlsplit(store)
    if there.scheme == "file":
        return services.store.describe(key)
    prefix = there.path.strip("/")
    place = {"Bucket": there.netloc, "Key": f"{prefix}/{key}" if prefix else key}
    url: str = services.s3_client().generate_presigned_url("get_object", Params=place, ExpiresIn=int(2 * SECONDS))
    return url


def _place(store: ObjectStore, source: str) -> tuple[str, str]:
    """The store's address and the key in it."""
    if not urlsplit(source).scheme:
        return store.url, keys.validate(source)
    bucket, _, key = source.partition("://")[2].partition("/")
    return f"s3://{bucket}", keys.validate(key)


def _failed(cause: str) -> PermanentError:
    return PermanentError(
        "ESTIMATE_FAILED", cause, "submit it: the plan stage has more time, and estimates the cost too"
    )
