"""What to do next, inside and outside: from a decision and its facts, in order of effort. Words: words/outside.py.

No step is promised to succeed, none has to wait for another, and none asks for a least amount: the law knows none.
Times that the law sets carry their article. Rules of payment providers are not law and set none here.
"""

from enum import StrEnum

import msgspec

from liuhen.policy.decision import Cite, Decision, Outcome, StepKind
from liuhen.policy.facts.channel import PaidFrom
from liuhen.policy.facts.claim import AnswerKind, Proof, ReasonCode
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Side
from liuhen.policy.words.outside import LIMITS, NEEDS, STEPS


class Place(StrEnum):
    """Where it was bought, and how far it has gone there."""

    HERE = "here"  # with us, nothing refused by a person yet
    REFUSED_HERE = "refused_here"  # with us, and a person has judged: inside nothing is left
    ELSEWHERE = "elsewhere"


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A time that the law sets. amount: in the unit of its words (working days, days, months, years)."""

    key: str
    amount: int
    cite: Cite


class OutsideStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step. key: names its words (who, what, how). needs: what to have at hand. cites: what it rests on."""

    key: str
    needs: tuple[str, ...]
    limits: tuple[Limit, ...] = ()
    cites: tuple[Cite, ...] = ()


_STOP = OutsideStep(
    key="stop",
    needs=("fee_chat", "fee_account"),
    cites=(Cite("反诈法", 30, 3), Cite("反诈法", 25, 2)),
)
_POLICE = OutsideStep(
    key="police",
    needs=("identity", "chat", "payment", "fee_account"),
    cites=(Cite("反诈法", 27, 2), Cite("反诈法", 30, 3)),
)
_GUARDIAN = OutsideStep(
    key="guardian",
    needs=("guardianship", "child_records", "payment"),
    limits=(Limit(key="ratify", amount=30, cite=Cite("民法典", 145, 2)),),
    cites=(Cite("民法典", 145, 1), Cite("民法典", 157), Cite("未网条例", 44)),
)
_SELLER = OutsideStep(
    key="seller",
    needs=("statement", "order", "proof"),
    limits=(Limit(key="rescind", amount=1, cite=Cite("民法典", 564, 2)),),
    cites=(Cite("消法", 39, 1, 1), Cite("民法典", 565, 1)),
)
_AGREED = OutsideStep(key="agreed", needs=("chat", "statement"), cites=(Cite("民法典", 509, 1),))
_ISSUER = OutsideStep(key="issuer", needs=("order", "proof"), cites=(Cite("消法", 8),))
_APPLY = OutsideStep(key="apply", needs=("order", "proof"), cites=(Cite("电商法", 59), Cite("电商法", 63)))
_HUMAN = OutsideStep(
    key="human", needs=("statement", "proof"), cites=(Cite("平台规则办法", 19, 2), Cite("个保法", 24, 3))
)
_PLATFORM = OutsideStep(
    key="platform",
    needs=("statement", "order", "proof"),
    cites=(Cite("电商法", 59), Cite("电商法", 61), Cite("消法", 44, 1), Cite("平台规则办法", 19, 2)),
)
_PAYMENT = OutsideStep(key="payment", needs=("payment", "order", "proof"), cites=(Cite("非银支付条例", 35, 1),))
_PAYMENT_ERROR = OutsideStep(
    key="payment_error", needs=("payment",), cites=(Cite("电商法", 55, 2), Cite("非银支付条例", 35, 1))
)
_ASSOCIATION = OutsideStep(
    key="association",
    needs=("statement", "order", "proof"),
    cites=(Cite("消法", 39, 1, 2), Cite("消法", 37, 1, 5)),
)
_REGULATOR = OutsideStep(
    key="regulator",
    needs=("identity", "seller_name", "statement", "order", "proof"),
    limits=(
        Limit(key="accept", amount=7, cite=Cite("投诉举报办法", 15)),
        Limit(key="mediate", amount=60, cite=Cite("投诉举报办法", 23)),
        Limit(key="complain_within", amount=3, cite=Cite("投诉举报办法", 16)),
    ),
    cites=(
        Cite("消法", 39, 1, 3),
        Cite("投诉举报办法", 8),
        Cite("投诉举报办法", 10),
        Cite("投诉举报办法", 13),
        Cite("投诉举报办法", 18),
    ),
)
_COURT = OutsideStep(
    key="court",
    needs=("identity", "seller_name", "statement", "order", "payment", "proof"),
    limits=(
        Limit(key="small_claim", amount=2, cite=Cite("民诉法", 168)),
        Limit(key="sue_within", amount=3, cite=Cite("民法典", 188, 1)),
    ),
    cites=(
        Cite("消法", 39, 1, 5),
        Cite("民诉解释", 20),
        Cite("民诉法", 165, 1),
        Cite("民诉法", 166, 1, 4),
        Cite("民诉解释", 31),
    ),
)
_MISTAKE = Limit(key="mistake", amount=90, cite=Cite("民法典", 152, 1, 1))
# Every step there is, for tests and for the makers of references.
ALL_STEPS = (
    _STOP, _POLICE, _GUARDIAN, _SELLER, _AGREED, _ISSUER, _APPLY, _HUMAN, _PLATFORM, _PAYMENT, _PAYMENT_ERROR,
    _ASSOCIATION, _REGULATOR, _COURT,
)  # fmt: skip
CITES = frozenset(cite for step in ALL_STEPS for cite in (*step.cites, *(limit.cite for limit in step.limits))) | {
    _MISTAKE.cite
}
_PAYMENT_REASONS = (ReasonCode.DUPLICATE_CHARGE, ReasonCode.OVERCHARGED, ReasonCode.PLATFORM_FAILURE)
_POLICE_REASONS = (ReasonCode.FRAUD_ALLEGED, ReasonCode.RECOVERED_BY_SELLER)


