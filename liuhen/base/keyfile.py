"""The files of secrets in the data folder: made once with mode 0600, never replaced by the program."""

import os
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from liuhen.base.crypto import KeyFile, KeyRing, new_master_file, parse_key_file
from liuhen.base.db import Database, Tx
from liuhen.base.errors import LiuhenError, Unavailable


class KeyFileError(Unavailable):
    """A file of secrets is missing, wrong or cannot be read."""

    code = "key_file"


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """The text of a secret file, made with mode 0600 if there is none. Raises KeyFileError."""
    if path.exists():
        return read(path)
    text = make()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _wrote(path, text):  # another process was faster: its secret counts
            return read(path)
    except OSError as error:
        raise KeyFileError(f"The file {path} cannot be made: {error.strerror}.") from error
    return text


def read(path: Path) -> str:
    """The text of a secret file. Raises KeyFileError."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"The file {path} cannot be read: {error}.") from error


def _wrote(path: Path, text: str) -> bool:
    """Complete or not at all, and on the disk: a key that sealed something must not vanish with a power cut."""
    half = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(half, path)  # unlike a rename it never replaces
    except FileExistsError:
        return False
    finally:
        half.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


class Followed:
    """Tells when the master key file has become another: the next seal of every process is then the new key's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = _mark(path)

    def __call__(self) -> KeyFile | None:
        """The file if it changed since the last look. One that is gone or half typed changes nothing: `check` says it,
        and what was read before goes on working."""
        mark = _mark(self._path)
        if mark == self._seen or mark is None:
            return None
        self._seen = mark
        try:
            return parse_key_file(read(self._path))
        except LiuhenError:
            return None


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_ino, facts.st_size


async def open_key_ring(db: Database, path: Path, now: datetime) -> KeyRing:
    """The key ring that fits this database: made at the first start, afterwards the very same keys or none.

    Parameters: path of the master key file; now, UTC. Raises KeyFileError when the file is lost or another one's:
    a fresh key would leave everything sealed so far unreadable without anybody noticing.
    """
    async with db.read() as tx:
        known: bytes | None = await tx.fetchval("select witness from key_witness")
    if known is not None and _missing(path):
        raise KeyFileError(
            f"The master key file {path} is missing, and what this database holds was sealed with it:"
            f" put it back from its backup."
        )
    followed = Followed(path)
    ring = KeyRing(*parse_key_file(read_or_make(path, new_master_file)), follow=followed)

    async def witness(tx: Tx) -> bytes:
        await tx.execute(
            "insert into key_witness (witness, made_at) values ($1, $2) on conflict do nothing", ring.witness(), now
        )
        first: bytes = await tx.fetchval("select witness from key_witness")
        return first

    if (known or await db.transact(witness, now=now)) != ring.witness():
        raise KeyFileError(f"The master key file {path} is not the one that this database was sealed with.")
    return ring


def _missing(path: Path) -> bool:
    return not path.exists()
