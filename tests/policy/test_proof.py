"""The shipped rules are proven; and twelve ways to break them, each caught by the theorem that should catch it.

Every counterexample is confirmed by the Python reading, the one that decides.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from liuhen.edge.boot import load_rulebooks
from liuhen.edge.cli.main import main
from liuhen.edge.cli.rulebook_check import answered
from liuhen.policy.clauses.amounts import CAPTURED, FORMULAS
from liuhen.policy.clauses.clause import Amount, Clause
from liuhen.policy.clauses.make import after, every, flag, no, some, within
from liuhen.policy.clauses.registry import BY_ID, CLAUSES, PRECEDENCE
from liuhen.policy.expr import And, Expr, Given, Param, Ref, Says, Shown, Val, params
from liuhen.policy.facts.schema import schema
from liuhen.policy.proof.ask import Theorem
from liuhen.policy.proof.copy import Copy
from liuhen.policy.proof.logic import Solver
from liuhen.policy.proof.pairs import PROMISES, TERMS
from liuhen.policy.proof.prove import Finding, State, prove
from liuhen.policy.proof.rights import RIGHTS
from liuhen.policy.proof.serves import NEVER, SERVES
from liuhen.policy.proof.story import story
from liuhen.policy.proof.system import Question, System, shipped, within_limits
from liuhen.policy.rulebook import REQUIRED
from tests.policy.world import BOOK

BOOKS = {book.version: book for book in load_rulebooks()}


def told(finding: Finding, system: System) -> str:
    lines = story(finding.witness, system.names) if finding.witness else []
    return "\n".join([f"({finding.theorem}) {finding.state}: {finding.name}", *lines])


def proven(system: System, theorem: Theorem) -> None:
    bad = [one for one in prove(system, theorem) if one.state is not State.PROVEN]
    assert not bad, "\n".join(told(one, system) for one in bad)


@pytest.mark.parametrize("theorem", Theorem)
def test_the_clauses_are_proven_for_every_rulebook(theorem: Theorem) -> None:
    proven(shipped(None), theorem)


@pytest.mark.parametrize("version", BOOKS)
def test_a_shipped_rulebook_is_one_of_them_and_leaves_no_clause_dead(version: str) -> None:
    assert within_limits(shipped(BOOKS[version]))
    proven(shipped(BOOKS[version]), Theorem.ALIVE)


def test_what_is_assumed_can_be() -> None:
    """From a contradiction everything follows: the axioms alone must have a solution."""
    question = Question(shipped(None))
    for name in ("#1", "#2"):
        question.case(Copy(name, TERMS))
    assert Solver(question.axioms(), 20_000).check() == "sat"


def test_every_right_can_arise() -> None:
    """A right that no case has proves nothing."""
    question = Question(shipped(None))
    case = question.case(Copy(""))
    held = [case.formula.truth(right.when).yes for right in RIGHTS]
    due = [case.formula.number(right.due) for right in RIGHTS]
    solver = Solver(question.axioms(), 20_000)
    for right, holds, fen in zip(RIGHTS, held, due, strict=True):
        solver.push()
        solver.add([holds, fen.known])
        assert solver.check() == "sat", right.name
        solver.pop()


def test_whom_a_fact_serves_is_said_of_every_disputed_fact() -> None:
    assert SERVES.keys() == {path for path, field in schema().items() if field.disputed}
    for path, serves in SERVES.items():
        assert serves.why, path
        if schema()[path].type is bool:  # what a yes does for one side, a no does for the other
            assert (serves.buyer == NEVER) == (serves.seller == NEVER), path


def test_the_seller_s_own_values_are_all_varied() -> None:
    """A new term or promise must be looked at by the proof."""
    own = [path for path, field in schema().items() if path.startswith(("terms.", "promises.")) and not field.disputed]
    assert sorted(own) == sorted((*TERMS, *PROMISES))


def test_only_two_settings_of_the_rulebook_may_narrow_a_right() -> None:
    from_rights = {name for right in RIGHTS for name in params(right.when)}
    assert from_rights <= {"sealed_unconfirmed_refund", "revealed_voidable_asks_seller"}
    assert from_rights <= REQUIRED.keys()


def but(*changed: Clause, precedence: tuple[str, ...] = PRECEDENCE, **more: Any) -> System:
    """The shipped system with some clauses in another wording."""
    by_id = {clause.id: clause for clause in changed}
    clauses = tuple(by_id.get(clause.id, clause) for clause in CLAUSES)
    return System(more.pop("values", BOOK.values), clauses, precedence, **more)


def reworded(name: str, when: Expr) -> Clause:
    return replace(BY_ID[name], when=when)


def also(name: str, part: Expr) -> Clause:
    """The clause with one more condition."""
    return reworded(name, every(BY_ID[name].when, part))


def without(name: str, part: Expr) -> Clause:
    """The clause with one condition less."""
    when = BY_ID[name].when
    assert isinstance(when, And)
    assert part in when.parts, f"{name} has no longer that part"
    return reworded(name, And(tuple(one for one in when.parts if one != part)))


def moved(name: str, before: str) -> tuple[str, ...]:
    rest = [one for one in PRECEDENCE if one != name]
    rest.insert(rest.index(before), name)
    return tuple(rest)


def effect(name: str, **changed: Any) -> Clause:
    old = BY_ID[name].effect
    assert old is not None
    return replace(BY_ID[name], effect=replace(old, **changed))


def _instead(node: Any, old: Any, new: Any) -> Any:
    """A tree with one node in the place of another."""
    if node == old:
        return new
    if isinstance(node, tuple):
        return tuple(_instead(one, old, new) for one in node)
    if hasattr(node, "__struct_fields__"):
        return replace(node, **{name: _instead(getattr(node, name), old, new) for name in node.__struct_fields__})
    return node


_LAST = PRECEDENCE[-1]
_SEVEN = BY_ID["no_reason.seven_days"].when
_IN_TIME = within("delivery.delivered_at", Param("no_reason_window"))
_FORMULAS: Mapping[Amount, Any] = {**FORMULAS, Amount.ALL: (CAPTURED, CAPTURED)}
_PROMISE = "promises.sealed_window_seconds"

BROKEN: dict[str, tuple[System, Theorem]] = {
    "the last clause, which is always met, is dropped": (but(precedence=PRECEDENCE[:-1]), Theorem.ONE),
    "a missing value is paid that nobody knows": (
        but(reworded("defect.short_value_used", Ref("delivery.done"))),
        Theorem.ONE,
    ),
    "a clock starts at a moment that may not have been": (
        but(effect("defect.open", step=replace(BY_ID["defect.open"].effect.step, starts=("claim.seller.asked_at",)))),  # type: ignore[union-attr]
        Theorem.ONE,
    ),
    "a defect counts only within the seller's own time limit": (
        but(also("defect.by_record", no(Shown(BY_ID["terms.window_over"].when)))),
        Theorem.RIGHTS,
    ),
    "a rulebook gives one day instead of seven": (
        but(values={**BOOK.values, "no_reason_window": 86_400, "instant_window": 86_400}),
        Theorem.RIGHTS,
    ),
    "an exclusion binds although it was ticked beforehand": (
        but(without("terms.exclusion_binds", no(flag("terms.exclusion.preticked")))),
        Theorem.RIGHTS,
    ),
    "an exclusion stands before late delivery": (
        but(
            reworded("no_reason.excluded", BY_ID["terms.exclusion_binds"].when),
            precedence=moved("no_reason.excluded", "delivery.late"),
        ),
        Theorem.RIGHTS,
    ),
    "a promise shortens the seven days": (
        but(also("no_reason.seven_days", some(no(Given(_PROMISE)), within("delivery.delivered_at", Val(_PROMISE))))),
        Theorem.RIGHTS,
    ),
    "who waits long enough may return": (
        but(
            reworded(
                "no_reason.seven_days",
                _instead(_SEVEN, _IN_TIME, after(Val("claim.requested_at"), _IN_TIME.right)),
            )
        ),
        Theorem.WAITING,
    ),
    "a defect pays while it is merely said": (
        but(
            reworded(
                "defect.by_record",
                every(
                    Ref("delivery.done"),
                    Says("defects.defective", (True,)),
                    no(Shown(BY_ID["defect.by_record"].when)),
                ),
            )
        ),
        Theorem.EVIDENCE,
    ),
    "what went back before is paid again": (but(formulas=_FORMULAS), Theorem.MONEY),
    "a clause stands behind the one that is always met": (
        but(precedence=moved(_LAST, "no_reason.too_late")),
        Theorem.ALIVE,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_on_purpose_it_is_caught(name: str) -> None:
    system, theorem = BROKEN[name]
    caught = next((one for one in prove(system, theorem) if one.state is State.REFUTED), None)
    assert caught is not None, f"({theorem}) did not catch it"
    if theorem is not Theorem.ALIVE:  # a dead clause has no case: that is what is wrong with it
        assert caught.witness is not None and caught.witness.confirmed, told(caught, system)
        assert len(story(caught.witness, system.names)) > 3


def test_the_command_prints_a_case_to_read_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    broken, theorem = BROKEN["what went back before is paid again"]
    assert answered("broken", broken, (theorem,), as_json=False) == 1
    said = capsys.readouterr().out
    for part in ("(e)", "1 NOT PROVEN", "REFUTED", "capacity.refunded_fen = 3000", "Python decides the same."):
        assert part in said, said
    assert answered("broken", broken, (theorem,), as_json=True) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["theorem"], found["proven"], found["failures"][0]["confirmed"]) == ("e", False, True)


def test_who_has_no_solver_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    for name in [name for name in sys.modules if name.startswith("liuhen.policy.proof") or name.endswith("_check")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "z3", None)
    assert main(["rulebook", "check"]) == 2
    assert f"{sys.executable} -m pip install -r /" in capsys.readouterr().err
