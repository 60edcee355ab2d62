"""Objects in a folder, for a machine without S3."""

import contextlib
import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from include.processing.errors import PermanentError, TransientError
from include.processing.ports import ByteSource
from include.storage import ObjectInfo
from include.storage.keys import PARTIAL, valid, validate, validate_prefix

BLOCK = 1 << 20
STALE_SECONDS = 2 * 24 * 3600
DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
NOT_A_KEY_HERE = {errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST}  # e.g. under a key that is a file


class FolderStore:
    """A link is made only when the file is whole and on the disk, and fails where one is: that is the exclusive,
    atomic creation. Symbolic links are no objects: one could lead out of the folder."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self.url = self._root.as_uri()

    def head(self, key: str) -> ObjectInfo | None:
        with translated(key):
            path = self._path(key)
            return info_of(key, path.stat()) if path.is_file() else None

    def open(self, key: str) -> ByteSource:
        info = self.head(key)
        if info is None:
            raise PermanentError("SOURCE_UNREADABLE", f"there is no {self.describe(key)}", "check the address")
        return FolderSource(self._path(key), info)

    def get(self, key: str) -> bytes:
        with translated(key):
            return self._existing(key).read_bytes()

    def put(self, key: str, data: bytes) -> bool:
        return self.put_stream(key, [data])

    def put_file(self, key: str, path: Path) -> bool:
        with path.open("rb") as file:
            return self.put_stream(key, iter(lambda: file.read(BLOCK), b""))

    def put_stream(self, key: str, blocks: Iterable[bytes]) -> bool:
        with translated(key):
            path = self._path(key)
            if path.is_dir():
                raise PermanentError("BAD_KEY", f"{key!r} is a folder of other objects", "rename the object")
            if path.exists():
                return False
        with self._partial(key) as partial:
            with translated(key):
                file = partial.open("xb", buffering=0)
            with file:
                _write(file.fileno(), blocks, key)
            with translated(key):
                return link(partial, path)

    def download(self, key: str, path: Path) -> None:
        with translated(key):
            source = self._existing(key)
            partial = path.with_name(path.name + PARTIAL)
            shutil.copyfile(source, partial)
            partial.replace(path)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Files whose names are no valid keys are left out."""
        folder = validate_prefix(prefix).rpartition("/")[0]
        with translated(prefix):
            if self._path(folder).is_dir() if folder else self._root.is_dir():
                yield from self._walk(folder, prefix)

    def delete(self, key: str) -> None:
        with translated(key):
            path = self._path(key)
            if path.is_file():
                path.unlink(missing_ok=True)

    def describe(self, key: str) -> str:
        return str(self._root / validate(key))

    def _path(self, key: str) -> Path:
        path = self._root / validate(key)
        if path.is_symlink() or os.path.realpath(path) != str(path):
            raise PermanentError("BAD_KEY", f"{key!r} leads through a symbolic link", "put the file itself there")
        return path

    def _existing(self, key: str) -> Path:
        path = self._path(key)
        if not path.is_file():
            raise PermanentError("OBJECT_MISSING", f"there is no {path}", "run the stage that makes it again")
        return path

    def _walk(self, folder: str, prefix: str) -> Iterator[ObjectInfo]:
        """A folder sorts as its name and a slash: that makes it S3's order."""
        with os.scandir(self._root / folder) as scan:
            entries = [entry for entry in scan if not entry.is_symlink()]
        named = {entry.name + ("/" if entry.is_dir() else ""): entry for entry in entries}
        for name in sorted(named, key=os.fsencode):
            key = f"{folder}/{name}" if folder else name
            if not valid(key.rstrip("/")) or not (key.startswith(prefix) or prefix.startswith(key)):
                continue
            if name.endswith("/"):
                yield from self._walk(key.rstrip("/"), prefix)
            elif key.startswith(prefix) and named[name].is_file():
                with contextlib.suppress(FileNotFoundError):  # deleted since the scan
                    yield info_of(key, named[name].stat())

    @contextlib.contextmanager
    def _partial(self, key: str) -> Iterator[Path]:
        """A name beside the objects, on the same file system; also sweeps what killed writers left there."""
        folder = self._root / PARTIAL
        with translated(key):
            folder.mkdir(parents=True, exist_ok=True)
            for old in folder.iterdir():
                with contextlib.suppress(FileNotFoundError):  # parts of uploads, in a folder of theirs, live longer
                    if time.time() - old.stat().st_mtime > STALE_SECONDS and not old.is_dir():
                        old.unlink()
        partial = folder / secrets.token_hex(16)
        try:
            yield partial
        finally:
            partial.unlink(missing_ok=True)


class FolderSource:
    def __init__(self, path: Path, info: ObjectInfo) -> None:
        self.name = str(path)
        self.size = info.size
        self._path = path
        self.info_of = info

    def read_at(self, offset: int, length: int) -> bytes:
        with translated(self.info_of.key):
            handle = self._handle()
            try:
                if info_of(self.info_of.key, os.fstat(handle)) != self.info_of:
                    raise self._changed()
                return os.pread(handle, min(length, max(self.size - offset, 0)), offset)
            finally:
                os.close(handle)

    def _handle(self) -> int:
        try:
            return os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError as exc:
            if exc.errno in (errno.ENOENT, errno.ELOOP):  # deleted, or now a symbolic link
                raise self._changed() from exc
            raise

    def _changed(self) -> PermanentError:
        return PermanentError("SOURCE_CHANGED", f"{self.name} was replaced", "submit it again")


def info_of(key: str, status: os.stat_result) -> ObjectInfo:
    return ObjectInfo(key, status.st_size, f"{status.st_size:x}-{status.st_mtime_ns:x}")


def _write(handle: int, blocks: Iterable[bytes], key: str) -> None:
    """What `blocks` itself raises passes as it is."""
    for block in blocks:
        with translated(key):
            view = memoryview(block)
            while view:
                view = view[os.write(handle, view) :]
    with translated(key):
        os.fsync(handle)


def link(partial: Path, path: Path) -> bool:
    """Whether the object was made; False where it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(partial, path)
    except FileExistsError:
        return False
    parent = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)
    return True


@contextlib.contextmanager
def translated(key: str) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        cause = f"{key!r}: {exc.strerror or exc}"
        if exc.errno in NOT_A_KEY_HERE:
            raise PermanentError("BAD_KEY", cause, "rename the object") from exc
        if exc.errno in DENIED:
            raise PermanentError("STORE_DENIED", cause, "let this user write in the store's folder") from exc
        raise TransientError("STORE_UNREACHABLE", cause, "check the disk; trying again may help") from exc
