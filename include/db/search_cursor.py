"""Where a page ended, as a text for whoever asks for the next one."""

import base64
import binascii
import hashlib
import json
from dataclasses import asdict, dataclass, replace

from include.db.search_types import SearchQuery
from include.processing.errors import PermanentError


@dataclass(frozen=True, slots=True)
class Place:
    """`exact`: among what matches as asked for; `top` is the newest ordinal when the first page was asked for.

    The rest is of the last hit; at the end of the exact ones `rank` is None.
    """

    top: int
    exact: bool
    rank: int | None = None
    ordinal: int = 0
    start: float = 0.0
    number: int = 0

    @property
    def after(self) -> tuple[float, ...] | None:
        """In the order of the pages, ascending."""
        return None if self.rank is None else (-self.rank, -self.ordinal, self.start, self.number)


def encode(place: Place, query: SearchQuery) -> str:
    values = [*(getattr(place, name) for name in Place.__slots__), _digest(query)]
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str, query: SearchQuery) -> Place:
    try:
        values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        top, exact, rank, ordinal, start, number, digest = values
        place = Place(
            int(top), bool(exact), None if rank is None else int(rank), int(ordinal), float(start), int(number)
        )
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as exc:
        raise _bad("it is none of ours") from exc
    if digest != _digest(query):
        raise _bad("it is of another query")
    if max(map(abs, (place.top, place.rank or 0, place.ordinal))) >= 2**62 or abs(place.number) >= 2**31:
        raise _bad("it is none of ours")
    return place


def _digest(query: SearchQuery) -> str:
    """Of all that decides what is found, so not of the page's size."""
    values = asdict(replace(query, after=None, limit=0)) | {"sources": sorted(query.sources)}
    return hashlib.sha256(json.dumps(values, default=str, sort_keys=True).encode()).hexdigest()[:12]


def _bad(cause: str) -> PermanentError:
    return PermanentError("BAD_CURSOR", f"the place to go on from can't be used: {cause}", "start at the first page")
