"""`liuhen evidence verify ORDER`: proves an order's record, or names the first link that does not hold."""

import argparse
import asyncio
import os
import sys
from typing import Any

from liuhen.base.config import Settings, read_settings
from liuhen.base.crypto import sha256
from liuhen.base.db import Database
from liuhen.base.errors import NotFound
from liuhen.base.objects import ObjectStore
from liuhen.edge.cli.shell import open_server
from liuhen.evidence.model import Picture, Verified
from liuhen.reads.evidence import pictures_of_order, verify_no


def register(commands: Any) -> None:
    """Adds this group's commands."""
    group = commands.add_parser("evidence", help="prove what is on record")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    prove = actions.add_parser("verify", help="recompute an order's hash chain and compare its pictures")
    prove.add_argument("order", metavar="ORDER", nargs="+", help="order number, as people know it")
    prove.set_defaults(run=_verify)


def _verify(chosen: argparse.Namespace) -> int:
    """Exit code 1 if a record does not hold, 2 if there is no such order."""
    settings = read_settings(os.environ)
    with open_server(settings) as server:
        return asyncio.run(prove(settings, server.dsn, chosen.order))


async def prove(settings: Settings, dsn: str, numbers: list[str]) -> int:
    """Proves each order and prints what it found. Returns the exit code: 0 all hold, 1 one does not, 2 unknown."""
    db = await Database.open(dsn, size=1)
    objects = ObjectStore.open(settings.objects_path)
    code = 0
    try:
        for number in numbers:
            code = max(code, await _prove_one(db, objects, number.strip().upper()))
    finally:
        await db.close()
    return code


async def _prove_one(db: Database, objects: ObjectStore, number: str) -> int:
    try:
        async with db.read() as tx:
            found = await verify_no(tx, number)
            pictures = await pictures_of_order(tx, number)
    except NotFound:
        sys.stderr.write(f"liuhen: there is no order {number}.\n")
        return 2
    faults = [fault for picture in pictures if (fault := await _fault(objects, picture))]
    for line in _report(found, len(pictures), faults):
        print(line)
    return 1 if found.first_broken is not None or faults else 0


def _report(found: Verified, pictures: int, faults: list[str]) -> list[str]:
    if found.first_broken is None:
        lines = [f"{found.order_no}: {found.links} links hold. Head {found.head}."]
    else:
        lines = [f"{found.order_no}: BROKEN at link {found.first_broken}: {found.why}."]
    if pictures and not faults:
        lines.append(f"{found.order_no}: {pictures} original pictures are as they were handed in.")
    return lines + [f"{found.order_no}: {fault}" for fault in faults]


async def _fault(objects: ObjectStore, picture: Picture) -> str | None:
    """What is wrong with the original of a picture; its hash stands in the chain and in its row."""
    try:
        data = await objects.get(picture.original_key)
    except NotFound:
        return f"the original of picture {picture.id} is missing."
    if sha256(data) != picture.sha256:
        return f"the original of picture {picture.id} was changed."
    return None
