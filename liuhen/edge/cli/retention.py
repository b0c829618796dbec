"""`liuhen retention`: what was erased and what is held beyond its time; hold an order's record, let it go."""

import argparse
from datetime import datetime
from typing import Any

from liuhen.edge.cli.shell import in_house
from liuhen.edge.context import App
from liuhen.flows.outbox.hold_record import HoldRecord, hold_record
from liuhen.reads.retention import erased, holds

_SHOWN = 1000


def register(commands: Any) -> None:
    """Adds this group's commands."""
    group = commands.add_parser("retention", help="words of people that are erased after their time, or held beyond it")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("status", help="what is held and what was erased, the newest first").set_defaults(run=_status)
    hold = actions.add_parser("hold", help="keep an order's record beyond its time, for a lawsuit or an investigation")
    hold.add_argument("order", metavar="ORDER", help="order number, as people know it")
    hold.add_argument("--reason", required=True, help="why, for those who look later")
    hold.set_defaults(run=_hold)
    lift = actions.add_parser("lift", help="the record need not be held any longer")
    lift.add_argument("order", metavar="ORDER", help="order number, as people know it")
    lift.set_defaults(run=_hold, reason=None)


def _status(_: argparse.Namespace) -> int:
    return in_house(_tell)


async def _tell(app: App, _: datetime) -> int:
    async with app.db.read() as tx:
        held, gone = await holds(tx, _SHOWN), await erased(tx, _SHOWN)
    print(f"Records are kept for {app.settings.retention_days} days after a trade has ended.")
    for item in held:
        print(f"{item.order_no}  held since {item.held_at:%Y-%m-%d} UTC: {item.reason}")
    for one in gone:
        words = ", ".join(f"{count} {kind}" for kind, count in one.erased.items()) or "nothing to erase"
        pictures = "" if one.objects_gone_at else f", {one.objects} objects still to be deleted"
        print(f"{one.order_no}  erased {one.at:%Y-%m-%d %H:%M} UTC, {one.rule}: {words}{pictures}")
    return 0


def _hold(chosen: argparse.Namespace) -> int:
    async def work(app: App, now: datetime) -> int:
        cmd = HoldRecord(order_no=chosen.order.strip().upper(), reason=chosen.reason)
        done = await hold_record(app.db, cmd, now=now)
        print(f"{cmd.order_no} is {'held' if done.held else 'held no longer'}.")
        return 0

    return in_house(work)
