"""The clauses as a whole: well-formed, none dead, one decision always."""

import types
import typing
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from liuhen.policy.clauses import follow
from liuhen.policy.clauses.registry import BY_ID, CLAUSES, NUMBERS, PRECEDENCE
from liuhen.policy.decide import decide
from liuhen.policy.expr import By, Expr, Given, In, Says, Stands, Val, params, paths, refs, walk
from liuhen.policy.facts.channel import ChannelFacts
from liuhen.policy.facts.claim import AnswerKind, OpenedBy, Proof, ReasonCode, Remedy, Ruling
from liuhen.policy.facts.delivery import Delivery
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.history import History
from liuhen.policy.facts.measure import Measure
from liuhen.policy.facts.order import OrderFacts
from liuhen.policy.facts.parties import Parties
from liuhen.policy.facts.promises import Promises
from liuhen.policy.facts.redemption import UsedBy, UseState
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact, Side, Source, Standing, alleged, established
from liuhen.policy.facts.terms import Terms
from liuhen.policy.rulebook import REQUIRED
from tests.policy.world import (
    BOOK,
    DAY,
    HOUR,
    PAID,
    T0,
    asked,
    by_hand,
    confirmed_exclusion,
    revealed,
    ruled,
    sealed,
    undelivered,
    used,
    with_defect,
)

ALL_TREES: list[tuple[str, Expr]] = [
    *((c.id, c.when) for c in CLAUSES),
    *(
        (str(name), tree)
        for name, tree, *_ in (*follow.REMEDIES, *follow.WHEN_GIVEN_BACK, *follow.ALWAYS, *follow.CLAIMS)
    ),
]


def type_at(path: str) -> Any:
    """The declared type of a fact path, without `| None`."""
    found: Any = RefundFacts
    for step in path.split("."):
        origin = typing.get_origin(found) or found
        hints = typing.get_type_hints(origin)
        assert step in hints, f"{path}: {step} is not a fact"
        found = hints[step]
        if isinstance(found, types.UnionType):
            found = next(t for t in typing.get_args(found) if t is not type(None))
    return found


def nodes(tree: Expr) -> Iterator[Any]:
    yield from walk(tree)


@pytest.mark.parametrize(("name", "tree"), ALL_TREES)
def test_every_path_is_a_fact_of_the_right_sort(name: str, tree: Expr) -> None:
    for path in paths(tree):
        type_at(path)
    for node in nodes(tree):
        disputed = isinstance(node, Stands | Says | By)
        if disputed or isinstance(node, In | Given):
            is_fact = (typing.get_origin(type_at(node.path)) or type_at(node.path)) is Fact
            assert is_fact == disputed, f"{name}: {node}"
        if isinstance(node, In | Stands | Says) and issubclass(inner(node.path), str):
            assert all(isinstance(v, inner(node.path)) for v in node.values), f"{name}: {node}"


def inner(path: str) -> type:
    found = type_at(path)
    plain: type = typing.get_args(found)[0] if typing.get_origin(found) is Fact else found
    return plain


@pytest.mark.parametrize(("name", "tree"), ALL_TREES)
def test_every_parameter_is_in_the_rulebook(name: str, tree: Expr) -> None:
    assert set(params(tree)) <= REQUIRED.keys()


def test_clauses_only_refer_back() -> None:
    seen: set[str] = set()
    for clause in CLAUSES:
        assert set(refs(clause.when)) <= seen, clause.id
        assert clause.id not in seen
        seen.add(clause.id)


def test_precedence_holds_exactly_the_clauses_that_decide() -> None:
    assert len(set(PRECEDENCE)) == len(PRECEDENCE)
    assert set(PRECEDENCE) == {c.id for c in CLAUSES if c.effect is not None}


def test_the_last_clause_is_always_met() -> None:
    assert BY_ID[PRECEDENCE[-1]].when == msgspec.structs.replace(BY_ID["amount.no_fee"]).when


def test_numbers_are_unique_and_follow_the_layers() -> None:
    assert len(set(NUMBERS.values())) == len(CLAUSES)
    layers = [int(NUMBERS[c.id].split(".")[0]) for c in CLAUSES]
    assert layers == sorted(layers)


