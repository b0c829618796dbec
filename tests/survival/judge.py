"""After the kills: is everything that was acknowledged there, exactly once, and does the channel's journal agree?"""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from liuhen.base.db import Tx
from liuhen.reads import health
from tests.survival.load import Answered, Record
from tests.survival.market import Market

_FAULTS = """
select 'a key and its unit disagree' as fault, u.id::text from order_unit u left join stock_key k
    on k.book_id = u.book_id and k.unit_id = u.id
    where (u.state, coalesce(k.state, 'none')) not in (
    ('RESERVED', 'RESERVED'), ('SEALED', 'SEALED'), ('REVEALED', 'REVEALED'), ('CANCELLED', 'none'),
    ('REFUNDED', 'none'), ('REFUNDED', 'RETIRED'))
union all
select 'a key was delivered more often than it came back', k.id::text from stock_key k
    join key_event e on e.book_id = k.book_id and e.key_id = k.id group by k.book_id, k.id, k.state
    having count(*) filter (where e.kind = 'DELIVERED') - count(*) filter (where e.kind = 'RESTOCKED')
        <> (k.state in ('SEALED', 'REVEALED', 'RETIRED'))::int
union all
select 'a unit was delivered twice', unit_id::text from key_event where kind = 'DELIVERED'
    group by book_id, unit_id having count(*) > 1
union all
select 'a key was revealed for two units', key_id::text from key_event where kind = 'REVEALED'
    group by book_id, key_id having count(distinct unit_id) > 1
union all
select 'more refunded than captured', id::text from payment where refunded_fen > amount_fen
union all
select 'refunds and units disagree', o.id::text from orders o
    where (select coalesce(sum(refunded_fen), 0) from order_unit u where u.book_id = o.book_id and u.order_id = o.id)
     <> (select coalesce(sum(amount_fen), 0) from refund r
         where r.book_id = o.book_id and r.order_id = o.id and r.kind = 'CASE')
union all
select 'a case and its units disagree', c.id::text from refund_case c
    join refund_case_unit x on x.book_id = c.book_id and x.case_id = c.id
    where x.open <> (c.state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'ESCALATED', 'AWAITING_BUYER'))
union all
select 'an open case without a deadline', id::text from refund_case
    where state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'AWAITING_BUYER') and due_at is null
union all
select 'a unit says that a case is open', u.id::text from order_unit u where u.case_open
    and not exists (select 1 from refund_case_unit c where c.book_id = u.book_id and c.unit_id = u.id and c.open)
union all
select 'paid, and neither delivered nor refunded nor waiting with a deadline', u.id::text from order_unit u
    join orders o on o.book_id = u.book_id and o.id = u.order_id where o.state = 'PAID' and not (
        u.state in ('SEALED', 'REVEALED', 'REFUNDED', 'HANDED_OVER')
        or (u.state = 'TO_DELIVER' and u.late_act_at is not null))
union all
select 'held money without a moment at which it is released', id::text from order_unit
    where escrow = 'HELD' and not case_open and release_due_at is null
union all
select 'a refund that nobody will look at again', id::text from refund
    where state in ('APPROVED', 'SENT') and due_at is null
union all
select 'an unpaid order past its deadline', id::text from orders where state = 'AWAITING_PAYMENT' and pay_due_at < $1
"""


async def overdue(tx: Tx, now: datetime) -> list[str]:
    """What the worker should have done by now."""
    return [f"still due: {item.count} {item.kind}" for item in await health.backlog(tx, now) if item.count]


async def faults(tx: Tx, now: datetime) -> list[str]:
    """What is not as it must be, in words."""
    return [f"{row[0]}: {row[1]}" for row in await tx.fetch(_FAULTS, now)]


