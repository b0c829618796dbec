"""`liuhen backup`, `liuhen backup-keys`: copies of everything, and of the master keys apart from it."""

import argparse
import asyncio
import getpass
import os
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from liuhen.base import backup_files, embedded, key_backup, keyfile, pg_tools
from liuhen.base.backup_files import BackupError, Kept
from liuhen.base.config import Settings, read_settings
from liuhen.base.db import Database
from liuhen.base.errors import InvalidInput, NotFound, StateConflict
from liuhen.base.health import examine
from liuhen.base.objects import ObjectStore
from liuhen.base.watch import Look
from liuhen.edge.cli.shell import open_server
from liuhen.flows.outbox.note_look import BACKUP, note_look
from liuhen.reads import backup as reads
from liuhen.timing.clock import SystemClock

FORMAT = 1


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself.

    server: PostgreSQL it came from. objects, bytes: how many uploads lie in the pool for it. missing: keys of objects
    that the database refers to and that were not there. witness: names the master keys without telling them, hex.
    """

    format: int
    made_at: str
    server: str
    server_major: int
    totals: reads.Totals
    objects: int
    bytes: int
    missing: list[str]
    witness: str | None


def register(commands: Any) -> None:
    """Adds this group's commands."""
    backup = commands.add_parser("backup", help="copy database and uploads while everything runs; never the keys")
    backup.add_argument(
        "folder", type=Path, metavar="FOLDER", help="where all backups lie; what is there is not copied again"
    )
    backup.add_argument("--keep", type=_count, metavar="N", help="afterwards delete all but the newest N backups")
    backup.add_argument("--check", action="store_true", help="compare a backup with its hashes instead of making one")
    backup.add_argument("--list", action="store_true", help="say which backups there are instead of making one")
    backup.add_argument("--name", help="with --check: another one than the newest")
    backup.set_defaults(run=_backup)
    keys = commands.add_parser("backup-keys", help="copy the master keys under a passphrase, apart from all backups")
    keys.add_argument("file", type=Path, metavar="FILE", help="a new file, far from all backups, in a folder of yours")
    add_passphrase(keys)
    keys.set_defaults(run=_backup_keys)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"at least one backup is kept, so a number from 1 on, not {text}")
    return int(text)


def add_passphrase(command: argparse.ArgumentParser) -> None:
    command.add_argument("--passphrase-file", type=Path, metavar="PATH", help="its first line, instead of asking")


