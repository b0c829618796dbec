"""The reading that back-tests against the one that decides: the same marks, ground, outcome and money on any facts."""

from collections.abc import Iterable, Sequence
from functools import cache
from tempfile import NamedTemporaryFile
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from msgspec.structs import replace

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import MAX_FEN
from liuhen.policy.clauses.amounts import CAPTURED
from liuhen.policy.clauses.registry import CLAUSES, PRECEDENCE
from liuhen.policy.columns import Columns, Text
from liuhen.policy.engine import judge
from liuhen.policy.expr import (
    And,
    By,
    Choose,
    Compare,
    Const,
    Expr,
    Given,
    In,
    Least,
    Minus,
    Most,
    Not,
    Or,
    Param,
    Plus,
    Says,
    Share,
    Shown,
    Stands,
    Term,
    Times,
    Val,
)
from liuhen.policy.facts.check import checked
from liuhen.policy.facts.codes import columns, facts_of, row_of, states
from liuhen.policy.facts.redemption import UseState
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import schema
from liuhen.policy.facts.standing import Source, established
from liuhen.policy.python_reading import range_reading, reading
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.verdict_columns import GROUNDS, judged, outcome_of
from liuhen.reads.synthetic import ODD, synthetic
from tests.policy.any_facts import any_facts
from tests.policy.test_clauses import DECIDES
from tests.policy.world import BOOK, book_with

OTHER = book_with(
    instant_window=30 * 86_400,
    seller_answer=7 * 86_400,
    grace_by_hand=0,
    no_reason_window=20 * 86_400,
    sealed_unconfirmed_refund=0,
    buyer_evidence=86_400,
    minor_used_floor=700,
    rest_worthless=250,
)


@cache
def drawn() -> tuple[RefundFacts, ...]:
    """The same 700 of any facts, every time."""
    found: list[RefundFacts] = []

    @seed(20261122)
    @settings(
        max_examples=700, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(any_facts())
    def collect(facts: RefundFacts) -> None:
        found.append(facts)

    collect()
    return tuple(found)


@cache
def invented() -> tuple[RefundFacts, ...]:
    """The same 2,400 invented cases, every time, as the calculator makes them."""
    with duckdb.connect() as calc:
        calc.execute("CREATE TABLE rounds AS SELECT range AS k FROM range(300)")
        names = ", ".join(f'"{column.name}"' for column in columns())
        rows = calc.execute(f'SELECT {names} FROM ({synthetic("rounds", 7)}) ORDER BY "case"').fetchall()
    return tuple(facts_of(row) for row in rows)


def asked(
    cases: Sequence[RefundFacts], layers: Iterable[Sequence[tuple[str, str]]], wanted: Sequence[str]
) -> list[tuple[Any, ...]]:
    """What the calculator says of each case, in order."""
    kinds = {"n": "INTEGER", **{column.name: column.type for column in columns()}}
    listed = ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items())
    with duckdb.connect() as calc, NamedTemporaryFile("w", suffix=".csv") as rows:
        rows.writelines(f"{n},{','.join(str(int(cell)) for cell in row_of(facts))}\n" for n, facts in enumerate(cases))
        rows.flush()
        calc.execute(
            f"CREATE TABLE facts AS SELECT * FROM read_csv('{rows.name}', header = false, auto_detect = false,"
            f" columns = {{{listed}}})"
        )
        source = "facts"
        for layer in layers:
            source = f"(SELECT *, {', '.join(f'{sql} AS {name}' for name, sql in layer)} FROM {source})"
        return calc.execute(f"SELECT {', '.join(wanted)} FROM {source} ORDER BY n").fetchall()


def examples() -> tuple[RefundFacts, ...]:
    """One case for each clause that can decide."""
    return tuple(DECIDES.values())


