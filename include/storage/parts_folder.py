"""Parts in a folder: each is put into its place of one file, which becomes the object by a link.

So completing copies nothing, however large it is. Under `.partial/uploads/<id>/` are that file, which takes room on the
disk only as it fills, and an empty file for each part that is whole, named by its number. A part on its way has a file
of its own without a name: that of a client that broke off, or comes late, touches nothing.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from include.processing.errors import PermanentError
from include.storage.folder import BLOCK, FolderStore, link, translated
from include.storage.keys import PARTIAL
from include.storage.parts import PartSink, Spool, Upload, gone, incomplete

DATA = "data"
UPLOADS = "uploads"


class FolderParts:
    """Who puts a part into its place holds a lock on the file, and so does who links it: what is linked is never
    written to again."""

    def __init__(self, root: Path) -> None:
        self._store, self._root = FolderStore(root), root.resolve()

    def begin(self, upload: Upload, content_type: str | None) -> str:
        folder = self._folder(upload)
        with translated(upload.key):
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder / DATA, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                os.truncate(handle, upload.size)
            finally:
                os.close(handle)
        return upload.id

    def open(self, upload: Upload, number: int) -> PartSink:
        with translated(upload.key):
            try:
                file = TemporaryFile(dir=self._folder(upload))  # noqa: SIM115 - closed by what ends the part
            except FileNotFoundError:
                raise gone(upload) from None
        return Spool(file, partial(self._place, upload, number), upload.key)

    def received(self, upload: Upload) -> frozenset[int]:
        with translated(upload.key):
            try:
                names = os.listdir(self._folder(upload))
            except FileNotFoundError:
                return frozenset()
        return frozenset(int(name) for name in names if name.isdecimal())

    def complete(self, upload: Upload) -> None:
        if not self._completed(upload):
            try:
                self._join(upload)
            except PermanentError as error:
                if error.code != "UPLOAD_GONE" or not self._completed(upload):  # else another request was faster
                    raise
        return self.abort(upload)

    def abort(self, upload: Upload) -> None:
        with translated(upload.key):
            shutil.rmtree(self._folder(upload), onerror=_unless_gone)
            with suppress(OSError):  # it is not there, or has the object in it
                Path(self._store.describe(upload.key)).parent.rmdir()

    def _completed(self, upload: Upload) -> bool:
        found = self._store.head(upload.key)
        return found is not None and found.size == upload.size

    def _join(self, upload: Upload) -> None:
        with self._locked(upload):
            received = self.received(upload)
            if len(received) < upload.parts:
                raise incomplete(upload, received)
            link(self._folder(upload) / DATA, Path(self._store.describe(upload.key)))

    def _place(self, upload: Upload, number: int, file: IO[bytes]) -> None:
        mark, at = self._folder(upload) / str(number), (number - 1) * upload.part_size
        with self._locked(upload) as data:
            mark.unlink(missing_ok=True)
            while block := file.read(BLOCK):
                written = os.pwrite(data, block, at)
                at += written
                file.seek(written - len(block), os.SEEK_CUR)
            os.fsync(data)
            mark.touch()

    def _folder(self, upload: Upload) -> Path:
        return self._root / PARTIAL / UPLOADS / upload.id

    @contextmanager
    def _locked(self, upload: Upload) -> Iterator[int]:
        """A handle on the file for writing, nobody else's meanwhile."""
        with translated(upload.key), ExitStack() as stack:
            try:
                handle = os.open(self._folder(upload) / DATA, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
                stack.callback(os.close, handle)
                fcntl.flock(handle, fcntl.LOCK_EX)
                if os.fstat(handle).st_nlink != 1:  # 0: aborted since it was opened; 2: linked
                    raise gone(upload)
                yield handle
            except FileNotFoundError:
                raise gone(upload) from None


def _unless_gone(function: object, path: str, error: tuple[type[BaseException], BaseException, object]) -> None:
    if not (isinstance(error[1], OSError) and error[1].errno == errno.ENOENT):
        raise error[1]