def next_steps(decision: Decision, facts: RefundFacts, place: Place) -> tuple[OutsideStep, ...]:
    """What the asker can do from here, the least effort first. Empty when everything is on its way back here.

    Parameters: place, where it was bought and whether a person has already judged there.
    """
    if facts.channel.fee_demanded.holds and facts.channel.fee_demanded.value:
        return (_STOP, _POLICE, _PAYMENT)
    if place is not Place.ELSEWHERE and decision.next_step.kind is StepKind.PAY and decision.outcome is Outcome.FULL:
        return () if place is Place.REFUSED_HERE else (_APPLY,)
    first = (_GUARDIAN,) if facts.claim.reason is ReasonCode.MINOR else ()
    return (*first, *_asking(decision, facts, place), *_bodies(decision, facts))


def _asking(decision: Decision, facts: RefundFacts, place: Place) -> tuple[OutsideStep, ...]:
    """The seller, the issuer, and the platform it was bought on."""
    steps: list[OutsideStep] = []
    if decision.liable is Side.ISSUER or facts.claim.proof in (Proof.NONE, Proof.DOUBTFUL):
        steps.append(_ISSUER)
    if place is not Place.ELSEWHERE and facts.capacity.paid_outside_fen:
        return (*steps, _SELLER)  # our platform holds none of that money
    if place is Place.HERE:
        return (*steps, _APPLY, _HUMAN)
    if place is Place.ELSEWHERE:
        steps.append(_AGREED if facts.claim.seller.kind is AnswerKind.AGREED else _SELLER)
        steps.append(_PLATFORM)
    return tuple(steps)


def _bodies(decision: Decision, facts: RefundFacts) -> tuple[OutsideStep, ...]:
    """Payment provider, consumer association, market supervision, court, police."""
    consumer = facts.parties.buyer_is_consumer
    steps: list[OutsideStep] = []
    if facts.channel.paid_from is not PaidFrom.BALANCE:  # a balance is ours, no provider holds that payment
        steps.append(_PAYMENT_ERROR if facts.claim.reason in _PAYMENT_REASONS else _PAYMENT)
    if not (consumer.holds and consumer.value is False):  # both are for what was bought to live on (投诉举报办法 16)
        steps += [_ASSOCIATION, _REGULATOR]
    court = _COURT
    if facts.claim.reason is ReasonCode.WRONG_PURCHASE:
        court = msgspec.structs.replace(court, limits=(_MISTAKE, *court.limits))
    steps.append(court)
    if facts.claim.reason in _POLICE_REASONS or facts.capacity.paid_outside_fen or decision.outcome is Outcome.BLOCK:
        steps.append(_POLICE)
    return tuple(steps)


def who(step: OutsideStep, lang: str) -> str:
    """Whom one turns to. Parameters: lang, zh or en; KeyError for another."""
    return STEPS[lang][step.key][0]


def what(step: OutsideStep, lang: str) -> str:
    """What to do there, and where exactly."""
    return STEPS[lang][step.key][1]


def needs(step: OutsideStep, lang: str) -> tuple[str, ...]:
    """What to have at hand."""
    return tuple(NEEDS[lang][key] for key in step.needs)


def limit_words(limit: Limit, lang: str) -> str:
    """A time that the law sets, with what it is for."""
    return LIMITS[lang][limit.key].replace("{n}", str(limit.amount))
