"""Every small way to get the law of the house wrong: one change in one clause, formula or place in the order.

A clause is data, so a mutant is another tree. Each is named, so that a survivor can be given a reason.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec
from msgspec.structs import replace

from liuhen.policy.clauses import follow
from liuhen.policy.clauses.amounts import FORMULAS
from liuhen.policy.clauses.clause import Amount, Clause, Effect
from liuhen.policy.clauses.registry import CLAUSES, PRECEDENCE
from liuhen.policy.clauses.steps import NO_STEP, PAY
from liuhen.policy.decision import Decider, Outcome, StepKind
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
    Plus,
    Ref,
    Says,
    Share,
    Shown,
    Stands,
    Term,
    Times,
)
from liuhen.policy.facts.standing import Side

TRUE, FALSE = And(()), Or(())
_OTHER_END = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


FOLLOW: tuple[tuple[str, Expr], ...] = (
    *follow.REMEDIES,
    *follow.WHEN_GIVEN_BACK,
    *follow.ALWAYS,
    *((name, when) for name, when, _ in follow.CLAIMS),
)


class Mutant(msgspec.Struct, frozen=True, kw_only=True):
    """A wrong law of the house: one thing is another, the rest stands. name: stable as long as the clause is."""

    name: str
    clause: Clause | None = None  # instead of the clause of that id
    amount: Amount | None = None  # whose formula is `ends`
    ends: tuple[Term, Term] | None = None
    swapped: int | None = None  # this place in the order and the next
    follow: int | None = None  # this place in FOLLOW has the tree `tree`
    tree: Expr | None = None
    claim: str | None = None  # whose sum is `term`
    term: Term | None = None


def mutants() -> Iterator[Mutant]:
    """All of them: clause by clause, what follows besides, formulas, then the order."""
    for clause in CLAUSES:
        for what, when in _changed(clause.when):
            yield Mutant(name=f"{clause.id}: {what}", clause=replace(clause, when=when))
        if clause.effect is not None:
            for what, effect in _effect(clause.effect):
                yield Mutant(name=f"{clause.id}: {what}", clause=replace(clause, effect=effect))
    for place, (follows, tree) in enumerate(FOLLOW):
        for what, changed in _changed(tree):
            yield Mutant(name=f"{follows} follows: {what}", follow=place, tree=changed)
    for claim, _, term in follow.CLAIMS:
        for what, changed in _changed(term) if term is not None else ():
            yield Mutant(name=f"sum of {claim}: {what}", claim=claim, term=changed)
    for amount, (low, high) in FORMULAS.items():
        for what, changed in _changed(low):
            ends = (changed, changed if low == high else high)
            yield Mutant(name=f"formula {amount}: {what}", amount=amount, ends=ends)
        for what, changed in _changed(high) if low != high else ():
            yield Mutant(name=f"formula {amount}, upper end: {what}", amount=amount, ends=(low, changed))
    for place, (first, second) in enumerate(pairwise(PRECEDENCE)):
        yield Mutant(name=f"order: {second} before {first}", swapped=place)


def _effect(effect: Effect) -> Iterator[tuple[str, Effect]]:
    wrong = Amount.ALL if effect.amount is not Amount.ALL else Amount.NOTHING
    yield f"amount {wrong.value}", replace(effect, amount=wrong)
    liable = Side.BUYER if effect.liable is not Side.BUYER else Side.SELLER
    yield f"liable {liable.value}", replace(effect, liable=liable)
    payer = Side.PLATFORM if effect.payer is not Side.PLATFORM else Side.SELLER
    yield f"payer {payer.value}", replace(effect, payer=payer)
    by = Decider.HUMAN if effect.decided_by is not Decider.HUMAN else Decider.MACHINE
    yield f"decided by {by.value}", replace(effect, decided_by=by)
    outcome = Outcome.NONE if effect.outcome is not Outcome.NONE else Outcome.FULL
    yield f"outcome {outcome.value}", replace(effect, outcome=outcome)
    step = PAY if effect.step.kind is not StepKind.PAY else NO_STEP
    yield f"step {step.kind.value}", replace(effect, step=step)
    for remedy in effect.remedies:
        left = tuple(one for one in effect.remedies if one is not remedy)
        yield f"without remedy {remedy.value}", replace(effect, remedies=left)


def _changed(node: Any) -> Iterator[tuple[str, Any]]:
    """The node itself changed, then each node below it."""
    yield from _here(node)
    for name, below in _below(node):
        if isinstance(below, tuple):
            for i, part in enumerate(below):
                for what, changed in _changed(part):
                    yield f"{i}.{what}", replace(node, **{name: (*below[:i], changed, *below[i + 1 :])})
        else:
            for what, changed in _changed(below):
                yield f"{name}.{what}", replace(node, **{name: changed})


def _below(node: Any) -> Iterator[tuple[str, Any]]:
    match node:
        case And() | Or():
            yield "parts", node.parts
        case Least() | Most():
            yield "terms", node.terms
        case Not() | Shown():
            yield "part", node.part
        case Plus() | Minus() | Times() | Compare():
            yield "left", node.left
            yield "right", node.right
        case Share():
            yield "of", node.of
            yield "part", node.part
            yield "whole", node.whole
        case Choose():
            yield "test", node.test
            yield "then", node.then
            yield "otherwise", node.otherwise


def _here(node: Any) -> Iterator[tuple[str, Any]]:
    match node:
        case And(parts) | Or(parts):
            other = Or if isinstance(node, And) else And
            if len(parts) > 1:
                yield "and and or swapped", other(parts)
            for i in range(len(parts)):
                if len(parts) > 1:
                    yield f"without part {i}", replace(node, parts=(*parts[:i], *parts[i + 1 :]))
            if not parts:
                yield "and and or swapped", other(parts)
        case Not(part):
            yield "no longer denied", part
        case Shown(part):
            yield "no longer to be shown", part
        case Compare(_, op, _) if op in _OTHER_END:
            yield f"{op} read as {_OTHER_END[op]}", replace(node, op=_OTHER_END[op])
            yield f"{op} read as {_OPPOSITE[op]}", replace(node, op=_OPPOSITE[op])
        case In(_, values) | Stands(_, values) | Says(_, values) if len(values) > 1:
            for i, value in enumerate(values):
                yield f"without {value}", replace(node, values=(*values[:i], *values[i + 1 :]))
        case In() | Stands() | Given() | Ref() | By() | Says():
            yield f"{_name(node)} taken for granted", TRUE
            yield f"{_name(node)} never", FALSE
        case Plus(left, _):
            yield "plus nothing", left
        case Minus(left, right):
            yield "minus nothing", left
            yield "minus read as plus", Plus(left, right)
        case Least(terms):
            yield "least read as most", Most(terms)
        case Most(terms):
            yield "most read as least", Least(terms)
        case Share(of, _, _):
            yield "all of it", of
        case Choose(_, then, otherwise):
            yield "always then", then
            yield "always otherwise", otherwise
        case Const(value) if isinstance(value, int) and not isinstance(value, bool):
            yield f"{value + 1} for {value}", Const(value + 1)


def _name(node: Any) -> str:
    return node.clause if isinstance(node, Ref) else node.path
