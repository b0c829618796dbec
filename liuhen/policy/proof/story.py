"""A counterexample in words: what is not as in the plainest case, what differs between two, and what was decided."""

from collections.abc import Iterator

from liuhen.money.amount import show
from liuhen.policy import explain
from liuhen.policy.clauses.registry import BY_ID
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.proof.decided import Decided
from liuhen.policy.proof.prove import Witness
from liuhen.policy.proof.witness import differences


def story(witness: Witness, used: tuple[str, ...]) -> list[str]:
    """Lines to read, in English. used: the rulebook values that the rules look at; the others say nothing."""
    seen = [dict(differences(facts)) for facts in witness.cases]
    common = {path: text for path, text in seen[0].items() if all(one.get(path) == text for one in seen)}
    lines = ["a sealed key, 98.00 yuan, bought two hours ago, delivered an hour ago; and:"]
    lines += [f"  {path} = {text}" for path, text in common.items()] or ["  nothing more"]
    for number, (facts, differs, decided) in enumerate(zip(witness.cases, seen, witness.decided, strict=True), start=1):
        if len(witness.cases) > 1:
            own = {path: text for path, text in differs.items() if path not in common}
            lines.append(f"  case {number}: " + (", ".join(f"{p} = {t}" for p, t in own.items()) or "as it stands"))
        lines += [f"  -> {line}" for line in _decision(facts, decided, witness.values)]
    values = ", ".join(f"{name} {witness.values[name]}" for name in used)
    lines.append(f"  rulebook: {values}")
    lines.append(
        "  Python decides the same." if witness.confirmed else "  PYTHON DECIDES OTHERWISE: the proof is wrong."
    )
    return lines


def _decision(facts: RefundFacts, decided: Decided, values: dict[str, int]) -> Iterator[str]:
    if decided.ground is None or decided.effect is None:
        yield "no clause decides"
        return
    effect = decided.effect
    low, high = (show(end) if end is not None else "not known" for end in (decided.low, decided.high))
    money = low if low == high else f"{low} to {high}"
    yield f"{decided.ground}: {effect.outcome}, {money}, by {effect.decided_by}, next {effect.step.kind}"
    if decided.ground in BY_ID:
        yield explain.title(decided.ground, "en", values)
