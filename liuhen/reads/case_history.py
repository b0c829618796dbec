"""The platform's own decided cases, unit by unit, with the facts as they were at the decision. Names nobody."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.base.errors import InvalidInput
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.tables import facts_of

_AT_ONCE = 2_000
_FIRST = UUID(int=0)

_DECIDED = """
select c.book_id, c.id, u.unit_id, u.facts::text as facts
from refund_case c join refund_case_unit u on u.book_id = c.book_id and u.case_id = c.id
where c.state in ('APPROVED', 'REJECTED') and u.facts is not null and (c.book_id, c.id, u.unit_id) > ($1, $2, $3)
order by c.book_id, c.id, u.unit_id limit $4
"""

_WITHOUT = """
select count(*) from refund_case c join refund_case_unit u on u.book_id = c.book_id and u.case_id = c.id
where c.state in ('APPROVED', 'REJECTED') and u.facts is null
"""


class PastCase(msgspec.Struct, frozen=True):
    """One unit of a decided case. case, seller: numbers that only mean something within one reading."""

    case: int
    seller: int
    facts: RefundFacts


async def past_cases(tx: Tx, salt: bytes) -> AsyncIterator[PastCase]:
    """All units of decided cases whose facts were kept, in no order that tells anything.

    Parameters: salt, 32 random bytes that are thrown away afterwards, so that no number leads back to a case or seller.
    Raises InvalidInput for facts that this version cannot read.
    """
    last = (_FIRST, _FIRST, _FIRST)
    while rows := await tx.fetch(_DECIDED, *last, _AT_ONCE):
        for row in rows:
            number = _number(salt, row["id"].bytes + row["unit_id"].bytes)
            yield PastCase(number, _number(salt, row["book_id"].bytes), _facts(number, row["facts"]))
        last = (rows[-1]["book_id"], rows[-1]["id"], rows[-1]["unit_id"])


async def cases_without_facts(tx: Tx) -> int:
    """Units of cases that were decided before facts were kept with them."""
    return int(await tx.fetchval(_WITHOUT))


def _facts(number: int, text: str) -> RefundFacts:
    try:
        return facts_of(msgspec.json.decode(text))
    except InvalidInput as error:
        raise InvalidInput(f"The facts kept with case {number} cannot be read: {error.message}") from error


def _number(salt: bytes, what: bytes) -> int:
    """62 bits of a keyed hash: no number is below zero, and no two of a million meet."""
    return int.from_bytes(hmac.digest(salt, what, hashlib.sha256)[:8], "big") >> 2