@pytest.mark.parametrize("cases", [drawn, invented, examples], ids=["any facts", "invented cases", "each clause"])
def test_calculator_and_engine_agree_on_everything(cases: Any) -> None:
    """All marks, the ground, the outcome and both ends of the money, under two versions worked out side by side."""
    facts, books = cases(), (BOOK, OTHER)
    made = judged([book.values for book in books], marks=True)
    wanted = [name for v in made.versions for name in (v.ground, v.paid, v.low, v.high, *v.marks.values())]
    width = 4 + len(CLAUSES)
    for case, row in zip(facts, asked(facts, made.layers, wanted), strict=True):
        for book, said in zip(books, (row[:width], row[width:]), strict=True):
            verdict = judge(case, book)
            found = (GROUNDS[said[0]], outcome_of(said[0], said[1]), said[2], said[3])
            assert found == (verdict.ground.id, verdict.outcome, verdict.low, verdict.high)
            assert said[4:] == verdict.marks, [
                clause.id for clause, a, b in zip(CLAUSES, said[4:], verdict.marks, strict=True) if a is not b
            ]


def test_the_invented_cases_reach_nearly_every_ground() -> None:
    reached = {judge(facts, book).ground.id for facts in invented() for book in (BOOK, OTHER)}
    assert len(reached) >= len(PRECEDENCE) * 3 // 4, sorted(set(PRECEDENCE) - reached)


def test_marks_are_the_same_when_one_version_is_asked_alone() -> None:
    """What is only worked out where a mark differs is what is worked out at once."""
    facts = invented()[:400]
    alone = judged([OTHER.values]).versions[0]
    beside = judged([BOOK.values, OTHER.values]).versions[1]
    rows = asked(facts, judged([OTHER.values]).layers, [alone.ground, alone.paid, alone.low, alone.high])
    assert rows == asked(
        facts, judged([BOOK.values, OTHER.values]).layers, [beside.ground, beside.paid, beside.low, beside.high]
    )


def test_two_equal_versions_share_every_column() -> None:
    one, two = judged([BOOK.values]), judged([BOOK.values, BOOK.values])
    assert two.layers == one.layers
    assert two.versions[0] == two.versions[1]


NODES: list[Expr] = [
    *(Compare(Val("claim.asked_fen"), op, Val("goods.face_value_fen")) for op in ("<", "<=", ">", ">=", "==")),
    Compare(Val("now"), ">", Plus(Val("delivery.needed_by"), Val("terms.window_seconds"))),
    Compare(Val("defects.actual_value_fen.value"), ">=", Val("defects.actual_value_fen")),
    Compare(Val("order.units_in_order"), ">", Const(2)),
    Compare(Val("measure.had"), "<", Param("rest_worthless")),
    In("claim.wants", ("refund", "difference")),
    In("goods.sealed_delivery", (False,)),
    In("goods.sealed_delivery", (True, False)),
    In("order.units_in_order", (1, 3)),
    In("measure.total", (3, 5)),
    In("redemption.use.value", (UseState.USED_UP,)),
    Given("claim.wants"),
    Given("now"),
    Given("redemption.use.value"),
    Given("delivery.needed_by.value"),
    Stands("redemption.use", (UseState.UNUSED,)),
    Stands("redemption.use", (UseState.UNUSED, UseState.PARTLY_USED)),
    Stands("defects.fraud", (False,)),
    Stands("defects.fraud", (True, False)),
    Says("defects.fraud", (False,)),
    Says("redemption.used_by", ("other",)),
    By("parties.buyer_age", (Source.STAFF, Source.ISSUER)),
    And(()),
    Or(()),
    And((Stands("defects.fraud", (True,)), Given("claim.wants"), Stands("history.settled", (True,)))),
    Or((Stands("defects.fraud", (True,)), Given("claim.wants"), Stands("history.settled", (True,)))),
    Not(Or((Stands("defects.fraud", (True,)), Shown(Stands("history.settled", (False,)))))),
    Shown(Not(In("claim.wants", ("refund",)))),
]


def marks_of(trees: Sequence[Expr], cases: Sequence[RefundFacts], book: Rulebook) -> list[tuple[Any, ...]]:
    clauses = {f"t{n}": tree for n, tree in enumerate(trees)}
    into = Columns((), clauses)
    reader = into.reader(book.values)
    names = [into.keep(reader.mark(name)).sql for name in clauses]
    return asked(cases, into.layers, names)


