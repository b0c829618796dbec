"""`liuhen restore FOLDER`: a backup into an empty database, then everything is proven and what is lost is said."""

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from liuhen.base import backup_files, key_backup, keyfile, pg_tools
from liuhen.base.backup_files import BackupError
from liuhen.base.config import Settings, read_settings
from liuhen.base.crypto import KeyRing, parse_key_file
from liuhen.base.db import Database
from liuhen.base.errors import InvalidInput, StateConflict
from liuhen.base.health import examine
from liuhen.base.migrate import migrate, migration_files, require_fit
from liuhen.base.objects import ObjectStore
from liuhen.edge.cli import backup as cli
from liuhen.edge.cli import evidence
from liuhen.edge.cli.backup import Manifest
from liuhen.edge.cli.loss_words import loss_lines
from liuhen.edge.cli.shell import open_server
from liuhen.reads import backup as reads
from liuhen.reads.books import check_books
from liuhen.reads.key_loss import loss
from liuhen.timing.clock import SystemClock


def register(commands: Any) -> None:
    """Adds this group's commands."""
    restore = commands.add_parser("restore", help="a backup into an empty database, proven afterwards")
    restore.add_argument("folder", type=Path, metavar="FOLDER", help="the folder of all backups")
    restore.add_argument("--name", help="another backup than the newest")
    restore.add_argument("--keys", type=Path, metavar="FILE", help="what liuhen backup-keys made of the master keys")
    cli.add_passphrase(restore)
    restore.set_defaults(run=_restore)


def _restore(chosen: argparse.Namespace) -> int:
    """Exit code 1 if what was restored does not hold or master keys are missing."""
    settings = read_settings(os.environ)
    backup = backup_files.choose(chosen.folder, chosen.name)
    found = backup_files.faults(backup)
    if found:
        raise BackupError(f"{backup.name} is not whole, nothing was restored: {'; '.join(found)}.")
    manifest = cli.read_manifest(backup)
    _refuse_newer(manifest)
    if chosen.keys is not None:
        _put_keys(settings, key_backup.unseal(_bytes_of(chosen.keys), cli.passphrase(chosen)))
    with open_server(settings) as server:
        return asyncio.run(_bring_back(settings, server.dsn, backup, manifest))


def _refuse_newer(manifest: Manifest) -> None:
    known = {name for name, _ in migration_files()}
    unknown = [item.name for item in manifest.totals.migrations if item.name not in known]
    if unknown:
        raise BackupError(f"This backup has {unknown[0]}, which this version does not know: install the newer version.")


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from error


def _put_keys(settings: Settings, text: str) -> None:
    """The keys in their place, unless others are there."""
    parse_key_file(text)
    if keyfile.read_or_make(settings.master_key_path, lambda: text) != text:
        raise StateConflict(f"{settings.master_key_path} holds other keys: move it away first if you mean it.")


async def _bring_back(settings: Settings, dsn: str, backup: Path, manifest: Manifest) -> int:
    if not await pg_tools.is_empty(dsn):
        raise StateConflict("The database is not empty; a restore never replaces anything. Name an empty one.")
    await require_fit(dsn)
    tools = await asyncio.to_thread(pg_tools.find, max(manifest.server_major, (await examine(dsn)).major))
    await pg_tools.restore(tools, dsn, backup / backup_files.DUMP)
    async with pg_tools.owner_reading(dsn) as tx:
        wrong = manifest.totals.differences(await reads.totals(tx))
    print(f"Database: {sum(manifest.totals.rows.values())} rows of {backup.name} are back.")
    applied = await migrate(dsn, SystemClock().now())
    if applied:
        print(f"Applied: {', '.join(applied)}.")
    await _put_objects(settings, backup)
    print(f"Uploads: {manifest.objects} are back.")
    for fault in wrong:
        sys.stderr.write(f"liuhen: not as in the backup's manifest: {fault}.\n")
    return max(int(bool(wrong)), await _prove(settings, dsn))


async def _put_objects(settings: Settings, backup: Path) -> None:
    """Their hashes were compared before; one that is there already is the same, since keys name content."""
    store = ObjectStore.open(settings.objects_path)
    for item in backup_files.read_objects(backup):
        await store.put(item.key, backup_files.pooled(backup.parent, item.sha256).read_bytes())


async def _prove(settings: Settings, dsn: str) -> int:
    """All proofs, whatever the first one finds."""
    code = await _prove_keys(settings, dsn)
    db = await Database.open(dsn, size=1)
    try:
        async with db.read() as tx:
            faults = await check_books(tx)
    finally:
        await db.close()
    for fault in faults:
        sys.stderr.write(f"liuhen: {fault}\n")
    print("Books: " + (f"{len(faults)} faults." if faults else "they balance."))
    print("Evidence: ", end="", flush=True)
    return max(code, int(bool(faults)), await evidence.prove(settings, dsn, None))


async def _prove_keys(settings: Settings, dsn: str) -> int:
    facts = await examine(dsn)
    path = settings.master_key_path
    ring = KeyRing.of(keyfile.read(path)) if path.exists() else None
    fits = ring is not None and facts.witness in (None, ring.witness())
    if ring is not None and not fits:
        sys.stderr.write(f"liuhen: {path} is not the key that this database was sealed with.\n")
    elif ring is not None and (fault := keyfile.version_fault(ring, facts.key_versions)):
        sys.stderr.write(f"liuhen: {path} {fault}.\n")
    async with pg_tools.owner_reading(dsn) as tx:
        lost = await loss(tx, ring.held if ring is not None and fits else (), lookups_held=fits)
    for line in loss_lines(lost):
        print(line)
    return int(not lost.nothing)
