"""Files that people hand in: on a local folder or in an S3 bucket, under keys that name their content.

Writes to a folder are ours: temporary file, fdatasync, rename, fsync of the folder, because the library's
local store never syncs, and evidence that was acknowledged must outlive a power cut. The rest is obstore's.
"""

import asyncio
import os
import re
import secrets
from pathlib import Path

import obstore
from obstore.store import LocalStore, from_url
from obstore.store import ObjectStore as Store

from liuhen.base.errors import InvalidInput, NotFound, Unavailable
from liuhen.base.faults import point

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*(\.[a-z0-9]{1,8})?")


class ObjectStore:
    """Puts, gets and deletes whole objects of up to a few megabytes."""

    def __init__(self, store: Store, root: Path | None) -> None:
        """Parameters: root, the folder when writes are local, else None."""
        self._store = store
        self._root = root
        self.failures = 0
        """How often the store refused or did not answer, since this process began."""

    @classmethod
    def open(cls, place: str | Path) -> "ObjectStore":
        """Parameters: place, a folder (made if missing, mode 0700) or a URL such as s3://bucket/prefix.

        Raises Unavailable when the folder cannot be made or the URL is not understood.
        """
        text = str(place)
        try:
            if "://" in text and not text.startswith("file://"):
                return cls(from_url(text), None)
            root = Path(text.removeprefix("file://")).absolute()
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            return cls(LocalStore(root), root)
        except (OSError, ValueError, obstore.exceptions.BaseError) as error:
            raise Unavailable(f"the object store does not open: {error}") from error

    async def put(self, key: str, data: bytes) -> None:
        """Writes an object whole or not at all; the same key again replaces it by the same bytes.

        Raises InvalidInput for a key outside [a-z0-9/_-], Unavailable when the store refuses.
        """
        _check(key)
        try:
            if self._root is None:
                await obstore.put_async(self._store, key, data)
            else:
                await asyncio.to_thread(_write, self._root / key, data)
        except (OSError, obstore.exceptions.BaseError) as error:
            self.failures += 1
            raise Unavailable(f"the object could not be kept: {error}") from error

    async def get(self, key: str) -> bytes:
        """Raises NotFound when there is no such object, Unavailable when the store does not answer."""
        _check(key)
        try:
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            raise NotFound("there is no such object", key=key) from error
        except (OSError, obstore.exceptions.BaseError) as error:
            self.failures += 1
            raise Unavailable(f"the object could not be read: {error}") from error

    async def exists(self, key: str) -> bool:
        _check(key)
        try:
            await obstore.head_async(self._store, key)
        except FileNotFoundError:
            return False
        return True

    async def delete(self, key: str) -> None:
        """Removes an object; one that is gone already is no error."""
        _check(key)
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return


def _check(key: str) -> None:
    if not _KEY.fullmatch(key) or len(key) > 200:
        raise InvalidInput("not a key of an object", key=key[:200])


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fdatasync(file.fileno())
        point("objects.bytes_and_name")
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    _sync_folder(path.parent.parent)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
