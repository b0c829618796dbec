"""The theorems about two cases that differ in one thing: terms, promises, the moment of the claim, a standing."""

from collections.abc import Callable, Iterator

from liuhen.policy.expr import Stands, paths
from liuhen.policy.facts.claim import AnswerKind, ReasonCode, Remedy, Ruling
from liuhen.policy.facts.schema import schema
from liuhen.policy.facts.standing import Standing
from liuhen.policy.proof.ask import Asked, Cases, Check, Theorem, less
from liuhen.policy.proof.copy import Copy, Said, is_one, silent, variable, word
from liuhen.policy.proof.decided import Decided, Reader
from liuhen.policy.proof.logic import Bool, compare, every, implies, negation, same, some
from liuhen.policy.proof.serves import SERVES, Serves
from liuhen.policy.proof.system import Case, Question, System

NO_REASON = (ReasonCode.CHANGE_OF_MIND, ReasonCode.WRONG_PURCHASE)
TERMS = (
    "terms.window_seconds",
    "terms.window_shown",
    "terms.exclusion.stated",
    "terms.exclusion.shown",
    "terms.exclusion.confirmed_at",
    "terms.exclusion.preticked",
)
PROMISES = ("promises.sealed_window_seconds", "promises.revealed_window_seconds", "promises.advance_payment")
STEPS = (
    (Standing.UNKNOWN, Standing.ALLEGED),
    (Standing.ALLEGED, Standing.ESTABLISHED),
    (Standing.ALLEGED, Standing.WITHHELD),
)
Worse = Callable[[Decided, Decided], bool]


def waiting(system: System) -> Iterator[Asked]:
    """(c) Two cases that differ in nothing but the moment of the claim, after delivery, without a reason."""
    question, early, late = _two(system, ("claim.requested_at",))
    delivered = early.copy.plain("delivery.delivered_at")
    first, second = (case.copy.plain("claim.requested_at").value for case in (early, late))
    given = (
        _reason(early, NO_REASON),
        negation(_ruled(early)),
        negation(is_one(early.copy.plain("claim.seller.kind").value, (AnswerKind.AGREED,))),
        delivered.given,
        compare(delivered.value, "<=", first),
        compare(first, "<=", second),
    )
    yield Asked(
        question,
        [
            _check(
                Theorem.WAITING, "the lower end never rises", (*given, compare(late.low, ">", early.low)), _low_rises
            ),
            _check(
                Theorem.WAITING, "the upper end never rises", (*given, compare(late.high, ">", early.high)), _high_rises
            ),
        ],
    )


def terms_are_nothing(system: System) -> Iterator[Asked]:
    """(b) Where something is wrong no term counts at all; without a reason only an exclusion that truly binds."""
    question, first, second = _two(system, TERMS)
    other = some((negation(same(first.low, second.low)), negation(same(first.high, second.high))))
    yield Asked(
        question,
        [
            _check(
                Theorem.RIGHTS,
                "with any reason but a change of mind, no term of the seller changes the amount",
                (negation(_reason(first, NO_REASON)), other),
                _differ,
            ),
            _check(
                Theorem.RIGHTS,
                "a time limit, or an exclusion that was not shown, confirmed and left unticked, changes nothing",
                (negation(_binds(first)), negation(_binds(second)), other),
                _differ,
            ),
        ],
    )


def promises_add(system: System) -> Iterator[Asked]:
    """(b) A longer or an added promise never lowers an end of the amount."""
    question, bare, rich = _two(system, PROMISES)
    more: list[Bool] = [negation(_own_choice(bare))]
    for path in PROMISES:
        old, new = bare.copy.plain(path), rich.copy.plain(path)
        if path.endswith("_seconds"):
            more.append(implies(old.given, every((new.given, compare(new.value, ">=", old.value)))))
        else:
            more.append(implies(old.value, new.value))
    yield Asked(
        question,
        [
            _check(
                Theorem.RIGHTS,
                "a promise never lowers the lower end",
                (*more, compare(rich.low, "<", bare.low)),
                _low_falls,
            ),
            _check(
                Theorem.RIGHTS,
                "a promise never lowers the upper end",
                (*more, compare(rich.high, "<", bare.high)),
                _high_falls,
            ),
        ],
    )


