"""A video's bytes as the file object that the demuxer wants, with few and bounded requests.

Blocks read while a container is opened are its index; `plan` keeps them, so that no chunk fetches them again.
"""

import io
import struct
from collections import OrderedDict

from include.processing.ports import ByteSource

BLOCK = 64 * 1024
FIRST_WINDOW, LAST_WINDOW = 4, 16  # blocks per request: doubled while reading goes on in sequence
KEPT_BLOCKS = 128  # 8 MiB
INDEX_LIMIT = 64 * 1024 * 1024
_HEADER = struct.Struct("<QI")


class SourceFile(io.RawIOBase):
    """Seekable and read-only. Errors of the source pass through the demuxer: see `error`."""

    def __init__(self, source: ByteSource, index: bytes = b"") -> None:
        self.source = source
        self.error: Exception | None = None
        self._index = unpack_index(index)
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._touched: dict[int, bytes] = {}
        self._recording = False
        self._position = 0
        self._next_miss, self._window = -1, FIRST_WINDOW

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.source.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self.source.size if size < 0 else min(self.source.size, self._position + size)
        if self._position >= end:
            return b""
        number, inside = divmod(self._position, BLOCK)
        data = self._block(number)[inside : inside + end - self._position]
        self._position += len(data)
        return data

    def record(self) -> None:
        """From now on remember every block that is read."""
        self._recording = True

    def recorded(self) -> bytes:
        """What was read since `record()`, packed for `index=` of the next opening; empty if it is too much."""
        self._recording = False
        touched, self._touched = self._touched, {}
        if sum(map(len, touched.values())) > INDEX_LIMIT:
            return b""
        return b"".join(_HEADER.pack(n, len(b)) + b for n, b in sorted(touched.items()))

    def _block(self, number: int) -> bytes:
        block = self._index.get(number) or self._blocks.get(number)
        if block is None:
            self._fetch(number)
            block = self._blocks[number]
        if self._recording:
            self._touched[number] = block
        return block

    def _fetch(self, number: int) -> None:
        in_sequence = number == self._next_miss
        self._window = min(self._window * 2, LAST_WINDOW) if in_sequence else FIRST_WINDOW
        count = 1
        while count < self._window and number + count not in self._index and number + count not in self._blocks:
            count += 1
        try:
            data = self.source.read_at(number * BLOCK, count * BLOCK)
        except Exception as exc:
            self.error = exc  # the demuxer reports it as a plain I/O error; the caller finds the cause here
            raise
        for i in range(count):
            self._blocks[number + i] = data[i * BLOCK : (i + 1) * BLOCK]
        self._next_miss = number + count
        while len(self._blocks) > KEPT_BLOCKS:
            self._blocks.popitem(last=False)


def unpack_index(packed: bytes) -> dict[int, bytes]:
    blocks, at = {}, 0
    while at < len(packed):
        number, length = _HEADER.unpack_from(packed, at)
        at += _HEADER.size
        blocks[number] = packed[at : at + length]
        at += length
    return blocks
