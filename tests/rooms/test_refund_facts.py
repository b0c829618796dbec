"""Records side by side become facts with a source and a standing; none of them is lost or believed too early."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.redemption import Seal, UsedBy, UseState
from liuhen.policy.facts.standing import Source, Standing
from liuhen.reads.refund_facts_use import defects, redemption

SOLD = datetime(2026, 11, 22, 4, tzinfo=UTC)
SHOWN = SOLD + timedelta(hours=1)


def unit(**more: Any) -> Any:
    """A key worth ¥100.00, delivered sealed, then revealed."""
    return {
        "delivery": "AUTO",
        "delivered_at": SOLD,
        "revealed_at": SHOWN,
        "face_value_fen": 10_000,
        "key_face_value_fen": None,
        "key_valid_until": None,
        "min_validity_days": 7,
        "twin_sold": False,
    } | more


def said(source: str, state: str, *, hours: float | None = None, **more: Any) -> Any:
    """A record of use; hours, when it is said to have happened after the sale."""
    at = None if hours is None else SOLD + timedelta(hours=hours)
    return {"source": source, "state": state, "event": "", "remaining_fen": None, "occurred_at": at} | more


def test_a_sealed_key_has_its_seal_and_hand_delivery_has_none() -> None:
    assert redemption(unit(revealed_at=None), []).seal is Seal.SEALED
    assert redemption(unit(), []).seal is Seal.BROKEN
    assert redemption(unit(delivery="BY_HAND"), []).seal is Seal.NONE
    assert redemption(unit(delivered_at=None, revealed_at=None), []).seal is Seal.NONE


def test_the_issuer_outweighs_what_the_parties_say() -> None:
    use = redemption(
        unit(), [said("BUYER", "UNUSED"), said("ISSUER", "USED_UP", hours=2), said("SELLER", "UNUSED")]
    ).use
    assert (use.value, use.source, use.standing) == (UseState.USED_UP, Source.ISSUER, Standing.ESTABLISHED)


def test_what_serves_a_side_is_alleged_and_what_hurts_it_is_settled() -> None:
    assert redemption(unit(), [said("BUYER", "UNUSED")]).use.standing is Standing.ALLEGED
    assert redemption(unit(), [said("BUYER", "USED_UP")]).use.standing is Standing.ESTABLISHED
    assert redemption(unit(), [said("SELLER", "USED_UP")]).use.standing is Standing.ALLEGED
    assert redemption(unit(), [said("SELLER", "UNUSED")]).use.standing is Standing.ESTABLISHED


def test_the_newest_word_of_a_source_counts_and_unknown_is_no_word() -> None:
    records = [said("ISSUER", "USED_UP", hours=2), said("ISSUER", "UNUSED", hours=3), said("PLATFORM", "UNKNOWN")]
    assert redemption(unit(), records).use.value is UseState.UNUSED


def test_a_use_before_the_reveal_was_not_the_buyers() -> None:
    early = [said("ISSUER", "USED_UP", hours=0.5)]
    assert redemption(unit(), early).used_by.value is UsedBy.OTHER
    assert defects(unit(), early, ReasonCode.ALREADY_REDEEMED).already_redeemed.source is Source.ISSUER
    late = [said("ISSUER", "USED_UP", hours=2)]
    assert redemption(unit(), late).used_by.value is None
    assert defects(unit(), late, ReasonCode.ALREADY_REDEEMED).already_redeemed.standing is Standing.ALLEGED


def test_a_buyers_word_of_a_use_before_the_reveal_serves_him() -> None:
    for whole in (unit(revealed_at=None), unit()):
        word = [said("BUYER", "USED_UP", hours=0.5)]
        assert redemption(whole, word).use.standing is Standing.ALLEGED
        assert redemption(whole, word).first_used_at.standing is Standing.ALLEGED
    assert redemption(unit(), [said("BUYER", "USED_UP", hours=2)]).first_used_at.standing is Standing.ESTABLISHED


def test_just_before_the_reveal_the_clocks_alone_may_differ() -> None:
    close = [said("ISSUER", "USED_UP", hours=1 - 1 / 13)]
    assert redemption(unit(), close).used_by.value is None
    assert redemption(unit(), close).first_used_at.standing is Standing.ALLEGED
    assert defects(unit(), close, ReasonCode.INVALID_KEY).already_redeemed.value is None
    clear = [said("ISSUER", "USED_UP", hours=1 - 1 / 11)]
    assert redemption(unit(), clear).used_by.value is UsedBy.OTHER


def test_the_used_share_comes_from_face_value_and_rest() -> None:
    share = redemption(unit(), [said("ISSUER", "PARTLY_USED", hours=2, remaining_fen=2_500)]).used_permille
    assert (share.value, share.source) == (750, Source.ISSUER)
    assert (
        redemption(unit(face_value_fen=None), [said("ISSUER", "PARTLY_USED", remaining_fen=1)]).used_permille.value
        is None
    )


def test_a_reason_is_an_allegation_and_nothing_else() -> None:
    found = defects(unit(), [], ReasonCode.INVALID_KEY)
    assert (found.invalid_key.value, found.invalid_key.standing) == (True, Standing.ALLEGED)
    assert found.duplicate_key.value is None
    assert defects(unit(), [], ReasonCode.CHANGE_OF_MIND).invalid_key.value is None


def test_an_issuer_that_honours_the_key_no_longer_settles_it() -> None:
    voided = [said("ISSUER", "UNUSED", event="VOIDED")]
    assert defects(unit(), voided, ReasonCode.INVALID_KEY).invalid_key.standing is Standing.ESTABLISHED
    used_first = [said("ISSUER", "USED_UP", hours=2), said("ISSUER", "USED_UP", event="VOIDED")]
    assert defects(unit(), used_first, ReasonCode.INVALID_KEY).invalid_key.standing is Standing.ALLEGED


def test_the_shelf_itself_shows_short_life_small_value_and_a_twin() -> None:
    found = defects(
        unit(key_valid_until=date(2026, 11, 25), key_face_value_fen=5_000, twin_sold=True),
        [],
        ReasonCode.NOT_AS_DESCRIBED,
    )
    assert found.short_validity.standing is Standing.ESTABLISHED
    assert found.incorrect_amount.standing is Standing.ESTABLISHED
    assert found.actual_value_fen.value == 5_000
    assert (found.duplicate_key.standing, found.duplicate_key.source) == (Standing.ALLEGED, Source.PLATFORM_LOG)
