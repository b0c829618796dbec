"""The files of a backup folder: a pool of objects that all backups share, and one folder per backup.

    FOLDER/.liuhen-backup            marks the folder: master keys are never written in or beside it
    FOLDER/objects/ab/abcd…          uploaded bytes under their SHA-256, each kept once
    FOLDER/20261122T040000.000Z/     one backup, complete since its name has no ending
        database.dump manifest.json objects.txt SHA256SUMS

A backup is written under NAME.partial and renamed when all of it is on the disk: an interrupted one is never taken
for a backup, and the next run removes it.
"""

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from liuhen.base.errors import InvalidInput, NotFound, StateConflict, Unavailable

MARK = ".liuhen-backup"
DUMP, MANIFEST, OBJECTS, SUMS = "database.dump", "manifest.json", "objects.txt", "SHA256SUMS"
_LOCK = ".lock"
_NAME = re.compile(r"\d{8}T\d{6}\.\d{3}Z")
_PARTIAL = ".partial"
_CHUNK = 1 << 20


class BackupError(Unavailable):
    """A backup that is not whole, or a folder that cannot take one."""

    code = "backup"


class Kept(NamedTuple):
    """One object of a backup: its key in the object store, its length in bytes and its SHA-256 in hex."""

    key: str
    size: int
    sha256: str


def backups(folder: Path) -> list[str]:
    """Names of the complete backups, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(item.name for item in folder.iterdir() if item.is_dir() and _NAME.fullmatch(item.name))


def choose(folder: Path, name: str | None) -> Path:
    """The named backup, or the newest. Raises NotFound."""
    found = backups(folder)
    if name is None and found:
        return folder / found[-1]
    if name is None or name not in found:
        raise NotFound(f"There is no backup {name or ''} in {folder}.".replace("  ", " "))
    return folder / name


@contextmanager
def opened(folder: Path) -> Iterator[None]:
    """The folder, made if missing (mode 0700), for one writer at a time; what an interrupted run left is removed.

    Raises StateConflict while another backup runs, BackupError when the folder cannot be written to.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        strange = [item.name for item in folder.iterdir()] if not (folder / MARK).exists() else []
        if strange:
            raise BackupError(f"{folder} holds other files ({sorted(strange)[0]}): name an empty folder.")
        (folder / MARK).touch(mode=0o600)
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BackupError(f"{folder} cannot be written to: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateConflict(f"Another backup into {folder} is under way.") from error
        for leftover in folder.glob(f"*{_PARTIAL}"):
            shutil.rmtree(leftover)
        yield
    finally:
        os.close(lock)


def begin(folder: Path, name: str) -> Path:
    """The place to write a backup to until `finish`. Raises StateConflict if the name is taken."""
    if not _NAME.fullmatch(name):
        raise InvalidInput("a backup is named by its moment", name=name)
    if (folder / name).exists():
        raise StateConflict(f"There is a backup {name} already.")
    partial = folder / (name + _PARTIAL)
    partial.mkdir(mode=0o700)
    return partial


def finish(partial: Path) -> Path:
    """Names every file with its hash in SHA256SUMS, brings all to the disk and gives the backup its name."""
    lines = [f"{sha256_of(partial / name)}  {name}\n" for name in (DUMP, MANIFEST, OBJECTS)]
    write(partial / SUMS, "".join(lines).encode())
    for name in (DUMP, MANIFEST, OBJECTS):
        _sync(partial / name)
    _sync(partial)
    whole = partial.with_name(partial.name.removesuffix(_PARTIAL))
    partial.rename(whole)
    _sync(whole.parent)
    return whole


def keep(folder: Path, data: bytes) -> tuple[int, str]:
    """Puts an object's bytes into the pool unless they are there; returns size and SHA-256."""
    digest = hashlib.sha256(data).hexdigest()
    place = pooled(folder, digest)
    if not is_pooled(folder, Kept("", len(data), digest)):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = place.with_suffix(_PARTIAL)
        write(half, data)
        half.rename(place)
        _sync(place.parent)
    return len(data), digest


def pooled(folder: Path, sha256: str) -> Path:
    """Where the pool keeps an object."""
    return folder / "objects" / sha256[:2] / sha256


def is_pooled(folder: Path, item: Kept) -> bool:
    """Whether the pool has this object in its full length."""
    place = pooled(folder, item.sha256)
    return place.exists() and place.stat().st_size == item.size


def write_objects(partial: Path, objects: Iterable[Kept]) -> None:
    write(partial / OBJECTS, "".join(f"{item.sha256}  {item.size}  {item.key}\n" for item in objects).encode())


def read_objects(backup: Path) -> list[Kept]:
    """Raises BackupError for a list that cannot be read."""
    kept = []
    try:
        for line in (backup / OBJECTS).read_text("ascii").splitlines():
            digest, size, key = line.split("  ", 2)
            kept.append(Kept(key, int(size), digest))
    except (OSError, ValueError) as error:
        raise BackupError(f"{backup / OBJECTS} cannot be read: {error}.") from error
    return kept


def faults(backup: Path) -> list[str]:
    """Every file and object of a backup against its hash; one sentence per fault, empty when it is whole."""
    sums: dict[str, str] = {}
    try:
        for line in (backup / SUMS).read_text("ascii").splitlines():
            digest, name = line.split("  ", 1)
            sums[name] = digest
    except (OSError, ValueError) as error:
        return [f"{backup.name}/{SUMS} cannot be read: {error}"]
    wrong = [f"{backup.name}/{SUMS} does not name {name}" for name in (DUMP, MANIFEST, OBJECTS) if name not in sums]
    wrong += [
        fault for name, digest in sums.items() if (fault := _fault(backup / name, f"{backup.name}/{name}", digest))
    ]
    if wrong:
        return wrong
    pool = {item.sha256: item.key for item in read_objects(backup)}
    found = (_fault(pooled(backup.parent, digest), f"object {key}", digest) for digest, key in sorted(pool.items()))
    return [fault for fault in found if fault]


def _fault(path: Path, name: str, digest: str) -> str | None:
    try:
        return None if sha256_of(path) == digest else f"{name} was changed: its SHA-256 is not {digest}"
    except OSError as error:
        return f"{name} cannot be read: {error.strerror}"


def prune(folder: Path, keep_newest: int) -> list[str]:
    """Deletes all but the newest backups, then what the pool holds for none of the rest; returns the names."""
    if keep_newest < 1:
        raise InvalidInput("keep at least one backup", keep=keep_newest)
    gone = backups(folder)[:-keep_newest]
    for name in gone:
        away = (folder / name).rename(folder / (name + _PARTIAL))  # never half a backup under a whole one's name
        shutil.rmtree(away)
    needed = {item.sha256 for name in backups(folder) for item in read_objects(folder / name)}
    for path in (folder / "objects").glob("*/*") if gone else ():
        if path.name not in needed:
            path.unlink()
    return gone


def near_backup(path: Path) -> Path | None:
    """The backup folder that a file would lie in or beside, if there is one."""
    parents = path.absolute().parents
    inside = next((folder for folder in parents if os.path.exists(folder / MARK)), None)
    return inside or next((mark.parent for mark in parents[0].glob(f"*/{MARK}")), None)


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def write(path: Path, data: bytes) -> None:
    """Private to its owner, and on the disk when it returns."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
