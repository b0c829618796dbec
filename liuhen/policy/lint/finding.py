"""What the lint of seller terms looks at, and what it finds."""

from enum import StrEnum

import msgspec

from liuhen.policy.decision import Cite
from liuhen.policy.facts.goods import GoodsKind

MAX_TEXT = 20_000  # characters of one text
MOST_FINDINGS = 50  # of one listing; what blocks comes first


class Severity(StrEnum):
    """BLOCKS: such a term may not be published. WARNS: the seller reads it before he publishes."""

    BLOCKS = "BLOCKS"
    WARNS = "WARNS"


class Code(StrEnum):
    """What is wrong with a text. Stable: the API publishes them."""

    MINOR_TERMS = "minor_terms"
    NO_CONTRACT = "no_contract_after_payment"
    FALSE_CUSTOM = "false_custom"
    NO_REFUND = "blanket_no_refund"
    OPENED_NO_REFUND = "opened_no_refund"
    DEEMED_GOOD = "deemed_good"
    CLAIM_WINDOW = "claim_window"
    NO_LIABILITY = "no_liability"
    FINAL_WORD = "final_word"
    NO_COMPLAINT = "no_complaint"
    REFUND_FEE = "refund_fee"
    REFUND_TO_BALANCE = "refund_to_balance"
    OFF_PLATFORM = "off_platform_payment"
    REFUND_FEE_NO_REASON = "refund_fee_no_reason"
    EVIDENCE_CONDITION = "evidence_condition"
    SHORT_GUARANTEE = "short_guarantee"
    DEEMED_CONSENT = "deemed_consent"
    CUSTOM_CLAIM = "custom_claim"
    EXCLUSION_NOT_DECLARED = "exclusion_not_declared"
    NO_REASON_PROMISED = "no_reason_promised"
    UNUSED_PROMISED = "unused_promised"
    WINDOW_SHORTER = "window_shorter"
    WINDOW_LONGER = "window_longer"
    DELIVERY_SOONER = "delivery_sooner"
    DELIVERY_LATER = "delivery_later"
    VALIDITY_LONGER = "validity_longer"


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What a seller is about to publish. texts: what people read, by the name of its field. Seconds and days.

    sealed_delivery: delivered sealed by the platform. sealed_window_seconds: None where nothing is sealed.
    revealed_window_seconds: how long what was looked at and not used is taken back, None: not promised.
    delivery_seconds: the promised time, which the seller sets only for what he delivers by hand.
    asks_buyer: the buyer must name something (a phone number, a device) when ordering.
    """

    kind: GoodsKind
    texts: dict[str, str]
    sealed_delivery: bool
    excludes_no_reason: bool
    sealed_window_seconds: int | None
    most_sealed_seconds: int
    revealed_window_seconds: int | None = None
    most_revealed_seconds: int
    delivery_seconds: int
    min_validity_days: int
    asks_buyer: bool = False


class Offer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How it can be made right. text: what to write in place of the span, "" to leave it out, None to leave it as it
    is. sets: the value to give to a field of the listing instead (seconds, days, yes or no)."""

    text: str | None = None
    sets: tuple[str, int | bool] | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. field, start, end: where it stands, in characters of the text as it was given.

    params: numbers for the words (seconds, days).
    """

    code: Code
    severity: Severity
    field: str
    start: int
    end: int
    text: str
    cites: tuple[Cite, ...]
    offer: Offer
    params: dict[str, int] = {}
