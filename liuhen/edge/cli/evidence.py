"""`liuhen evidence verify`: proves orders' records against themselves and the tables, or names what does not hold."""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from liuhen.base import directory
from liuhen.base.config import Settings, read_settings
from liuhen.base.crypto import sha256
from liuhen.base.db import Database
from liuhen.base.errors import InvalidInput, NotFound
from liuhen.base.objects import ObjectStore
from liuhen.edge.cli.evidence_heads import KeptHeads, head_line
from liuhen.edge.cli.shell import open_server
from liuhen.evidence.model import Picture
from liuhen.reads.audit import START, Audited, audit, next_places
from liuhen.reads.audit_listings import START as FIRST_VERSION
from liuhen.reads.audit_listings import Version, audit_listings

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
    prove.add_argument("--heads", metavar="FILE", help="with --all: also against heads that were kept elsewhere")
    prove.set_defaults(run=_verify)
    heads = actions.add_parser("heads", help="print the head of every record, to be kept elsewhere")
    heads.set_defaults(run=_heads)


def _verify(chosen: argparse.Namespace) -> int:
    """Exit code 1 if a record does not hold, 2 if there is no such order."""
    settings = read_settings(os.environ)
    if chosen.heads and not chosen.all:
        raise InvalidInput("Heads are compared with --all.")
    with open_server(settings) as server:
        kept = Path(chosen.heads) if chosen.heads else None
        return asyncio.run(prove(settings, server.dsn, None if chosen.all else chosen.order, heads=kept))


def _heads(_: argparse.Namespace) -> int:
    """Exit code 0."""
    with open_server(read_settings(os.environ)) as server:
        return asyncio.run(print_heads(server.dsn))


async def print_heads(dsn: str) -> int:
    """One line per order that has a record. Returns the exit code."""
    db = await Database.open(dsn, size=1)
    try:
        async for found in _walk(db):
            if found.hashes:
                print(head_line(found))
    finally:
        await db.close()
    return 0


async def prove(settings: Settings, dsn: str, numbers: Sequence[str] | None, *, heads: Path | None = None) -> int:
    """Proves each order, None: every one, and every version of a listing, and prints what it found.

    Parameters: heads, with None: a file of heads that were kept. Returns the exit code: 0 all hold, 1 one does not, 2
    unknown. Raises InvalidInput for a file that holds no heads, or cannot be read.
    """
    db = await Database.open(dsn, size=1)
    objects = ObjectStore.open(settings.objects_path)
    try:
        if numbers is None:
            with _opened(heads) as lines:
                return await _prove_all(db, objects, KeptHeads(lines))
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
        print(f"{number}: {found.links} links hold. Head {found.hashes[-1].hex()}.")
        if found.pictures:
            print(f"{number}: {len(found.pictures)} original pictures are as they were handed in.")
    for fault in faults:
        print(f"{number}: {fault}.")
    return 1 if faults else 0


async def _prove_all(db: Database, objects: ObjectStore, kept: KeptHeads) -> int:
    """A batch at a time, each in a snapshot of its own, so that selling goes on and memory stays small."""
    orders = links = pictures = bad = 0
    async for found in _walk(db):
        orders, links, pictures = orders + 1, links + found.links, pictures + len(found.pictures)
        faults = [*(f"{found.order_no}: {fault}" for fault in await _faults(objects, found)), *kept.faults(found)]
        bad += bool(faults)
        _say(faults)
        if orders % _TELL_EVERY == 0:
            sys.stderr.write(f"liuhen: {orders} orders looked at, {bad} do not hold.\n")
    more = [*kept.rest(), *[fault async for fault in _listings(db)]]
    _say(more)
    print(f"{orders - bad} of {orders} orders hold: {links} links, {pictures} original pictures.")
    return 1 if bad or more else 0


def _say(faults: Iterable[str]) -> None:
    for fault in faults:
        sys.stderr.write(f"{fault}.\n")


async def _listings(db: Database) -> AsyncIterator[str]:
    after: Version | None = FIRST_VERSION
    while after is not None:
        async with db.read() as tx:
            faults, after = await audit_listings(tx, after, _AT_ONCE)
        for fault in faults:
            yield fault


@contextmanager
def _opened(heads: Path | None) -> Iterator[Iterable[str]]:
    if heads is None:
        yield ()
        return
    try:
        with heads.open(encoding="ascii") as lines:
            yield lines
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"The heads in {heads} cannot be read: {error}.") from error


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
