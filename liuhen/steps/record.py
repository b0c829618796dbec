"""Appending to an order's chain: what happened, who did it, when. docs/evidence-chain.md lists the kinds."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base.chain import canonical
from liuhen.base.db import Tx
from liuhen.evidence import store as evidence


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
