"""A case with all that it stands on, locked in the order of the house: order, units, stock, case."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from liuhen.base.db import Tx
from liuhen.base.errors import Forbidden, NotFound, StateConflict
from liuhen.notices import store as notices
from liuhen.orders import many as many_orders
from liuhen.orders import store as orders
from liuhen.orders.model import OrderHead, Unit
from liuhen.payments.model import Payment
from liuhen.reads.refund_facts import Ask, Seen, look_at_all
from liuhen.refunds import many as many_cases
from liuhen.refunds import store as refunds
from liuhen.refunds.model import Author, Case, CaseState, CaseUnit
from liuhen.steps.record import Actor
from liuhen.stock import store as stock


class Held(NamedTuple):
    """Everything locked. payment: the one that paid the order, if it was looked at."""

    head: OrderHead
    units: list[Unit]
    case: Case
    parts: tuple[CaseUnit, ...]
    payment: Payment | None = None

    @property
    def unit_ids(self) -> list[UUID]:
        return [part.unit_id for part in self.parts]


async def hold_case(tx: Tx, seen: Case) -> Held:
    """Locks what a case seen without a lock stands on, and reads the case again. Raises NotFound."""
    head = await orders.lock(tx, seen.book_id, seen.order_id)
    parts = await refunds.units_of(tx, seen.book_id, seen.id)
    units = await orders.lock_units(tx, seen.book_id, seen.order_id, [part.unit_id for part in parts])
    await stock.lock_of_units(tx, seen.book_id, [part.unit_id for part in parts])
    case = await refunds.lock_case(tx, seen.book_id, seen.id)
    return Held(head, units, case, parts)


async def hold_by_no(tx: Tx, case_no: str) -> Held:
    """Raises NotFound."""
    return await hold_case(tx, await refunds.find(tx, case_no))


async def hold_by_id(tx: Tx, book_id: UUID, case_id: UUID) -> Held:
    """Raises NotFound."""
    return await hold_case(tx, await refunds.get(tx, book_id, case_id))


async def hold_silent(
    tx: Tx, book_id: UUID, case_ids: Sequence[UUID], *, now: datetime
) -> tuple[int, list[tuple[Held, Seen]]]:
    """Those of these cases whose seller let his time pass, with what policy must know of their units; all locked.

    A case whose order is in other hands is left alone; so is, of two cases of one order, one: what is done to the other
    changes what was seen of it. Returns first how many were not left alone.
    """
    of = await many_cases.by_order(tx, book_id, case_ids)
    free = [of[head.id] for head in await many_orders.lock_free(tx, book_id, list(of))]
    if not free:
        return 0, []
    parts = await many_cases.units_of(tx, book_id, free)
    await stock.lock_of_units(tx, book_id, [part.unit_id for found in parts.values() for part in found])
    cases = await many_cases.lock_silent(tx, book_id, free, now)
    asked = [Ask(book_id, case.order_id, [part.unit_id for part in parts[case.id]], case.id) for case in cases]
    seen = await look_at_all(tx, asked) if asked else []
    held = [(Held(one.head, one.units, c, parts[c.id], one.payment), one) for c, one in zip(cases, seen, strict=True)]
    return len(free), held


def must_be(case: Case, *states: CaseState) -> None:
    """Raises StateConflict unless the case is in one of these states."""
    if case.state not in states:
        raise StateConflict("the case has moved on", case_no=case.case_no, state=str(case.state))


def must_be_buyer(case: Case, party_id: UUID) -> None:
    """Raises NotFound: a stranger is not told that the case exists."""
    if case.buyer_id != party_id:
        raise NotFound("there is no such case")


def must_be_seller(case: Case, party_id: UUID) -> None:
    """Raises NotFound: a stranger is not told that the case exists."""
    if case.book_id != party_id:
        raise NotFound("there is no such case")


def must_be_neutral(case: Case, reviewer_id: UUID) -> None:
    """Nobody judges in his own matter. Raises Forbidden."""
    if reviewer_id in (case.buyer_id, case.book_id):
        raise Forbidden("you are a party of this case", case_no=case.case_no)


def side_of(case: Case, party_id: UUID, *, staff: bool) -> Author:
    """On which side somebody stands. Raises NotFound for a stranger."""
    if party_id == case.buyer_id:
        return Author.BUYER
    if party_id == case.book_id:
        return Author.SELLER
    if staff:
        return Author.REVIEWER
    raise NotFound("there is no such case")


def actor_of(side: Author, party_id: UUID) -> Actor:
    """The same side as the chain names it."""
    return Actor(str(side), party_id)


async def tell(
    tx: Tx, case: Case, sides: tuple[Author, ...], kind: str, data: dict[str, object], *, now: datetime
) -> None:
    """An inbox message to these parties of the case, with the way to its page.

    Parameters: data, plain JSON values beside case_no; amounts fen, times as ISO 8601 text.
    """
    for side in sides:
        party = case.buyer_id if side is Author.BUYER else case.book_id
        await notices.send(tx, party, kind, {"case_no": case.case_no, **data}, case.link, now=now)


BOTH = (Author.BUYER, Author.SELLER)
