"""Where a page ended, as clients hand it back: the time and the id of its last row."""

import base64
import binascii
from datetime import UTC, datetime
from uuid import UUID

from include.processing.errors import PermanentError


def encoded(moment: datetime, identity: str) -> str:
    return base64.urlsafe_b64encode(f"{moment.isoformat()} {identity}".encode()).decode().rstrip("=")


def decoded(cursor: str) -> tuple[datetime, str]:
    """Raises PermanentError BAD_CURSOR."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode()
        moment, _, identity = text.partition(" ")
        found = datetime.fromisoformat(moment)
        return found if found.tzinfo else found.replace(tzinfo=UTC), str(UUID(identity))
    except (ValueError, binascii.Error) as error:
        cause = "the place to go on from is none of ours"
        raise PermanentError("BAD_CURSOR", cause, "start at the first page") from error