def evidence(system: System) -> Iterator[Asked]:
    """(d) One fact moves up its order, its value and its source the same; all else is equal."""
    base = Question(system)
    base.case(Copy(""))
    looked_at = frozenset(path.removesuffix(".value") for path in _paths(system))
    for path, serves in SERVES.items():
        if path in looked_at:  # else no clause and no amount looks at it, and nothing can change
            yield _fact_moves(base, path, serves)


def _fact_moves(base: Question, path: str, serves: Serves) -> Asked:
    field = schema()[path]
    said = variable(path, field)
    assert isinstance(said, Said), path
    question = Question(base.system, base=base)
    ladder = {Standing.UNKNOWN: silent(field, said)}
    for standing in (Standing.ALLEGED, Standing.ESTABLISHED, Standing.WITHHELD):
        ladder[standing] = Said(True, said.value, said.source, word(standing))
    cases = {standing: question.case(Copy("", (path,), {path: made})) for standing, made in ladder.items()}
    checks: list[Check] = []
    plain = next(iter(cases.values()))
    alone = negation(plain.copy.plain("claim.wants_human").value)  # a person who is called may go beyond the rules
    quiet = every((negation(_ruled(plain)), negation(_own_choice(plain))))
    for before, after in STEPS:
        first, second = cases[before], cases[after]
        name = f"{path} from {before} to {after}"
        buyer, seller = (second.formula.truth(tree).yes for tree in (serves.buyer, serves.seller))
        checks += [
            _check(Theorem.EVIDENCE, f"{name} does not lower what is certain for the buyer, whom it serves",
                   (quiet, buyer, compare(second.firm, "<", first.firm)), _firm_falls, (first, second)),
            _check(Theorem.EVIDENCE, f"{name} does not raise what the seller may have to give, whom it serves",
                   (quiet, alone, seller, compare(second.high, ">", first.high)), _high_rises, (first, second)),
        ]  # fmt: skip
    return Asked(question, [check for check in checks if check.formula is not False])


def _two(system: System, own: tuple[str, ...]) -> tuple[Question, Case, Case]:
    question = Question(system)
    return question, question.case(Copy(" (1)", own)), question.case(Copy(" (2)", own))


def _check(theorem: Theorem, name: str, parts: tuple[Bool, ...], worse: Worse, cases: tuple[Case, ...] = ()) -> Check:
    def wrong(reader: Reader, facts: Cases) -> bool:
        return worse(reader.decided(facts[0]), reader.decided(facts[1]))

    return Check(theorem, name, every(parts), wrong, cases=cases)


def _reason(case: Case, reasons: tuple[ReasonCode, ...]) -> Bool:
    return is_one(case.copy.plain("claim.reason").value, reasons)


def _own_choice(case: Case) -> Bool:
    """The buyer himself has chosen something else than his money back (民法典 582)."""
    given, value = case.copy.plain("claim.wants")
    return every((given, negation(is_one(value, (Remedy.REFUND,)))))


def _ruled(case: Case) -> Bool:
    """A reviewer has decided: what then goes back is what he said."""
    return case.formula.truth(Stands("claim.ruling", tuple(Ruling))).yes


def _binds(case: Case) -> Bool:
    """The exclusion became part of the contract (消法 25(2), 消法实施条例 19(2))."""
    plain = case.copy.plain
    return every(
        (
            plain("terms.exclusion.stated").value,
            plain("terms.exclusion.shown").value,
            plain("terms.exclusion.confirmed_at").given,
            negation(plain("terms.exclusion.preticked").value),
        )
    )


def _paths(system: System) -> frozenset[str]:
    trees = [clause.when for clause in system.clauses]
    terms = [term for pair in system.formulas.values() for term in pair]
    return frozenset(path for tree in [*trees, *terms] for path in paths(tree))


def _differ(first: Decided, second: Decided) -> bool:
    return (first.low, first.high) != (second.low, second.high)


def _low_falls(first: Decided, second: Decided) -> bool:
    return less(second.low, first.low)


def _low_rises(first: Decided, second: Decided) -> bool:
    return less(first.low, second.low)


def _high_falls(first: Decided, second: Decided) -> bool:
    return less(second.high, first.high)


def _high_rises(first: Decided, second: Decided) -> bool:
    return less(first.high, second.high)


def _firm_falls(first: Decided, second: Decided) -> bool:
    return less(second.firm, first.firm)
