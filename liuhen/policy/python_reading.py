"""The reading that decides: trees become one straight Python function, with the rulebook's values written into it.

A tree is data; interpreting it for every case would cost ten times as much. Repeated parts are worked out once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

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
    Ref,
    Says,
    Share,
    Shown,
    Stands,
    Term,
    Times,
    Truth,
    Val,
    children,
    says,
    settled,
    share,
    stands,
)
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import Field, field_of
from liuhen.policy.facts.standing import Fact

Marks = Mapping[str, Truth]
Named = Iterable[tuple[str, Expr]]


def reading(expr: Expr, values: Mapping[str, int] | None = None) -> Callable[[Any, Marks], Truth]:
    """One tree alone: a function of facts and of the marks of the clauses it refers to. values: the rulebook's."""
    writer = _Writer(values or {}, [expr])
    answer = writer.truth(expr)
    run: Callable[[Any, Marks], Truth] = writer.function(answer)
    return run


def all_readings(trees: Named, more: Named, values: Mapping[str, int]) -> Callable[[RefundFacts], tuple[Truth, ...]]:
    """All trees in order, then `more`, as one function of the facts. A Ref stands for an earlier tree by its name."""
    named, others = list(trees), [expr for _, expr in more]
    writer = _Writer(values, [expr for _, expr in named] + others)
    for name, expr in named:
        writer.remember(name, expr)
    answers = [writer.marks[name] for name, _ in named] + [writer.truth(expr) for expr in others]
    run: Callable[[RefundFacts, Marks], tuple[Truth, ...]] = writer.function(f"({', '.join(answers)},)")
    return lambda facts: run(facts, {})


def range_reading(low: Term, high: Term, values: Mapping[str, int]) -> Callable[[RefundFacts], tuple[Any, Any]]:
    """Two terms (the ends of an amount in fen, say) as one function of the facts."""
    writer = _Writer(values, [low, high])
    run = writer.function(f"({writer.term(low)}, {writer.term(high)})")
    return lambda facts: run(facts, {})


def _said_truth(fact: Fact[bool]) -> Truth:
    return stands(fact, _YES)


_YES = frozenset((True,))