async def lost_or_doubled(tx: Tx, record: Record, market: Market) -> list[str]:
    """Every acknowledged call is there, and nothing is there that nobody asked for."""
    told = record.answered
    old = sorted(market.old_orders)
    kept = await _column(tx, "select key from idempotency where key like 'api:survival-%' and result is not null")
    orders = await _column(tx, "select order_no from orders where order_no <> all($1)", old)
    cases = await _column(
        tx,
        "select case_no from refund_case c join orders o on o.book_id = c.book_id and o.id = c.order_id"
        " where c.opened_by = 'BUYER' and o.order_no <> all($1)",
        old,
    )
    payouts = await _column(tx, "select refund_no from refund where kind = 'PAYOUT'")
    earned = await _column(tx, "select amount_fen::text from ledger_transfer where kind = 'EARN'")
    shown = await _column(
        tx,
        "select u.id::text from order_unit u join orders o on o.book_id = u.book_id and o.id = u.order_id"
        " where u.revealed_at is not null and o.order_no <> all($1)",
        old,
    )
    opened = [case["case_no"] for told in _of(told, "/refund-requests") for case in told.answer["cases"]]
    parts = [part["refund_no"] for told in _of(told, "/balance/payouts") for part in told.answer["parts"]]
    return [
        *_differ("answers under a key", [f"api:{one.key}" for one in told], kept),
        *_differ("orders", [one.answer["order_no"] for one in told if one.path == "/orders"], orders),
        *_differ("cases", opened, cases),
        *_differ("parts of payouts", parts, payouts),
        *_differ("withdrawals", [str(one.body["amount_fen"]) for one in _of(told, "/seller/withdrawals")], earned),
        *_differ("reveals", [one.path.split("/")[-2] for one in _of(told, "/reveal")], shown),
    ]


def _of(told: list[Answered], end: str) -> list[Answered]:
    return [one for one in told if one.path.endswith(end)]


def _differ(what: str, told: list[str], there: list[str]) -> list[str]:
    lost, more = Counter(told) - Counter(there), Counter(there) - Counter(told)
    return [f"{what} that were acknowledged and are not there: {dict(lost)}"] * bool(lost) + [
        f"{what} that are there and nobody was told of: {dict(more)}"
    ] * bool(more)


async def _column(tx: Tx, sql: str, *args: Any) -> list[str]:
    return [row[0] for row in await tx.fetch(sql, *args)]


async def channel_disagrees(tx: Tx, journal: Path) -> list[str]:
    """The channel's own journal against our payments and refunds: each by its id, with its amount."""
    captured, refunds = _read(journal)
    ours = {
        str(row["id"]): row["amount_fen"]
        for row in await tx.fetch(
            "select id, amount_fen from payment where method = 'CHANNEL' and state = 'CAPTURED' and trade_no like 'SB%'"
        )
    }
    faults = [
        f"payment {key}: the channel has {captured.get(key)}, we {ours.get(key)}"
        for key in captured | ours
        if captured.get(key) != ours.get(key)
    ]
    rows = await tx.fetch("select id, amount_fen, state, due_at, attempts from refund where route = 'ORIGINAL'")
    sent = {str(row["id"]): row for row in rows}
    faults += [f"the channel refunded {key}, which nobody approved" for key in refunds if key not in sent]
    for key, row in sent.items():
        fen, state = refunds.get(key, (row["amount_fen"], "NEVER_HEARD"))
        fits = {
            "ARRIVED": ("ARRIVED",),
            "FAILED": ("FAILED",),
            "SENT": ("PENDING",),
            "APPROVED": ("NEVER_HEARD", "PENDING"),
        }
        if fen != row["amount_fen"] or state not in fits[row["state"]]:
            faults.append(
                f"refund {key}: the channel says {fen} fen {state}, we {row['amount_fen']} {row['state']}"
                f" after {row['attempts']} tries, next at {row['due_at']}"
            )
    return faults


def _read(journal: Path) -> tuple[dict[str, int], dict[str, tuple[int, str]]]:
    """payment id -> fen captured; refund id -> (fen, PENDING, ARRIVED or FAILED)."""
    opened: dict[str, int] = {}
    captured: dict[str, int] = {}
    refunds: dict[str, tuple[int, str]] = {}
    for line in journal.read_bytes().split(b"\n")[:-1]:
        for record in msgspec.json.decode(line):
            match record["kind"]:
                case "payment.opened":
                    opened[record["payment_id"]] = record["amount_fen"]
                case "payment.paid":
                    assert record["payment_id"] not in captured, "captured twice"
                    captured[record["payment_id"]] = opened[record["payment_id"]]
                case "refund.taken":
                    assert record["refund_id"] not in refunds, "taken twice"
                    refunds[record["refund_id"]] = (record["amount_fen"], "PENDING")
                case "refund.done":
                    refunds[record["refund_id"]] = (refunds[record["refund_id"]][0], record["outcome"])
    return captured, refunds
