"""The files of secrets in the data folder: made once with mode 0600, replaced by `liuhen keys` alone."""

import os
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from liuhen.base.crypto import KeyFile, KeyRing, new_master_file, parse_key_file
from liuhen.base.db import Database, Tx
from liuhen.base.errors import LiuhenError, Unavailable
from liuhen.base.faults import point


class KeyFileError(Unavailable):
    """A file of secrets is missing, wrong or cannot be read."""

    code = "key_file"


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """The text of a secret file, made with mode 0600 if there is none. Raises KeyFileError."""
    if not _missing(path):
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
    except PermissionError as error:
        raise KeyFileError(
            f"The file {path} may not be read by this user: give it to the user of the processes (chown), mode 0600."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"The file {path} cannot be read: {error}.") from error


def _wrote(path: Path, text: str) -> bool:
    """Complete or not at all, and on the disk: a key that sealed something must not vanish with a power cut."""
    half = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    point("keyfile.bytes_and_name")
    try:
        os.link(half, path)  # unlike a rename it never replaces
    except FileExistsError:
        return False
    finally:
        half.unlink()
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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

    Parameters: path of the master key file; now, UTC. Raises KeyFileError when the file is lost, another one's or an
    older copy: a fresh key would leave everything sealed so far unreadable without anybody noticing.
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
    point("keyfile.file_and_witness")

    async def witness(tx: Tx) -> bytes:
        await tx.execute(
            "insert into key_witness (witness, made_at) values ($1, $2) on conflict do nothing", ring.witness(), now
        )
        first: bytes = await tx.fetchval("select witness from key_witness")
        return first

    if (known or await db.transact(witness, now=now)) != ring.witness():
        raise KeyFileError(f"The master key file {path} is not the one that this database was sealed with.")
    point("keyfile.witness_and_versions")
    await _compare_versions(db, ring, path, now)
    return ring


async def _compare_versions(db: Database, ring: KeyRing, path: Path, now: datetime) -> None:
    """Each version that the database knows must be on the ring, and each on the ring becomes known."""
    async with db.read() as tx:
        rows = await tx.fetch("select version, witness, gone from key_version")
    if fault := version_fault(ring, {row["version"]: row["witness"] for row in rows if row["gone"] is None}):
        raise KeyFileError(f"The master key file {path} {fault}.")
    if set(ring.held) - {row["version"] for row in rows}:
        await db.transact(lambda tx: note_versions(tx, ring, now), now=now)


def version_fault(ring: KeyRing, known: Mapping[int, bytes]) -> str | None:
    """What is wrong with a key file, to follow its name; None when it holds every version that is needed.

    Parameters: known, version to witness of all that the database needs.
    """
    lacking = [version for version in sorted(known) if version not in ring.held]
    if lacking:
        return (
            f"lacks version {', '.join(map(str, lacking))}, under which this database holds sealed bytes: it is an"
            f" older copy, put the current one back"
        )
    strange = [version for version in sorted(known) if ring.witness_of(version) != known[version]]
    if strange:
        return f"holds another key as version {strange[0]} than the one that this database was sealed with"
    return None


async def note_versions(tx: Tx, ring: KeyRing, now: datetime) -> None:
    """Writes down the versions on the ring that the database has not met yet."""
    for version in ring.held:
        await tx.execute(
            "insert into key_version (version, witness, made_at) values ($1, $2, $3) on conflict do nothing",
            version,
            ring.witness_of(version),
            now,
        )


async def begin_anew(owner: Tx, ring: KeyRing, now: datetime) -> None:
    """After a loss: these keys are the database's from now on. Parameters: owner, as whom nobody but a command acts."""
    await owner.execute(
        "with turned as (update key_witness set witness = $1, made_at = $4 returning 1)"
        " insert into key_version (version, witness, made_at) select $2, $3, $4 from turned",
        ring.witness(),
        ring.newest,
        ring.witness_of(ring.newest),
        now,
    )


def replace(path: Path, text: str) -> None:
    """A file of secrets anew: whole or not at all, its owner's alone, on the disk afterwards. Raises KeyFileError."""
    half = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        owner = path.stat()
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if os.geteuid() == 0:
            os.chown(half, owner.st_uid, owner.st_gid)
        point("keyfile.bytes_and_name")
        half.rename(path)
        _sync_folder(path.parent)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise KeyFileError(f"The file {path} cannot be written: {error.strerror}.") from error


def _missing(path: Path) -> bool:
    """False also where nobody may look: reading it says why."""
    try:
        return not path.exists()
    except OSError:
        return False
