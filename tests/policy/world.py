"""Facts for tests: one card key, paid and delivered sealed at T0, and small changes from there."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from liuhen.policy.facts.capacity import Capacity
from liuhen.policy.facts.claim import AnswerKind, Claim, ReasonCode, Ruling, SellerAnswer
from liuhen.policy.facts.delivery import Delivery
from liuhen.policy.facts.goods import Goods, GoodsKind
from liuhen.policy.facts.order import OrderFacts
from liuhen.policy.facts.redemption import Redemption, Seal, UsedBy, UseState
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact, Source, established
from liuhen.policy.facts.terms import Exclusion, Terms
from liuhen.policy.rulebook import Rulebook, rulebook_of

DATA = Path(__file__).resolve().parents[2] / "liuhen" / "data"
T0 = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PAID = 9_800  # fen


def rulebook() -> Rulebook:
    """The first rulebook as shipped."""
    return rulebook_of(tomllib.loads((DATA / "rulebook" / "2026-11-1.toml").read_text()))


BOOK = rulebook()


def sealed(reason: ReasonCode = ReasonCode.CHANGE_OF_MIND, after: timedelta = HOUR) -> RefundFacts:
    """A key delivered sealed at T0; the claim comes `after` it."""
    return RefundFacts(
        now=T0 + after,
        goods=Goods(kind=GoodsKind.CARD_KEY, sealed_delivery=True, face_value_fen=10_000),
        order=OrderFacts(placed_at=T0 - HOUR, paid_at=T0 - HOUR, unit_price_fen=PAID),
        claim=Claim(reason=reason, requested_at=T0 + after, seller=SellerAnswer(silence_agreed=True)),
        capacity=Capacity(captured_fen=PAID),
        delivery=Delivery(promised_at=T0, delivered_at=T0),
        redemption=Redemption(seal=Seal.SEALED),
    )


def revealed(reason: ReasonCode = ReasonCode.INVALID_KEY, after: timedelta = HOUR) -> RefundFacts:
    """The same, seal broken ten minutes after delivery."""
    opened = Redemption(seal=Seal.BROKEN, revealed_at=T0 + timedelta(minutes=10))
    return replace(sealed(reason, after), redemption=opened)


def undelivered(reason: ReasonCode = ReasonCode.NOT_RECEIVED, after: timedelta = HOUR) -> RefundFacts:
    """Paid, promised for T0, not there; the claim comes `after` T0."""
    return replace(sealed(reason, after), delivery=Delivery(promised_at=T0), redemption=Redemption(seal=Seal.NONE))


def by_hand(facts: RefundFacts, kind: GoodsKind = GoodsKind.BOOSTING_SERVICE) -> RefundFacts:
    """The same, delivered by the seller's hand."""
    return replace(
        facts,
        goods=replace(facts.goods, kind=kind, sealed_delivery=False),
        redemption=Redemption(seal=Seal.NONE),
    )


def used(facts: RefundFacts, by: UsedBy, minutes: int) -> RefundFacts:
    """The issuer shows that it was used, that many minutes after delivery."""
    return replace(
        facts,
        redemption=replace(
            facts.redemption,
            use=established(UseState.USED_UP, Source.ISSUER),
            used_by=established(by, Source.ISSUER),
            first_used_at=established(T0 + timedelta(minutes=minutes), Source.ISSUER),
        ),
    )


def asked(
    facts: RefundFacts,
    kind: AnswerKind = AnswerKind.NONE,
    *,
    answered: timedelta | None = None,
    passed: timedelta = timedelta(0),
    silence_agreed: bool = True,
) -> RefundFacts:
    """The seller was asked when the claim was made; `answered` and `passed` count from there."""
    start = facts.claim.requested_at
    answer = SellerAnswer(
        asked_at=start,
        kind=kind,
        answered_at=None if answered is None else start + answered,
        silence_agreed=silence_agreed,
    )
    return replace(facts, now=start + passed, claim=replace(facts.claim, seller=answer))


def ruled(facts: RefundFacts, ruling: Ruling, fen: int | None = None) -> RefundFacts:
    """A reviewer has decided."""
    return replace(facts, claim=replace(facts.claim, ruling=established(ruling, Source.STAFF), ruled_fen=fen))


def with_defect(facts: RefundFacts, name: str, fact: Fact[bool]) -> RefundFacts:
    """One fact about what is wrong."""
    return replace(facts, defects=replace(facts.defects, **{name: fact}))


def confirmed_exclusion(facts: RefundFacts, *, preticked: bool = False) -> RefundFacts:
    """The buyer confirmed "no refund without a reason" for this order."""
    term = Exclusion(stated=True, shown=True, confirmed_at=T0 - HOUR, preticked=preticked)
    return replace(facts, terms=Terms(exclusion=term))


def book_with(**values: int) -> Rulebook:
    """The first rulebook under another name, with some values changed."""
    params = {name: replace(param, value=values.get(name, param.value)) for name, param in BOOK.params.items()}
    return replace(BOOK, version="2027-01-1", params=params)
