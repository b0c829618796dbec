"""Appending to an order's chain: what happened, who did it, when. docs/evidence-chain.md lists the kinds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base.chain import canonical
from liuhen.base.db import Tx
from liuhen.evidence import store as evidence
from liuhen.orders import store as orders


class Actor(msgspec.Struct, frozen=True):
    """Who acts: BUYER, SELLER, REVIEWER, ADMIN, PLATFORM, CHANNEL or ISSUER; people with their id."""

    role: str
    party_id: UUID | None = None


PLATFORM = Actor("PLATFORM")
CHANNEL = Actor("CHANNEL")


def buyer(party_id: UUID) -> Actor:
    return Actor("BUYER", party_id)


def seller(party_id: UUID) -> Actor:
    return Actor("SELLER", party_id)


async def record(
    tx: Tx, book_id: UUID, order_id: UUID, actor: Actor, kind: str, data: dict[str, Any], *, now: datetime
) -> None:
    """Appends one event to the order's chain at the end of the transaction: its head is the last lock of all.

    Parameters: data, plain values; personal texts only as base.chain.commitment.
    """
    payload = canonical(
        {"v": 1, "at": now, "actor": {"role": actor.role, "id": actor.party_id}, "kind": kind, "data": data}
    )

    tx.at_end(evidence.append, (book_id, order_id), payload)


def begin(tx: Tx, book_id: UUID, order_id: UUID) -> None:
    """The order is new: its chain begins with what this transaction records."""
    tx.at_end(evidence.append, (book_id, order_id), 0)


def as_seen(tx: Tx, book_id: UUID, order_id: UUID, unit_ids: Sequence[UUID], chain_length: int) -> None:
    """For an act that looked at an order without a lock: it is done again if anything has happened to the order since.
    It must record something: the chain, which every act makes longer, decides under its own lock, as the last of all.

    The order's row is not locked (that would write to it): the units are, before anything that is queued after this.
    Parameters: chain_length, as it was then.
    """
    orders.hold(tx, book_id, unit_ids)
    evidence.seen(tx, book_id, order_id, chain_length)
    tx.at_end(evidence.append, (book_id, order_id), chain_length)
