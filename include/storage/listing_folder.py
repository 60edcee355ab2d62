"""What others put into a folder of the store. Copying is linking: on one file system no byte is copied."""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from include.storage.folder import FolderStore, info_of, translated
from include.storage.listing import Version

ELSEWHERE = {errno.EXDEV, errno.EPERM, errno.EMLINK}  # another file system, or one without hard links


class FolderInbox:
    """A file has no metadata for us. Who writes into a file that is there writes into its copy, too: let it settle, and
    replace files by new ones."""

    def __init__(self, root: Path) -> None:
        self._store = FolderStore(root)

    def listed(self, prefix: str) -> Iterator[Version]:
        for info in self._store.list(prefix):
            try:
                modified = self._path(info.key).stat().st_mtime
            except FileNotFoundError:  # since it was listed
                continue
            yield Version(info.key, info.size, info.etag, modified)

    def identity(self, key: str) -> tuple[str, str]:
        return ("store", key)

    def metadata(self, version: Version) -> Mapping[str, str] | None:
        return {} if self._there(version) else None

    def read(self, version: Version) -> bytes | None:
        try:
            data = self._path(version.key).read_bytes() if self._there(version) else None
        except FileNotFoundError:
            return None
        return data if self._there(version) else None

    def copy(self, version: Version, key: str) -> bool:
        if self._etag(key) is not None:
            return True
        if not self._there(version) or not self._linked(version.key, key):
            return self._etag(key) is not None
        # Where the source is gone, another pass was faster, and a run reads the copy.
        if self._etag(key) == version.etag or self._etag(version.key) in (None, version.etag):
            return True
        self._store.delete(key)  # it was replaced between the look and the link
        return False

    def remove(self, version: Version) -> bool:
        if not self._there(version):
            return False
        self._store.delete(version.key)
        return True

    def _there(self, version: Version) -> bool:
        return self._etag(version.key) == version.etag

    def _etag(self, key: str) -> str | None:
        """None where there is no such file, or a link."""
        with translated(key):
            try:
                status = self._path(key).lstat()
            except FileNotFoundError:
                return None
        return info_of(key, status).etag if stat.S_ISREG(status.st_mode) else None

    def _linked(self, source: str, key: str) -> bool:
        """Whether it is there now; False: the source isn't."""
        path, target = self._path(source), self._path(key)
        with translated(key):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, target, follow_symlinks=False)
            except FileExistsError:
                return True
            except FileNotFoundError:
                return False
            except OSError as error:
                if error.errno not in ELSEWHERE:
                    raise
                self._store.put_file(key, path)
        return True

    def _path(self, key: str) -> Path:
        return Path(self._store.describe(key))
