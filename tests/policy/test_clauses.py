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
from liuhen.policy.facts.claim import AnswerKind, ReasonCode, Ruling
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.promises import Promises
from liuhen.policy.facts.redemption import UsedBy, UseState
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact, Source, Standing, alleged, established
from liuhen.policy.rulebook import REQUIRED
from tests.policy.world import (
    BOOK,
    DAY,
    HOUR,
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
    *((str(name), tree) for name, tree in (*follow.WHEN_GIVEN_BACK, *follow.ALWAYS, *follow.CLAIMS)),
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


UNWANTED = ReasonCode.CHANGE_OF_MIND
SHORT = replace(
    with_defect(
        used(revealed(ReasonCode.INCORRECT_AMOUNT), UsedBy.BUYER_SIDE, 20),
        "incorrect_amount",
        established(True, Source.ISSUER),
    ),
)
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
