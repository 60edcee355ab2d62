"""A part's bytes, from the network to the store, in bounded memory however large the part is."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import TypeVar

from anyio import CapacityLimiter, fail_after, to_thread
from starlette.requests import ClientDisconnect

from include.api.problems import Problem
from include.storage.parts import PartSink, Upload

BUFFER = 1 << 20  # bytes that are gathered before a thread writes them
PATIENCE = 60.0  # seconds for a client to send anything
MOST_WRITERS = 8  # threads for uploads: pages have others

T = TypeVar("T")


class Receiver:
    """One for the application: its threads are."""

    def __init__(self) -> None:
        self._limiter: CapacityLimiter | None = None

    async def in_thread(self, call: Callable[..., T], *arguments: object) -> T:
        self._limiter = self._limiter or CapacityLimiter(MOST_WRITERS)  # needs a running loop
        return await to_thread.run_sync(call, *arguments, limiter=self._limiter)

    async def receive(self, blocks: AsyncIterator[bytes], sink: PartSink, number: int, length: int) -> None:
        """Raises Problem 413 UPLOAD_TOO_LARGE as soon as it is too much, 400 PART_SIZE where it ends too soon. Then
        nothing was received."""
        committed = False
        try:
            await self._write(blocks, sink, number, length)
            await self.in_thread(sink.commit)
            committed = True
        finally:
            if not committed:
                sink.discard()

    async def _write(self, blocks: AsyncIterator[bytes], sink: PartSink, number: int, length: int) -> None:
        buffer, received = bytearray(), 0
        while block := await _next(blocks):
            received += len(block)
            if received > length:
                raise too_large(number, length)
            buffer += block
            if len(buffer) >= BUFFER:
                await self.in_thread(sink.write, bytes(buffer))
                buffer.clear()
        if received < length:
            raise too_short(number, received, length)
        await self.in_thread(sink.write, bytes(buffer))


async def _next(blocks: AsyncIterator[bytes]) -> bytes:
    """Empty at the end, and where the client is gone, or as good as gone."""
    try:
        with fail_after(PATIENCE):
            async for block in blocks:
                if block:
                    return block
    except (ClientDisconnect, TimeoutError):
        pass
    return b""


def check_length(headers: Mapping[str, str], upload: Upload, number: int) -> int:
    """Bytes that the part must have. Raises before anything is read, where the request says how long it is."""
    if number > upload.parts:
        cause = f"the upload has {upload.parts} parts of {upload.part_size} bytes"
        raise Problem(404, "NO_SUCH_PART", cause, "send parts 1 to that number")
    length, declared = upload.length(number), headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > length:
        raise too_large(number, length)
    if declared.isdecimal() and int(declared) < length:
        raise too_short(number, int(declared), length)
    return length


def too_large(number: int, length: int) -> Problem:
    # the rest of what is being sent is nobody's
    headers = {"Connection": "close"}
    return Problem(413, "UPLOAD_TOO_LARGE", f"part {number} has {length} bytes", "send just these", headers)


def too_short(number: int, received: int, length: int) -> Problem:
    cause = f"{received} bytes came of part {number}, which has {length}"
    return Problem(400, "PART_SIZE", cause, "send the whole part again")
