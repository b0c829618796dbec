"""What is asked, and what the seller and the reviewer have said."""

from datetime import datetime
from enum import StrEnum

import msgspec

from liuhen.policy.facts.standing import Fact


class ReasonCode(StrEnum):
    """Why (glossary: reasons)."""

    CHANGE_OF_MIND = "CHANGE_OF_MIND"
    WRONG_PURCHASE = "WRONG_PURCHASE"
    NOT_RECEIVED = "NOT_RECEIVED"
    LATE_DELIVERY = "LATE_DELIVERY"
    INVALID_KEY = "INVALID_KEY"
    DUPLICATE_KEY = "DUPLICATE_KEY"
    ALREADY_REDEEMED = "ALREADY_REDEEMED"
    INCORRECT_AMOUNT = "INCORRECT_AMOUNT"
    WRONG_REGION = "WRONG_REGION"
    NOT_AS_DESCRIBED = "NOT_AS_DESCRIBED"
    SHORT_VALIDITY = "SHORT_VALIDITY"
    DEFECTIVE = "DEFECTIVE"
    SERVICE_STOPPED = "SERVICE_STOPPED"
    UNFINISHED = "UNFINISHED"
    RECOVERED_BY_SELLER = "RECOVERED_BY_SELLER"
    UNDISCLOSED_RENEWAL = "UNDISCLOSED_RENEWAL"
    OVERCHARGED = "OVERCHARGED"
    DUPLICATE_CHARGE = "DUPLICATE_CHARGE"
    PLATFORM_FAILURE = "PLATFORM_FAILURE"
    MINOR = "MINOR"
    FRAUD_ALLEGED = "FRAUD_ALLEGED"


class Remedy(StrEnum):
    """What the asker may choose from."""

    REFUND = "refund"  # all of it back; the unit goes back too
    DIFFERENCE = "difference"  # part of the money back; the unit stays
    REPLACEMENT = "replacement"  # 换
    MAKE_UP = "make_up"  # 补足: what is missing is delivered
    REDO = "redo"  # 重做
    CONTINUE = "continue"  # 继续履行


class Proof(StrEnum):
    """The best proof the asker has brought, as it was checked. Not how the fact stands: that is in the fact."""

    NONE = "none"
    DOUBTFUL = "doubtful"  # contradicts itself, for example its own metadata (民事证据规定 90)
    PLAIN = "plain"  # a screenshot or a statement
    RECORDING = "recording"  # a continuous recording that shows the issuer's own message


class OpenedBy(StrEnum):
    """Who brought the claim."""

    BUYER = "buyer"
    SELLER = "seller"
    WORKER = "worker"  # the platform itself, when a delivery is overdue
    STAFF = "staff"


class AnswerKind(StrEnum):
    """What the seller has said. NONE is silence, which is a fact too."""

    NONE = "none"
    AGREED = "agreed"
    REFUSED = "refused"


class SellerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer the seller owes: since when, given or not, and whether silence was agreed to mean yes."""

    asked_at: datetime | None = None  # None: the seller has not been asked
    kind: AnswerKind = AnswerKind.NONE
    answered_at: datetime | None = None
    silence_agreed: bool = False  # the seller agreement in force says so (民法典 140(2), 平台规则办法 27(1))


class Ruling(StrEnum):
    """What a reviewer has found on the whole claim."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One claim on one unit. In a preview `requested_at` is the time of the preview."""

    reason: ReasonCode
    requested_at: datetime
    opened_by: OpenedBy = OpenedBy.BUYER
    asked_fen: int | None = None  # None: whatever is due
    wants: Remedy | None = None  # which of the remedies the buyer has chosen; None: not yet
    proof: Proof = Proof.PLAIN
    evidence_asked_at: datetime | None = None  # since when the asker owes better proof
    loss_fen: Fact[int] = Fact()  # the buyer's own loss beyond the price, foreseeable (民法典 584)
    wants_human: bool = False  # a side asked for a human (个保法 24(3))
    seller: SellerAnswer = SellerAnswer()
    ruling: Fact[Ruling] = Fact()  # source STAFF once a reviewer has decided
    ruled_fen: int | None = None  # with Ruling.PARTLY: how much, fen
