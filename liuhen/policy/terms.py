"""Also asked of policy: when something was delivered, whether a term binds, which grace applies."""

from datetime import datetime
from typing import cast

import msgspec

from liuhen.policy.clauses.registry import BY_ID
from liuhen.policy.facts.delivery import Delivery
from liuhen.policy.facts.order import OrderFacts
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.terms import Exclusion, Terms
from liuhen.policy.python_reading import reading
from liuhen.policy.rulebook import Rulebook
from liuhen.timing.deadlines import overdue_at

_EXCLUSION = reading(BY_ID["terms.exclusion_binds"].when)


class _TermsOnly(msgspec.Struct, frozen=True):
    """As much of the facts as a clause about terms looks at."""

    terms: Terms
    order: OrderFacts = OrderFacts()


def delivery_moment(retrievable_at: datetime | None, provided_at: datetime | None = None) -> datetime | None:
    """The moment of delivery, aware UTC, or None while there is none.

    Content counts as delivered when it stands in the buyer's order and can be opened (民法典 512(2), 电商法 51(2)), not
    when the buyer first looks. A service is delivered when it was really provided (民法典 512(1)).
    """
    return retrievable_at if retrievable_at is not None else provided_at


def exclusion_binds(exclusion: Exclusion) -> bool:
    """Whether "no refund without a reason" became part of this order: stated, conspicuous, confirmed, not pre-ticked.

    消法 25(2), 消法实施条例 19(2), 七日退货办法 20(2). It is the clause terms.exclusion_binds itself that is read.
    """
    facts = cast(RefundFacts, _TermsOnly(Terms(exclusion=exclusion)))
    return _EXCLUSION(facts, {}) is True


def grace_seconds(rulebook: Rulebook, *, sealed_delivery: bool) -> int:
    """Seconds after the promised time during which a late delivery still counts."""
    return rulebook.value("grace_sealed" if sealed_delivery else "grace_by_hand")


def refund_due_at(rulebook: Rulebook, delivery: Delivery, *, sealed_delivery: bool) -> datetime | None:
    """When an undelivered unit is refunded by itself (the worker's due time), None where no time was promised."""
    if delivery.promised_at is None:
        return None
    grace = grace_seconds(rulebook, sealed_delivery=sealed_delivery)
    return overdue_at(delivery.promised_at, grace, delivery.buyer_waits_until)
