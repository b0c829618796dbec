"""Rows of the acceptance cases as somebody would answer about another shop: the law gives what the row says."""

from datetime import UTC, datetime

import pytest

from liuhen.policy.selfcheck.said import decision_of, said_of
from tests.policy.world import BOOK

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
# row: (answers, outcome, fen or None where the row names a range)
ROWS: dict[str, tuple[str, str, int | None]] = {
    "A01": ("card_key missing not_received arrived=nothing urged=over", "FULL", 10_000),
    "A02": ("card_key missing late arrived=after_claim urged=over", "FULL", 10_000),
    "A04": ("card_key missing late arrived=useless", "FULL", 10_000),
    "B01": ("card_key unwanted stage=unseen when=days confirmed=none", "FULL", 10_000),
    "B02": ("card_key unwanted stage=unseen when=days confirmed=ticked", "NONE", 0),
    "B02-preticked": ("card_key unwanted stage=unseen when=days confirmed=preticked", "FULL", 10_000),
    "B04": ("card_key unwanted stage=seen opened=no_said", "NONE", 0),
    "B05": ("card_key unwanted stage=seen opened=no_shown promise=within", "FULL", 10_000),
    "B08": ("prepaid_card mistaken stage=seen opened=yes", "NONE", 0),
    "B11": ("direct_top_up unwanted stage=finished", "NONE", 0),
    "B13": ("custom_voucher unwanted stage=seen made=yes", "NONE", 0),
    "B16": ("software_licence unwanted stage=seen opened=yes", "NONE", 0),
    "C01": ("card_key broken invalid official=written", "FULL", 10_000),
    "C02": ("card_key broken duplicate official=written", "FULL", 10_000),
    "C04": ("card_key broken redeemed trace=before", "FULL", 10_000),
    "C06": ("card_key broken redeemed trace=other", "FULL", 10_000),
    "C09": ("card_key broken invalid official=page proof=recording seller=silent", "FULL", 10_000),
    "C10": ("card_key broken invalid official=unknown proof=none", "NEED_EVIDENCE", None),
    "C11": ("card_key differs amount official=written value=100/50 spent=no_shown", "FULL", 10_000),
    "C12": ("card_key differs amount official=written value=100/50 spent=yes", "PARTIAL", 5_000),
    "C14": ("card_key differs region official=written", "FULL", 10_000),
    "C17": ("card_key differs validity official=written", "FULL", 10_000),
    "C20": ("software_licence stopped stopped ender=issuer_one share=365/30 paid=365", "PARTIAL", 33_500),
    "D01": ("direct_top_up missing not_received arrived=says_done operator=written", "FULL", 10_000),
    "D02": ("direct_top_up differs amount official=written value=100/50", "PARTIAL", 5_000),
    "D06": ("card_key broken stopped ender=issuer_all", "NONE", 0),
    "D07": ("virtual_coin minor age=under8 acted=shown guardian=no paid=3000", "FULL", 300_000),
    "D08-unused": ("virtual_coin minor age=under18 acted=shown consent=no suits=no played=no_shown", "REVIEW", 10_000),
    "D08-used": ("virtual_coin minor age=under18 acted=shown consent=no suits=no played=yes", "REVIEW", None),
    "D11": ("virtual_coin minor age=unknown acted=adult", "NONE", 0),
    "D13": ("virtual_coin minor age=under18 acted=shown consent=yes", "NONE", 0),
    "E01": ("membership stopped stopped ender=seller_shown share=365/73", "PARTIAL", 8_000),
    "E06": ("membership money renewal reminder=both", "NONE", 0),
    "E08-seller": ("membership stopped stopped ender=seller_shown share=12/3 paid=300", "PARTIAL", 22_500),
    "E08-buyer": ("membership unwanted stage=seen work=12/3 seller=agreed list_price=30 paid=300", "PARTIAL", 21_000),
    "F01": ("account_handover broken invalid official=written", "FULL", 10_000),
    "F02": ("account_handover stopped recovered official=written paid=4000", "FULL", 400_000),
    "G01": ("boosting_service unwanted stage=waiting", "FULL", 10_000),
    "G02": ("boosting_service stopped unfinished ender=seller_shown share=100/40 paid=500", "PARTIAL", 30_000),
    "G05": ("boosting_service stopped unfinished ender=seller_shown share=5/4", "PARTIAL", 2_000),
    "I03": ("card_key money overcharged prices=19.9/9.9", "PARTIAL", 1_000),
    "J01": ("card_key money twice charges=200/100", "PARTIAL", 10_000),
    "J02": ("card_key money glitch order=none", "FULL", 10_000),
    "J04": ("card_key fraud outside led=chat sent=98", "FULL", 0),
    "K12": ("card_key broken invalid official=written seller=settled", "NONE", 0),
    "K21": ("card_key fraud fee", "BLOCK", 0),
}
DETAILED = ("missing", "broken", "differs", "stopped", "money", "fraud")
NUMBERS = {
    "share": ("total", "had"), "work": ("total", "had"), "value": ("face", "actual"), "prices": ("paid", "shown"),
    "charges": ("paid", "twice"), "paid": ("paid",), "sent": ("sent",), "list_price": ("list",), "fee": ("fee",),
}  # fmt: skip


def answers_of(row: str) -> dict[str, str]:
    """`kind topic [detail] question=choice …`; numbers as a/b."""
    kind, topic, *rest = row.split()
    answers = {"kind": kind, "where": "elsewhere", "topic": topic}
    if topic in DETAILED:
        answers["detail"] = rest.pop(0)
    for part in rest:
        key, _, word = part.partition("=")
        if key in NUMBERS:
            answers[key] = ""
            answers |= {f"{key}.{name}": text for name, text in zip(NUMBERS[key], word.split("/"), strict=True)}
        else:
            answers[key] = word
    return answers


@pytest.mark.parametrize("name", ROWS)
def test_the_law_gives_what_the_row_says(name: str) -> None:
    row, outcome, fen = ROWS[name]
    given = answers_of(row)
    said = said_of(given)
    assert said.answers.keys() == {key for key in given if "." not in key}, "every answer fits"
    decision = decision_of(said, NOW, BOOK)
    assert decision.outcome == outcome, decision.ground
    if fen is not None:
        assert decision.amount_max_fen == fen, decision.ground


def test_money_paid_off_the_platform_stands_beside() -> None:
    assert decision_of(said_of(answers_of(ROWS["J04"][0])), NOW, BOOK).outside_fen == 9_800
