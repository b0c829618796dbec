"""`liuhen keys`: which master keys there are, a new one, an old one away, a lost one given up."""

import argparse
import asyncio
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from liuhen.base import keyfile, pg_tools
from liuhen.base.config import Settings, read_settings
from liuhen.base.crypto import KeyFile, KeyRing, new_master_key, parse_key_file, write_key_file
from liuhen.base.db import Database
from liuhen.base.errors import InvalidInput, StateConflict
from liuhen.base.faults import point
from liuhen.base.sealed import Progress, progress
from liuhen.edge.cli.shell import in_house, open_server
from liuhen.edge.context import App
from liuhen.flows.outbox.give_up_key import give_up_key
from liuhen.flows.outbox.retire_key import retire_key
from liuhen.reads.keys import KeyVersion, key_versions, witness_of_lookups
from liuhen.timing.clock import SystemClock

_LAST_VERSION = 255


def register(commands: Any) -> None:
    """Adds this group's commands."""
    group = commands.add_parser("keys", help="the master keys: look, rotate, retire, give up")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("status", help="versions, what needs them, how far a rotation has come").set_defaults(
        run=_status
    )
    rotate = actions.add_parser("rotate", help="add a new master key; the worker seals everything anew with it")
    rotate.set_defaults(run=_rotate)
    retire = actions.add_parser("retire", help="remove a key that nothing needs any more")
    retire.add_argument("version", type=int, metavar="VERSION", help="its number, as liuhen keys status says it")
    retire.set_defaults(run=_retire)
    give_up = actions.add_parser(
        "give-up", help="a key is lost and no copy exists: begin anew, take what it sealed off sale"
    )
    give_up.add_argument("version", type=int, nargs="+", metavar="VERSION", help="all numbers that are lost")
    give_up.set_defaults(run=_give_up)


def _status(_: argparse.Namespace) -> int:
    return in_house(_tell)


async def _tell(app: App, _: datetime) -> int:
    async with app.db.read() as tx:
        versions, done = await key_versions(tx), await progress(tx)
    for line in (*_version_lines(versions, app.keys), *map(_progress_line, done)):
        print(line)
    return 0


def _version_lines(versions: Sequence[KeyVersion], ring: KeyRing) -> Iterator[str]:
    for item in versions:
        state = item.gone.lower() if item.gone else "seals" if item.version == ring.newest else "opens"
        needed = ", ".join(f"{rows} {name}" for name, rows in item.sealed.items()) or "nothing"
        yield f"version {item.version}  since {item.made_at:%Y-%m-%d %H:%M} UTC  {state}  needed by: {needed}"


def _progress_line(item: Progress) -> str:
    state = f"done {item.done_at:%Y-%m-%d %H:%M:%S} UTC" if item.done_at else "under way"
    unreadable = f", {item.unreadable} could not be opened" if item.unreadable else ""
    return f"{item.place}: {item.resealed} sealed anew under version {item.version}{unreadable}, {state}"


def _rotate(_: argparse.Namespace) -> int:
    return in_house(_add)


async def _add(app: App, now: datetime) -> int:
    """File first: a version that only the database knew would keep every process from starting."""
    path = app.settings.master_key_path
    async with app.db.read() as tx:
        known = [item.version for item in await key_versions(tx)]
    version = max([*known, *app.keys.held]) + 1
    if version > _LAST_VERSION:
        raise StateConflict("There have been 255 master keys: no further version fits into a seal.")
    file = parse_key_file(keyfile.read(path))
    keyfile.replace(path, write_key_file(KeyFile({**file.keys, **_fresh(version)}, app.keys.lookups)))
    point("rotate_key.file_and_versions")
    ring = KeyRing.of(keyfile.read(path))
    await app.db.transact(lambda tx: keyfile.note_versions(tx, ring, now), now=now)
    print(f"Version {version} is in {path}. Every process seals with it from now on, without a restart.")
    print("Copy it at once: liuhen backup-keys FILE. Without it nothing that is sealed from now on can be read.")
    print("The worker seals the rest anew; liuhen keys status says how far it is, then liuhen keys retire an old one.")
    return 0


def _fresh(version: int) -> dict[int, bytes]:
    return dict(parse_key_file(new_master_key(version)).keys)


def _retire(chosen: argparse.Namespace) -> int:
    return in_house(lambda app, now: _remove(app, chosen.version, now))


async def _remove(app: App, version: int, now: datetime) -> int:
    """Database first: a line that is still in the file harms nobody, and the command can be given again."""
    await retire_key(app.db, version, keys=app.keys, now=now)
    point("retire_key.versions_and_file")
    path = app.settings.master_key_path
    file = parse_key_file(keyfile.read(path))
    left = {number: key for number, key in file.keys.items() if number != version}
    keyfile.replace(path, write_key_file(KeyFile(left, app.keys.lookups)))
    print(f"Version {version} is retired and no longer in {path}. Backups made before need their own copy of it.")
    return 0


def _give_up(chosen: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    with open_server(settings) as server:
        return asyncio.run(_begin_anew(settings, server.dsn, sorted(set(chosen.version))))


async def _begin_anew(settings: Settings, dsn: str, lost: list[int]) -> int:
    now = SystemClock().now()
    path = settings.master_key_path
    ring = KeyRing.of(keyfile.read(path)) if path.exists() else None
    async with pg_tools.owner_reading(dsn) as tx:
        versions = await key_versions(tx)
        known = {item.version for item in versions if item.gone is None}
        _refuse(ring, await witness_of_lookups(tx), known, lost)
        if ring is None:
            version = max(item.version for item in versions) + 1
            keys = _fresh(version)
            fresh = KeyRing(keys)
            text = write_key_file(KeyFile(keys, fresh.lookups))
            await keyfile.begin_anew(tx, fresh, now)  # first: a file nobody seals with yet can be made again
            point("give_up_key.versions_and_file")
            keyfile.read_or_make(path, lambda: text)
            print(f"{path} holds version {version}. Copy it at once: liuhen backup-keys FILE.")
    db = await Database.open(dsn, size=1)
    try:
        for version in lost:
            done = await give_up_key(db, version, now=now)
            print(
                f"Version {version} is given up: {done.voided} unsold card keys are off the shelf,"
                f" {done.unsellable} sold ones will not be sold again."
            )
    finally:
        await db.close()
    return 0


def _refuse(ring: KeyRing | None, witness: bytes | None, known: set[int], lost: list[int]) -> None:
    if unknown := [version for version in lost if version not in known]:
        raise InvalidInput(f"This database needs no version {unknown[0]}.")
    if ring is None and known - set(lost):
        raise InvalidInput(
            f"There is no key file: name all that are lost with it: {', '.join(map(str, sorted(known)))}."
        )
    if ring is None:
        return
    if ring.witness() != witness:
        raise StateConflict("The key file is another database's: move it away first.")
    if held := [version for version in lost if version in ring.held]:
        raise StateConflict(f"Version {held[0]} is in the key file: it is not lost.")
