"""`liuhen evidence verify`: proves orders' records against themselves and the tables, or names what does not hold."""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any

from liuhen.base import directory
from liuhen.base.config import Settings, read_settings
from liuhen.base.crypto import sha256
from liuhen.base.db import Database
from liuhen.base.errors import NotFound
from liuhen.base.objects import ObjectStore
from liuhen.edge.cli.shell import open_server
from liuhen.evidence.model import Picture
from liuhen.reads.audit import START, Audited, audit, next_places

_AT_ONCE = 200  # orders in memory at a time
_TELL_EVERY = 10_000


def register(commands: Any) -> None:
    """Adds this group's commands."""
    group = commands.add_parser("evidence", help="prove what is on record")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    prove = actions.add_parser("verify", help="recompute hash chains, compare them with the tables and the pictures")
    chosen = prove.add_mutually_exclusive_group(required=True)
    chosen.add_argument("order", metavar="ORDER", nargs="*", default=[], help="order number, as people know it")
    chosen.add_argument("--all", action="store_true", help="every order; what holds is only counted")
    prove.set_defaults(run=_verify)


def _verify(chosen: argparse.Namespace) -> int:
    """Exit code 1 if a record does not hold, 2 if there is no such order."""
    settings = read_settings(os.environ)
    with open_server(settings) as server:
        return asyncio.run(prove(settings, server.dsn, None if chosen.all else chosen.order))


async def prove(settings: Settings, dsn: str, numbers: Sequence[str] | None) -> int:
    """Proves each order, None: every one, and prints what it found.

    Returns the exit code: 0 all hold, 1 one does not, 2 unknown.
    """
    db = await Database.open(dsn, size=1)
    objects = ObjectStore.open(settings.objects_path)
    try:
        if numbers is None:
            return await _prove_all(db, objects)
        return max([await _prove_one(db, objects, number.strip().upper()) for number in numbers])
    finally:
        await db.close()


async def _prove_one(db: Database, objects: ObjectStore, number: str) -> int:
    async with db.read() as tx:
        place = await directory.find(tx, "order", number)
        (found,) = await audit(tx, [place]) if place is not None else (None,)
    if found is None:
        sys.stderr.write(f"liuhen: there is no order {number}.\n")
        return 2
    faults = await _faults(objects, found)
    if not faults:
        print(f"{number}: {found.links} links hold. Head {found.head}.")
        if found.pictures:
            print(f"{number}: {len(found.pictures)} original pictures are as they were handed in.")
    for fault in faults:
        print(f"{number}: {fault}.")
    return 1 if faults else 0


async def _prove_all(db: Database, objects: ObjectStore) -> int:
    """A batch at a time, each in a snapshot of its own, so that selling goes on and memory stays small."""
    orders = links = pictures = bad = 0
    async for found in _walk(db):
        orders, links, pictures = orders + 1, links + found.links, pictures + len(found.pictures)
        faults = await _faults(objects, found)
        bad += bool(faults)
        for fault in faults:
            sys.stderr.write(f"{found.order_no}: {fault}.\n")
        if orders % _TELL_EVERY == 0:
            sys.stderr.write(f"liuhen: {orders} orders looked at, {bad} do not hold.\n")
    print(f"{orders - bad} of {orders} orders hold: {links} links, {pictures} original pictures.")
    return 1 if bad else 0


async def _walk(db: Database) -> AsyncIterator[Audited]:
    after = START
    while True:
        async with db.read() as tx:
            places = await next_places(tx, after, _AT_ONCE)
            found = await audit(tx, places)
        for item in found:
            yield item
        if len(places) < _AT_ONCE:
            return
        after = places[-1]


async def _faults(objects: ObjectStore, found: Audited) -> list[str]:
    """All that is wrong with an order; the hash of a picture stands in the chain and in its row."""
    told = [await _picture_fault(objects, picture) for picture in found.pictures]
    return [*found.faults, *(fault for fault in told if fault)]


async def _picture_fault(objects: ObjectStore, picture: Picture) -> str | None:
    try:
        data = await objects.get(picture.original_key)
    except NotFound:
        return f"the original of picture {picture.id} is missing"
    if sha256(data) != picture.sha256:
        return f"the original of picture {picture.id} was changed"
    return None
