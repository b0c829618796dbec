"""Whether a standard term binds: every kind has one answer, and the articles are there."""

from datetime import UTC, datetime
from itertools import product

import pytest

from liuhen.policy.binding import CITES, Binding, TermKind, TermQuestion, binds
from liuhen.policy.decision import Cite
from tests.policy.test_cites import resolve

AT = datetime(2026, 11, 22, tzinfo=UTC)
VOID = {
    TermKind.DEFECT_EXCLUSION,
    TermKind.RECEIPT_IS_ACCEPTANCE,
    TermKind.FINAL_DECISION,
    TermKind.NO_COMPLAINT,
    TermKind.SOLE_INTERPRETATION,
    TermKind.SELLER_BEARS_ALL,
    TermKind.NO_CONTRACT_AFTER_PAYMENT,
    TermKind.REFUND_FEE,
}


@pytest.mark.parametrize("cite", CITES, ids=str)
def test_the_articles_are_there(cite: Cite) -> None:
    items = resolve(cite)["items"]
    assert cite.paragraph <= len(items)
    assert not cite.item or cite.item <= items[max(cite.paragraph, 1) - 1]


@pytest.mark.parametrize("kind", TermKind)
def test_no_confirmation_mends_what_takes_a_right_away(kind: TermKind) -> None:
    for shown, confirmed, ticked, hidden in product((False, True), (None, AT), (False, True), (False, True)):
        question = TermQuestion(kind=kind, shown=shown, confirmed_at=confirmed, preticked=ticked, hidden_fault=hidden)
        answer = binds(question)
        assert answer.cites
        assert kind not in VOID or answer.binding is Binding.VOID


@pytest.mark.parametrize("kind", [kind for kind in TermKind if kind not in VOID])
def test_what_was_not_shown_did_not_become_part(kind: TermKind) -> None:
    assert binds(TermQuestion(kind=kind, confirmed_at=AT)).binding is Binding.NOT_PART
    assert binds(TermQuestion(kind=kind, shown=True, confirmed_at=AT)).binding is Binding.BINDS


@pytest.mark.parametrize("kind", [TermKind.NO_REASON_EXCLUSION, TermKind.SILENCE_AGREES, TermKind.BALANCE_ONLY])
def test_a_box_ticked_beforehand_is_no_confirmation(kind: TermKind) -> None:
    ticked = TermQuestion(kind=kind, shown=True, confirmed_at=AT, preticked=True)
    assert binds(ticked).binding is Binding.NOT_PART
    assert binds(TermQuestion(kind=kind, shown=True)).binding is Binding.NOT_PART