def _begun(facts: RefundFacts) -> RefundFacts:
    return replace(facts, delivery=replace(facts.delivery, started=alleged(True, Source.SELLER)))


def _goods(facts: RefundFacts, **changes: Any) -> RefundFacts:
    return replace(facts, goods=replace(facts.goods, **changes))


def _capacity(facts: RefundFacts, **changes: Any) -> RefundFacts:
    return replace(facts, capacity=replace(facts.capacity, **changes))


def _order(facts: RefundFacts, **changes: Any) -> RefundFacts:
    return replace(facts, order=replace(facts.order, **changes))


def _claim(facts: RefundFacts, **changes: Any) -> RefundFacts:
    return replace(facts, claim=replace(facts.claim, **changes))


def _measured(facts: RefundFacts, **changes: Any) -> RefundFacts:
    """40 of 100 parts were had."""
    return replace(facts, measure=Measure(total=100, had=established(40, Source.PLATFORM_LOG), **changes))


def _minor(age: int, **changes: Any) -> RefundFacts:
    proven = Parties(minor_acted=established(True, Source.STAFF), buyer_age=established(age, Source.STAFF), **changes)
    return replace(revealed(ReasonCode.MINOR), parties=proven)


UNWANTED = ReasonCode.CHANGE_OF_MIND
SHORT = replace(
    with_defect(
        used(revealed(ReasonCode.INCORRECT_AMOUNT), UsedBy.BUYER_SIDE, 20),
        "incorrect_amount",
        established(True, Source.ISSUER),
    ),
)
DECIDED_BEFORE = replace(revealed(), history=History(settled=established(True, Source.PLATFORM_LOG)))
UNUSED = replace(revealed(UNWANTED).redemption, use=established(UseState.UNUSED, Source.ISSUER))
WINDOW = Promises(revealed_window_seconds=86_400)
DECIDES: dict[str, RefundFacts] = {
    "goods.forbidden": _goods(sealed(), forbidden=established(True, Source.STAFF)),
    "capacity.nothing_captured": _capacity(sealed(), captured_fen=0),
    "capacity.already_refunded": _capacity(sealed(), refunded_fen=9_800),
    "capacity.other_case": _capacity(sealed(), other_case_open=True),
    "promise.instant": sealed(),
    "delivery.late": undelivered(),
    "delivery.cancel": undelivered(after=-HOUR),
    "capacity.settled": replace(
        revealed(), history=replace(revealed().history, settled=established(True, Source.PLATFORM_LOG))
    ),
    "defect.short_value_used": replace(
        SHORT, defects=replace(SHORT.defects, actual_value_fen=established(5_000, Source.ISSUER))
    ),
    "defect.by_record": with_defect(revealed(), "invalid_key", established(True, Source.ISSUER)),
    "promise.revealed_unused": replace(revealed(UNWANTED), promises=WINDOW, redemption=UNUSED),
    "seller.agreed": asked(revealed(), AnswerKind.AGREED, answered=HOUR),
    "defect.by_staff": with_defect(revealed(), "invalid_key", established(True, Source.STAFF)),
    "ruling.granted": ruled(revealed(), Ruling.GRANTED),
    "ruling.partly": ruled(revealed(), Ruling.PARTLY, 1_000),
    "ruling.refused": ruled(revealed(), Ruling.REFUSED),
    "seller.deemed_approved": asked(revealed(), passed=2 * DAY),
    "procedure.human_asked": replace(revealed(), claim=replace(revealed().claim, wants_human=True)),
    "capacity.minor": revealed(ReasonCode.MINOR),
    "procedure.human_reason": revealed(ReasonCode.PLATFORM_FAILURE),
    "defect.rebutted": with_defect(
        revealed(), "invalid_key", Fact(value=True, source=Source.ISSUER, standing=Standing.REBUTTED)
    ),
    "seller.refused": asked(revealed(), AnswerKind.REFUSED, answered=HOUR),
    "seller.silent_unagreed": asked(revealed(), passed=2 * DAY, silence_agreed=False),
    "delivery.work_begun": _begun(undelivered(UNWANTED, after=-HOUR)),
    "promise.sealed_window": replace(sealed(after=2 * DAY), promises=Promises(sealed_window_seconds=259_200)),
    "promise.revealed_window": replace(revealed(UNWANTED), promises=WINDOW),
    "no_reason.seven_days": sealed(after=2 * DAY),
    "no_reason.voidable": _goods(revealed(UNWANTED), issuer_can_void=True),
    "defect.open": revealed(),
    "delivery.not_due": _begun(undelivered(after=-HOUR)),
    "no_reason.service_done": by_hand(sealed(UNWANTED)),
    "no_reason.made_to_order": _goods(
        by_hand(sealed(UNWANTED), GoodsKind.CUSTOM_VOUCHER), made_to_order=established(True, Source.STAFF)
    ),
    "no_reason.digital_unsealed": _goods(revealed(UNWANTED), digital_content=True),
    "no_reason.used": used(revealed(UNWANTED), UsedBy.BUYER_SIDE, 20),
    "no_reason.excluded": confirmed_exclusion(sealed(after=2 * DAY)),
    "no_reason.revealed": revealed(UNWANTED),
    "no_reason.too_late": sealed(after=10 * DAY),
    "goods.fee_scam": replace(sealed(), channel=ChannelFacts(fee_demanded=established(True, Source.STAFF))),
    "goods.barred": _goods(sealed(), barred_to_buyer=established(True, Source.STAFF)),
    "capacity.paid_outside": replace(
        _capacity(undelivered(), captured_fen=0, paid_outside_fen=PAID),
        channel=ChannelFacts(led_outside=established(True, Source.STAFF)),
    ),
    "capacity.charged_twice": _capacity(
        sealed(ReasonCode.DUPLICATE_CHARGE), captured_fen=2 * PAID, duplicate_captured_fen=PAID
    ),
    "capacity.no_order": replace(undelivered(ReasonCode.PLATFORM_FAILURE), order=OrderFacts(paid_at=T0)),
    "capacity.overcharged": _order(revealed(ReasonCode.OVERCHARGED), shown_price_fen=5_000),
    "delivery.purpose_missed": replace(
        revealed(ReasonCode.LATE_DELIVERY),
        delivery=Delivery(delivered_at=T0, needed_by=established(T0 - HOUR, Source.PLATFORM_LOG)),
    ),
    "delivery.price_error": _claim(
        _order(undelivered(after=-HOUR), price_error=alleged(True, Source.SELLER)), opened_by=OpenedBy.SELLER
    ),
    "delivery.work_part": _measured(
        _begun(undelivered(UNWANTED, after=-HOUR)), seller_loss_fen=established(1_000, Source.STAFF)
    ),
    "no_reason.promotion_lost": _order(sealed(), rest_price_fen=8_000, total_paid_fen=8_000),
    "no_reason.ended_early": _measured(
        asked(revealed(UNWANTED), AnswerKind.AGREED, answered=HOUR),
        list_price_fen=120,
        ended_by=established(Side.BUYER, Source.BUYER),
    ),
    "defect.harm_done": with_defect(revealed(), "recovered", established(True, Source.PLATFORM_LOG)),
    "defect.fraud": with_defect(revealed(), "fraud", established(True, Source.STAFF)),
    "defect.cut_short": _measured(
        revealed(ReasonCode.SERVICE_STOPPED), ended_by=established(Side.SELLER, Source.PLATFORM_LOG)
    ),
    "defect.foreign_use": used(revealed(), UsedBy.OTHER, 60),
    "defect.foreign_use_here": replace(
        revealed(), redemption=replace(used(revealed(), UsedBy.OTHER, 60).redemption, log_holder=Side.PLATFORM)
    ),
    "defect.renewal_unnoticed": replace(
        revealed(ReasonCode.UNDISCLOSED_RENEWAL),
        terms=Terms(renewal_noticed=Fact(value=False, source=Source.BUYER, standing=Standing.WITHHELD)),
    ),
    "defect.renewal_noticed": replace(
        revealed(ReasonCode.UNDISCLOSED_RENEWAL),
        terms=Terms(
            renewal_noticed=established(True, Source.PLATFORM_LOG),
            renewal_stoppable=established(True, Source.PLATFORM_LOG),
        ),
    ),
    "defect.rest_worthless": _order(revealed(ReasonCode.NOT_AS_DESCRIBED), bad_units=30, units_in_order=50),
    "procedure.human_refused": _claim(DECIDED_BEFORE, wants_human=True),
    "procedure.human_part": _claim(
        _measured(revealed(ReasonCode.SERVICE_STOPPED), ended_by=established(Side.SELLER, Source.PLATFORM_LOG)),
        wants_human=True,
    ),
    "defect.two_years_over": with_defect(revealed(after=740 * DAY), "invalid_key", established(True, Source.ISSUER)),
    "capacity.not_overcharged": _order(revealed(ReasonCode.OVERCHARGED), shown_price_fen=PAID),
    "defect.all_had": replace(
        revealed(ReasonCode.SERVICE_STOPPED), measure=Measure(total=30, had=established(30, Source.PLATFORM_LOG))
    ),
    "no_reason.not_consumer": replace(
        revealed(UNWANTED), parties=Parties(buyer_is_consumer=established(False, Source.STAFF))
    ),
    "defect.remedy_chosen": _claim(
        with_defect(revealed(), "invalid_key", established(True, Source.ISSUER)), wants=Remedy.REPLACEMENT
    ),
    "defect.risk_passed": with_defect(
        revealed(ReasonCode.SERVICE_STOPPED), "issuer_shutdown", established(True, Source.ISSUER)
    ),
    "defect.unproven": _claim(revealed(), proof=Proof.DOUBTFUL, evidence_asked_at=T0 - 4 * DAY),
    "defect.more_proof": _claim(revealed(), proof=Proof.DOUBTFUL),
    "seller.unrebutted": _claim(asked(revealed(), passed=2 * DAY, silence_agreed=False), proof=Proof.RECORDING),
    "promise.advance": replace(revealed(), now=T0 + 3 * DAY, promises=Promises(advance_payment=True)),
    "capacity.minor_void": _minor(7),
    "capacity.minor_bound": _minor(12, guardian_consented=established(True, Source.PLATFORM_LOG)),
    "capacity.minor_unused": _minor(12),
    "capacity.minor_used": replace(_minor(12), redemption=used(revealed(), UsedBy.BUYER_SIDE, 60).redemption),
    "capacity.minor_unproven": _claim(revealed(ReasonCode.MINOR), evidence_asked_at=T0 - 4 * DAY),
    "procedure.human_else": _begun(undelivered(ReasonCode.INVALID_KEY, after=-HOUR)),
}


@pytest.mark.parametrize("ground", PRECEDENCE)
def test_no_clause_that_decides_is_dead(ground: str) -> None:
    assert decide(DECIDES[ground], BOOK).ground == ground


def test_all_clauses_run_whatever_decides() -> None:
    for facts in DECIDES.values():
        decision = decide(facts, BOOK)
        assert [c.id for c in decision.clauses] == [c.id for c in CLAUSES]
        assert any(c.decisive for c in decision.clauses)


def test_a_decision_survives_storage() -> None:
    for facts in DECIDES.values():
        decision = decide(facts, BOOK)
        again = msgspec.json.decode(msgspec.json.encode(decision), type=type(decision))
        assert again == decision
        assert msgspec.json.decode(msgspec.json.encode(facts), type=RefundFacts) == facts


def test_clauses_are_data() -> None:
    """The trees can be written down and read back: what the next readings need."""
    for clause in CLAUSES:
        assert msgspec.json.decode(msgspec.json.encode(clause.when), type=Expr) == clause.when  # type: ignore[arg-type]


def test_paths_of_values_are_facts() -> None:
    assert all(type_at(n.path) for _, tree in ALL_TREES for n in walk(tree) if isinstance(n, Val))
