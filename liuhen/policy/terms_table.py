"""The refund table of a product page: canonical facts run through the rules, so that the page is what decides."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from liuhen.policy.decision import Decider, NextStep, Outcome
from liuhen.policy.engine import run
from liuhen.policy.facts.capacity import Capacity
from liuhen.policy.facts.claim import Claim, ReasonCode, Remedy, SellerAnswer
from liuhen.policy.facts.defects import Defects
from liuhen.policy.facts.delivery import Delivery
from liuhen.policy.facts.goods import Goods, GoodsKind
from liuhen.policy.facts.order import OrderFacts
from liuhen.policy.facts.promises import Promises
from liuhen.policy.facts.redemption import Redemption, Seal
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Source, alleged
from liuhen.policy.facts.terms import Exclusion, Terms
from liuhen.policy.rulebook import Rulebook

_START = datetime(2026, 1, 1, tzinfo=UTC)  # any moment will do: only distances count
_PRICE = 10_000  # fen


class ProductTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a product version says about refunds. Seconds; None: nothing promised."""

    kind: GoodsKind
    sealed_delivery: bool
    sealed_window_seconds: int | None = None
    revealed_window_seconds: int | None = None
    excludes_no_reason: bool = False
    issuer_can_void: bool = False
    digital_content: bool = False
    silence_agreed: bool = True  # the seller agreement in force says that silence means yes


class TermsRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row: a situation, what the rules make of it, and how long it takes. Words: `explain.row_text`."""

    key: str
    from_seconds: int
    to_seconds: int
    outcome: Outcome
    decided_by: Decider
    step: NextStep
    remedies: tuple[Remedy, ...]
    ground: str


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    reason: ReasonCode
    seal: Seal
    after: int  # seconds from delivery to the claim
    delivered: bool = True
    waited: int = 0  # seconds past the promised time, for what is not delivered
    from_seconds: int = 0
    to_seconds: int = 0


def terms_table(product: ProductTerms, rulebook: Rulebook) -> tuple[TermsRow, ...]:
    """The rows for a product under a rulebook, in the order in which a buyer asks."""
    return tuple(_row(case, product, rulebook) for case in _cases(product, rulebook))


def _cases(product: ProductTerms, rulebook: Rulebook) -> Iterator[_Case]:
    if product.sealed_delivery:
        yield from _sealed(product, rulebook)
    grace = rulebook.value("grace_sealed" if product.sealed_delivery else "grace_by_hand")
    yield _Case(
        key="not_delivered",
        reason=ReasonCode.NOT_RECEIVED,
        seal=Seal.NONE,
        after=0,
        delivered=False,
        waited=grace + 1,
        to_seconds=grace,
    )
    if product.sealed_delivery:
        yield from _revealed(product)
        return
    yield _Case(key="before_delivery", reason=ReasonCode.CHANGE_OF_MIND, seal=Seal.NONE, after=0, delivered=False)
    yield _Case(key="fault_by_hand", reason=ReasonCode.NOT_AS_DESCRIBED, seal=Seal.NONE, after=3_600)
    yield _Case(key="handed_unwanted", reason=ReasonCode.CHANGE_OF_MIND, seal=Seal.NONE, after=3_600)


def _sealed(product: ProductTerms, rulebook: Rulebook) -> Iterator[_Case]:
    instant = rulebook.value("instant_window")
    unwanted = ReasonCode.CHANGE_OF_MIND
    yield _Case(key="sealed_instant", reason=unwanted, seal=Seal.SEALED, after=instant, to_seconds=instant)
    end = max(product.sealed_window_seconds or 0, instant)
    if end > instant:
        yield _Case(
            key="sealed_promised",
            reason=unwanted,
            seal=Seal.SEALED,
            after=end,
            from_seconds=instant,
            to_seconds=end,
        )
    yield _Case(key="sealed_after", reason=unwanted, seal=Seal.SEALED, after=end + 1, from_seconds=end)


def _revealed(product: ProductTerms) -> Iterator[_Case]:
    yield _Case(key="fault", reason=ReasonCode.INVALID_KEY, seal=Seal.BROKEN, after=3_600)
    end = product.revealed_window_seconds or 0
    if end:
        yield _Case(
            key="revealed_promised",
            reason=ReasonCode.CHANGE_OF_MIND,
            seal=Seal.BROKEN,
            after=end,
            to_seconds=end,
        )
    yield _Case(key="revealed_unwanted", reason=ReasonCode.CHANGE_OF_MIND, seal=Seal.BROKEN, after=end + 1)


def _row(case: _Case, product: ProductTerms, rulebook: Rulebook) -> TermsRow:
    decision = run(_facts(case, product), rulebook)
    return TermsRow(
        key=case.key,
        from_seconds=case.from_seconds,
        to_seconds=case.to_seconds,
        outcome=decision.outcome,
        decided_by=decision.decided_by,
        step=decision.next_step,
        remedies=decision.remedies,
        ground=decision.ground,
    )


def _facts(case: _Case, product: ProductTerms) -> RefundFacts:
    claimed = _START + timedelta(seconds=case.waited if not case.delivered else case.after)
    excluded = product.excludes_no_reason
    fault = alleged(True, Source.BUYER)
    return RefundFacts(
        now=claimed,
        goods=Goods(
            kind=product.kind,
            sealed_delivery=product.sealed_delivery,
            issuer_can_void=product.issuer_can_void,
            digital_content=product.digital_content,
        ),
        order=OrderFacts(placed_at=_START, paid_at=_START, unit_price_fen=_PRICE),
        claim=Claim(
            reason=case.reason,
            requested_at=claimed,
            seller=SellerAnswer(silence_agreed=product.silence_agreed),
        ),
        capacity=Capacity(captured_fen=_PRICE),
        delivery=Delivery(promised_at=_START, delivered_at=_START if case.delivered else None),
        redemption=Redemption(seal=case.seal, revealed_at=_START if case.seal is Seal.BROKEN else None),
        terms=Terms(exclusion=Exclusion(stated=excluded, shown=excluded, confirmed_at=_START if excluded else None)),
        promises=Promises(
            sealed_window_seconds=product.sealed_window_seconds,
            revealed_window_seconds=product.revealed_window_seconds,
        ),
        defects=Defects(invalid_key=fault) if case.reason is ReasonCode.INVALID_KEY else Defects(),
    )