def test_every_node_means_the_same_in_both_readings() -> None:
    cases = drawn()[:300]
    runs = [reading(tree, BOOK.values) for tree in NODES]
    for facts, row in zip(cases, marks_of(NODES, cases, BOOK), strict=True):
        assert list(row) == [run(facts, {}) for run in runs]


_FACE, _ASKED, _OLD = Val("goods.face_value_fen"), Val("claim.asked_fen"), Val("order.list_price_fen")
TERMS: list[Term] = [
    Share(_ASKED, _OLD, _FACE),
    Share(Minus(_ASKED, _OLD), _FACE, _OLD),
    Share(_ASKED, Param("minor_used_floor"), Const(1000)),
    Least((_ASKED, _FACE, Const(5000))),
    Most((Minus(_ASKED, _FACE), Const(0))),
    Times(Val("measure.had"), _FACE),
    Choose(Given("claim.asked_fen"), Share(_ASKED, _FACE, _OLD), Val("capacity.captured_fen")),
    Choose(Stands("defects.fraud", (True,)), _ASKED, Plus(_FACE, Const(1))),
]


def numbers_of(terms: Sequence[Term], cases: Sequence[RefundFacts]) -> list[tuple[Any, ...]]:
    into = Columns(terms, {})
    reader = into.reader(BOOK.values)
    kept: list[Text] = [into.keep(reader.number(term)) for term in terms]
    return asked(cases, into.layers, [text.sql for text in kept])


def test_every_term_comes_to_the_same_fen() -> None:
    cases = drawn()
    runs = [range_reading(term, term, BOOK.values) for term in TERMS]
    for facts, row in zip(cases, numbers_of(TERMS, cases), strict=True):
        assert list(row) == [run(facts)[0] for run in runs]


def test_money_is_exact_up_to_the_largest_amount() -> None:
    """Products of two largest amounts leave 63 bits; the calculator carries them exactly or would refuse."""
    cases = [
        replace(
            facts,
            goods=replace(facts.goods, face_value_fen=face),
            claim=replace(facts.claim, asked_fen=asked_fen),
            order=replace(facts.order, list_price_fen=MAX_FEN - 1),
            measure=replace(facts.measure, total=1_000_000, had=established(had, Source.STAFF)),
            capacity=replace(facts.capacity, captured_fen=MAX_FEN),
        )
        for facts in drawn()[:3]
        for face in (MAX_FEN, MAX_FEN - 7, 3, 0)
        for asked_fen in (MAX_FEN, MAX_FEN // 3, 1, 0)
        for had in (0, 333_333, 1_000_000)
    ]
    terms = [*TERMS, Share(CAPTURED, Minus(Val("measure.total"), Val("measure.had")), Val("measure.total"))]
    runs = [range_reading(term, term, BOOK.values) for term in terms]
    for facts, row in zip(cases, numbers_of(terms, cases), strict=True):
        assert list(row) == [run(facts)[0] for run in runs]


def test_a_row_is_a_case_and_back() -> None:
    for facts in (*drawn(), *invented()):
        assert facts_of(row_of(facts)) == facts


def test_what_a_cell_cannot_hold_is_refused() -> None:
    row = list(row_of(invented()[0]))
    place = [column.name for column in columns()].index("goods.kind")
    with pytest.raises(InvalidInput):
        facts_of([*row[:place], 99, *row[place + 1 :]])
    with pytest.raises(InvalidInput):
        facts_of(row[:-1])


def test_settled_values_lie_side_by_side() -> None:
    """What stands as yes is one range of numbers, and so is what stands as no: two comparisons, not six."""
    for path, field in schema().items():
        if field.disputed and field.type is bool:
            marks = [reading(Stands(path, (True,)))(_with(path, n), {}) for n in range(len(states(path)))]
            assert marks == sorted(marks, key=lambda mark: (mark is not None, mark))


def _with(path: str, state: int) -> RefundFacts:
    row = list(row_of(invented()[0]))
    row[[column.name for column in columns()].index(path)] = state
    return facts_of(row)


def test_usual_cases_can_be_true_together() -> None:
    """Seven of eight could have come from a case file; the eighth is odd through and through."""
    for place, facts in enumerate(invented()):
        if place % ODD != ODD - 1:
            checked(facts)