def read_manifest(backup: Path) -> Manifest:
    """Raises BackupError when it cannot be read or comes from another format."""
    try:
        manifest = msgspec.json.decode((backup / backup_files.MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise BackupError(f"{backup / backup_files.MANIFEST} cannot be read: {error}.") from error
    if manifest.format != FORMAT:
        raise BackupError(f"{backup} has format {manifest.format}; this version reads {FORMAT}.")
    return manifest


def _backup(chosen: argparse.Namespace) -> int:
    """Exit code 1 if an upload is missing or a backup is not whole."""
    if chosen.list:
        return _list(chosen.folder)
    if chosen.check:
        return _check(backup_files.choose(chosen.folder, chosen.name))
    settings = read_settings(os.environ)
    _refuse_place(settings, chosen.folder)
    with backup_files.opened(chosen.folder):
        with open_server(settings) as server:
            whole, manifest = asyncio.run(_make(settings, server, chosen.folder))
        size = (whole / backup_files.DUMP).stat().st_size
        print(f"{whole}: {sum(manifest.totals.rows.values())} rows in {size} bytes, {manifest.objects} uploads.")
        for key in manifest.missing:
            sys.stderr.write(f"liuhen: the object {key} is missing in the object store.\n")
        for name in backup_files.prune(chosen.folder, chosen.keep) if chosen.keep is not None else ():
            print(f"Deleted: {name}.")
    print("The master keys are not in it: liuhen backup-keys copies them to another place.")
    return 1 if manifest.missing else 0


def _refuse_place(settings: Settings, folder: Path) -> None:
    """A backup in the data folder would be lost with it."""
    if settings.folder.absolute() in (folder.absolute(), *folder.absolute().parents):
        raise InvalidInput("A backup must not lie in the data folder: it would be lost with it.")


async def _make(settings: Settings, server: embedded.Server, folder: Path) -> tuple[Path, Manifest]:
    facts = await examine(server.dsn)
    tools = await asyncio.to_thread(pg_tools.find, facts.major)
    now = SystemClock().now()
    partial = backup_files.begin(folder, f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03}Z")
    db = await Database.open(server.dsn, size=1)
    try:
        async with db.read() as tx:
            name = await reads.snapshot_name(tx)
            await pg_tools.dump(tools, server.dsn, partial / backup_files.DUMP, snapshot_name=name)
            totals = await reads.totals(tx)
            keys = await reads.object_keys(tx)
        kept, missing = await _copy_objects(settings, folder, keys)
        if missing:
            async with db.read() as tx:  # what was let go in the meantime is not missing
                wanted = set(await reads.object_keys(tx))
            missing = [key for key in missing if key in wanted]
    finally:
        await db.close()
    manifest = Manifest(
        format=FORMAT,
        made_at=now.isoformat(),
        server=facts.version,
        server_major=facts.major,
        totals=totals,
        objects=len(kept),
        bytes=sum(item.size for item in kept),
        missing=missing,
        witness=facts.witness.hex() if facts.witness else None,
    )
    backup_files.write_objects(partial, kept)
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    backup_files.write(partial / backup_files.MANIFEST, text)
    whole = backup_files.finish(partial)
    if not missing:
        await _noted(server.dsn, now)
    return whole, manifest


async def _noted(dsn: str, now: datetime) -> None:
    """The alarm for old backups asks when the last whole one was made (/metrics, liuhen_backup_age_seconds)."""
    db = await Database.open(dsn, size=1)
    try:
        await note_look(db, Look(name=BACKUP, looked_at=now), now=now)
    finally:
        await db.close()


async def _copy_objects(settings: Settings, folder: Path, keys: list[str]) -> tuple[list[Kept], list[str]]:
    """After the dump, so that all it refers to is there. An object never changes: what the last backup has is kept."""
    store = ObjectStore.open(settings.objects_path)
    last = backup_files.backups(folder)[-1:]
    known = {item.key: item for name in last for item in backup_files.read_objects(folder / name)}
    kept, missing = [], []
    for key in keys:
        before = known.get(key)
        if before and backup_files.is_pooled(folder, before):
            kept.append(before)
            continue
        try:
            data = await store.get(key)
        except NotFound:
            missing.append(key)
            continue
        size, digest = await asyncio.to_thread(backup_files.keep, folder, data)
        kept.append(Kept(key, size, digest))
    return kept, missing


def _list(folder: Path) -> int:
    for name in backup_files.backups(folder):
        manifest = read_manifest(folder / name)
        size = (folder / name / backup_files.DUMP).stat().st_size
        keys = f"master keys {manifest.witness}" if manifest.witness else "no master keys yet"
        last = manifest.totals.migrations[-1].name if manifest.totals.migrations else "no schema"
        print(f"{name}  {size} bytes  {manifest.objects} uploads  {last}  PostgreSQL {manifest.server}  {keys}")
    return 0


def _check(backup: Path) -> int:
    found = backup_files.faults(backup)
    for fault in found:
        sys.stderr.write(f"liuhen: {fault}.\n")
    if not found:
        manifest = read_manifest(backup)
        print(f"{backup.name} is whole: dump, manifest and {manifest.objects} uploads are as they were written.")
        found = [f"the object {key} was missing when the backup was made" for key in manifest.missing]
        for fault in found:
            sys.stderr.write(f"liuhen: {fault}.\n")
    return 1 if found else 0


def _backup_keys(chosen: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    near = backup_files.near_backup(chosen.file)
    if near is not None:
        raise InvalidInput(f"Not there: {near} holds backups, and who finds both can read every card key.")
    _refuse_place(settings, chosen.file)
    if os.path.exists(chosen.file):  # False where nobody may look: writing says it
        raise StateConflict(f"{chosen.file} is there already: name another file.")
    text = keyfile.read(settings.master_key_path)
    sealed = key_backup.seal(text, passphrase(chosen, twice=True))
    try:
        backup_files.write(chosen.file, sealed)
    except OSError as error:
        with suppress(OSError):
            chosen.file.unlink(missing_ok=True)  # half a copy would pass for one
        raise BackupError(
            f"{chosen.file} cannot be written: {error.strerror}. Name a place that this user may write to."
        ) from error
    print(f"{chosen.file} holds the master keys under your passphrase. Make a new copy after every liuhen keys rotate.")
    return 0


def passphrase(chosen: argparse.Namespace, *, twice: bool = False) -> str:
    """From the file that was named, or asked for at the terminal. Raises InvalidInput."""
    if chosen.passphrase_file is not None:
        lines = keyfile.read(chosen.passphrase_file).splitlines() or [""]
        return key_backup.check_passphrase(lines[0])
    if not sys.stdin.isatty():
        raise InvalidInput("There is no terminal to ask for the passphrase: name a file with --passphrase-file.")
    said = key_backup.check_passphrase(getpass.getpass("Passphrase: "))
    if twice and getpass.getpass("Once more: ") != said:
        raise InvalidInput("The two differ.")
    return said