class _Writer:
    """Writes the body of one function. Locals hold facts, repeated parts and the marks of clauses."""

    def __init__(self, values: Mapping[str, int], trees: Iterable[Expr | Term]) -> None:
        self.values = values
        self.lines: list[str] = []
        self.names: dict[Any, str] = {}  # loaded paths and repeated nodes -> local
        self.marks: dict[str, str] = {}  # clause -> local
        self.sure: dict[str, bool] = {}  # clause -> never unknown
        self.world: dict[str, Any] = {
            "says": says, "settled": settled, "stands": stands, "share": share, "truth": _said_truth,
            "timedelta": timedelta,
        }  # fmt: skip
        counts: Counter[Any] = Counter()
        for tree in trees:
            self._count(tree, counts)
        self.repeated = {node for node, n in counts.items() if (n > 1 and children(node)) or (n > 1 and _costs(node))}

    def _count(self, node: Expr | Term, counts: Counter[Any]) -> None:
        counts[node] += 1
        if counts[node] == 1:
            for below in children(node):
                self._count(below, counts)

    def function(self, answer: str) -> Any:
        body = "".join(f"    {line}\n" for line in [*self.lines, f"return {answer}"])
        place: dict[str, Any] = {}
        exec(f"def run(f, m):\n{body}", self.world, place)  # our own text, made from our own trees
        return place["run"]

    def remember(self, name: str, expr: Expr) -> None:
        local = f"c{len(self.marks)}"
        self.lines.append(f"{local} = {self.truth(expr)}")
        self.marks[name] = local
        self.sure[name] = not self.open(expr)

    def truth(self, expr: Expr) -> str:
        """The text that gives the truth value; a repeated part is worked out once, into a local."""
        if expr not in self.repeated:
            return self._truth(expr)
        if expr not in self.names:
            text = self._truth(expr)
            self.names[expr] = self._local(text)
        return self.names[expr]

    def _truth(self, expr: Expr) -> str:
        match expr:
            case Compare(left, op, right):
                return self._compare(left, op, right)
            case In(path, values):
                return self._in(path, frozenset(values))
            case Given(path):
                return f"({self._load(path)} is not None)"
            case Stands(path, values):
                return self._stands(path, frozenset(values))
            case Says(path, values):
                return f"says({self._load(path)}, {self._hold(frozenset(values))})"
            case By(path, sources):
                return f"({self._load(path)}.source in {self._hold(frozenset(sources))})"
            case And(parts):
                return self._joined(parts, decides=False)
            case Or(parts):
                return self._joined(parts, decides=True)
            case Not(part):
                text = self.truth(part)
                if not self.open(part):
                    return f"(not {text})"
                name = self._temporary()
                return f"(None if ({name} := {text}) is None else not {name})"
            case Shown(part):
                text = self.truth(part)
                return f"({text} is True)" if self.open(part) else text
            case Ref(clause):
                return self.marks.get(clause) or f"m[{clause!r}]"

    def open(self, expr: Expr) -> bool:
        """Whether the tree can be "not known"."""
        match expr:
            case Compare(left, _, right):
                return self._may_lack(left) or self._may_lack(right)
            case In(path, _):
                return field_of(path).optional
            case Stands():
                return True
            case And(parts) | Or(parts):
                return any(self.open(part) for part in parts)
            case Not(part):
                return self.open(part)
            case Ref(clause):
                return not self.sure.get(clause, False)
            case _:
                return False

    def _joined(self, parts: tuple[Expr, ...], *, decides: bool) -> str:
        """Kleene's And (decided by a False) and Or (decided by a True); sure parts first, they cost least."""
        word = " or " if decides else " and "
        sure = [self.truth(part) for part in parts if not self.open(part)]
        unsure = [self.truth(part) for part in parts if self.open(part)]
        if not unsure:
            return f"({word.join(sure)})" if sure else str(not decides)
        if len(unsure) == 1:
            return f"({word.join([*sure, unsure[0]])})" if sure else unsure[0]
        names = [self._temporary() for _ in unsure]
        hits = " or ".join(f"({n} := {text}) is {decides}" for n, text in zip(names, unsure, strict=True))
        gaps = " or ".join(f"{n} is None" for n in names)
        joint = f"({decides} if {hits} else None if {gaps} else {not decides})"
        return f"({word.join([*sure, joint])})" if sure else joint

    def _compare(self, left: Term, op: str, right: Term) -> str:
        gaps, first = self._known(left)
        more, second = self._known(right)
        missing = " or ".join(f"{name} is None" for name in dict.fromkeys((*gaps, *more)))
        test = f"{first} {op} {second}"
        return f"(None if {missing} else {test})" if missing else f"({test})"

    def _in(self, path: str, members: frozenset[Any]) -> str:
        name = self._load(path)
        members = frozenset(field_of(path).type(member) for member in members)
        if field_of(path).type is bool:
            text = f"({name} is {next(iter(members))})" if len(members) == 1 else "True"
        elif len(members) == 1:
            text = (
                f"({name} is {self._hold(next(iter(members)))})"
                if _is_word(field_of(path))
                else (f"({name} == {self._hold(next(iter(members)))})")
            )
        else:
            text = f"({name} in {self._hold(members)})"
        return f"(None if {name} is None else {text})" if field_of(path).optional else text

    def _stands(self, path: str, members: frozenset[Any]) -> str:
        name = self._load(path)
        if field_of(path).type is bool and len(members) == 1:
            key = ("truth", path)
            if key not in self.names:
                self.names[key] = self._local(f"None if {name}.value is None else truth({name})")
            known = self.names[key]
            return known if True in members else f"(None if {known} is None else not {known})"
        return f"(None if {name}.value is None else stands({name}, {self._hold(members)}))"

    def term(self, term: Term) -> str:
        """The text that gives the number or time, None when it is not known."""
        gaps, text = self._known(term)
        missing = " or ".join(f"{name} is None" for name in gaps)
        return f"(None if {missing} else {text})" if missing else text

    def _known(self, term: Term) -> tuple[tuple[str, ...], str]:
        """The locals that must not be None, and the text under that condition."""
        match term:
            case Val(path):
                name = self._value(path)
                return ((name,) if self._may_lack(term) else ()), name
            case Const(value):
                return (), repr(value)
            case Param(name):
                return (), str(self.values[name])
            case Plus(left, right) if is_time(left):
                gaps, first = self._known(left)
                more, second = self._known(right)
                step = self._hold(timedelta(seconds=int(second))) if second.isdigit() else f"timedelta(0, {second})"
                return (*gaps, *more), f"({first} + {step})"
            case Plus(left, right):
                return self._both(left, "+", right)
            case Minus(left, right):
                return self._both(left, "-", right)
            case Times(left, right):
                return self._both(left, "*", right)
            case Least(terms) | Most(terms):
                known = [self._known(one) for one in terms]
                word = "min" if isinstance(term, Least) else "max"
                return tuple(g for gaps, _ in known for g in gaps), f"{word}({', '.join(t for _, t in known)})"
            case Share(of, part, whole):
                return self._held(f"share({self.term(of)}, {self.term(part)}, {self.term(whole)})", term)
            case Choose(test, then, otherwise):
                text = f"({self.term(then)}) if {self.truth(test)} is True else ({self.term(otherwise)})"
                return self._held(text, term)

    def _both(self, left: Term, op: str, right: Term) -> tuple[tuple[str, ...], str]:
        gaps, first = self._known(left)
        more, second = self._known(right)
        return (*gaps, *more), f"({first} {op} {second})"

    def _held(self, text: str, term: Term) -> tuple[tuple[str, ...], str]:
        if term not in self.names:
            self.names[term] = self._local(text)
        name = self.names[term]
        return ((name,) if self._may_lack(term) else ()), name

    def _may_lack(self, term: Term) -> bool:
        match term:
            case Val(path):
                return field_of(path).optional or field_of(path).disputed
            case Const() | Param():
                return False
            case Choose(_, then, otherwise):
                return self._may_lack(then) or self._may_lack(otherwise)
            case Share():
                return True
            case Least(terms) | Most(terms):
                return any(self._may_lack(one) for one in terms)
            case Plus(left, right) | Minus(left, right) | Times(left, right):
                return self._may_lack(left) or self._may_lack(right)

    def _value(self, path: str) -> str:
        name = self._load(path)
        if not field_of(path).disputed:
            return name
        key = ("value", path)
        if key not in self.names:
            self.names[key] = self._local(f"None if {name}.value is None else settled({name})")
        return self.names[key]

    def _load(self, path: str) -> str:
        """A local for a fact or for the struct it stands in."""
        if path not in self.names:
            above, _, last = path.rpartition(".")
            text = f"{self._load(above)}.{last}" if above else f"f.{last}"
            self.names[path] = self._local(text)
        return self.names[path]

    def _local(self, text: str) -> str:
        name = f"v{len(self.lines)}"
        self.lines.append(f"{name} = {text}")
        return name

    def _temporary(self) -> str:
        self.world["_n"] = self.world.get("_n", 0) + 1
        return f"t{self.world['_n']}"

    def _hold(self, value: Any) -> str:
        """A constant of the function, by name."""
        key = ("const", type(value).__name__, value)
        if key not in self.names:
            name = f"k{len(self.names)}"
            self.names[key] = name
            self.world[name] = value
        return self.names[key]


def is_time(term: Term) -> bool:
    """Whether a term is a moment rather than a number."""
    match term:
        case Val(path):
            return bool(field_of(path).type is datetime)
        case Plus(left, _):
            return is_time(left)
        case Least(terms) | Most(terms):
            return is_time(terms[0])
        case Choose(_, then, _):
            return is_time(then)
        case _:
            return False


def _costs(node: Expr | Term) -> bool:
    return isinstance(node, Says | By | Stands)


def _is_word(field: Field) -> bool:
    return bool(field.values) and field.type is not bool
