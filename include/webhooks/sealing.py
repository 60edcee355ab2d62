"""Secrets of endpoints as the database keeps them: encrypted with the key of Airflow's connections.

Of several keys, comma-separated as Airflow has them while they are changed, the first seals and any opens.
"""

import base64
import binascii
import os
import secrets

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from include.processing.errors import PermanentError
from include.webhooks import KEY_VARIABLE

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64  # bytes, as Standard Webhooks asks


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def checked_secret(secret: str) -> str:
    """Raises PermanentError WEBHOOK_SECRET where it isn't one."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        cause = "the webhook's secret is not whsec_ and then 24 to 64 bytes as base64"
        raise PermanentError("WEBHOOK_SECRET", cause, "leave it out, and one is made")
    return secret


def check_keys() -> None:
    """Raises PermanentError WEBHOOK_KEY where there is none, or what there is is no key."""
    _keys()


def seal(secret: str) -> str:
    return _keys().encrypt(secret.encode()).decode()


def opened(sealed: str) -> str:
    """Raises PermanentError WEBHOOK_KEY where no key opens it."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        cause = f"no key in {KEY_VARIABLE} opens the webhook's secret"
        raise PermanentError(
            "WEBHOOK_KEY", cause, "add the key that was there before, or make the webhook anew"
        ) from None


def _keys() -> MultiFernet:
    given = [key.strip() for key in os.environ.get(KEY_VARIABLE, "").split(",") if key.strip()]
    try:
        return MultiFernet([Fernet(key) for key in given])
    except ValueError:
        cause = f"{KEY_VARIABLE} holds no key that secrets could be kept with"
        raise PermanentError("WEBHOOK_KEY", cause, "set it where the API server and the dispatcher run") from None
