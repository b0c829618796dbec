"""How an amount was worked out, with the figures of the case, from the very term that worked it out.

¥365.00 paid, 30 of 365 days had: 这件实付 ¥365.00 ×（买的份数 365 − 已享受的份数 30）÷ 365 = ¥335.00.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import show
from liuhen.policy.clauses.amounts import FORMULAS, NOTHING, WHOLE
from liuhen.policy.clauses.clause import Amount
from liuhen.policy.decision import Formula
from liuhen.policy.expr import (
    And,
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
    Share,
    Shown,
    Stands,
    Term,
    Times,
    Truth,
    Val,
    share,
)
from liuhen.policy.rulebook import REQUIRED
from liuhen.policy.sentence import noun, number_text, unit_of
from liuhen.policy.words.nodes import FIGURES

Inputs = Mapping[str, int | str | bool]
_LEADS = re.compile(r"^(?:the number of|the|what was|what is|what) ")  # beside a figure a name needs no article


def formula_text(formula: Formula, lang: str) -> str:
    """The reckoning behind a decision in one line, its end the amount itself (fen, shown as ¥).

    Parameters: formula, as a Decision holds it; lang, zh or en. An open amount shows its two ends. Raises InvalidInput
    for an unknown formula or language, or where a number that it needs is not among its inputs.
    """
    if formula.name not in set(Amount) or lang not in FIGURES:
        raise InvalidInput("no such formula, or no words in this language", name=formula.name[:40], lang=lang[:10])
    low, high = FORMULAS[Amount(formula.name)]
    first, last = _Reckoning(formula.inputs, lang).line(low), _Reckoning(formula.inputs, lang).line(high)
    if low == high:
        return first
    return FIGURES[lang]["range"].replace("{low}", first).replace("{high}", last)


def reckoned(formula: Formula) -> tuple[int | None, int | None]:
    """The two ends in fen, worked out again from the inputs alone; None where they do not suffice (any more)."""
    if formula.name not in set(Amount):
        return None, None
    low, high = FORMULAS[Amount(formula.name)]
    return _value(low, formula.inputs), _value(high, formula.inputs)


class _Said(msgspec.Struct, frozen=True):
    """A part in words. whole: it needs no brackets inside another. sums: it is a sum rather than a product."""

    text: str
    value: int
    whole: bool = True
    sums: bool = False


class _Reckoning:
    """One line. Names stand with a figure where it comes first; what adds nothing is left out."""

    def __init__(self, inputs: Inputs, lang: str) -> None:
        self.inputs = inputs
        self.lang = lang
        self.words = FIGURES[lang]
        self.named: set[str] = set()
        self.notes: list[str] = []

    def line(self, term: Term) -> str:
        said = self.say(term, "fen")
        text = said.text if said.whole else f"{said.text} = {show(said.value)}"
        return (text + "".join(self.notes)).replace(" （", "（").replace("） ", "）")

    def note(self, name: str, **blanks: str) -> None:
        text = self.words[name]
        for key, word in blanks.items():
            text = text.replace("{" + key + "}", word)
        self.notes.append(text)

    def say(self, term: Term, unit: str) -> _Said:
        match term:
            case Const(value):
                return _Said(number_text(int(value), unit, self.lang), int(value))
            case Val() | Param():
                return self._figure(term, unit)
            case Choose(test, then, otherwise):
                return self.say(then if _truth(test, self.inputs) is True else otherwise, unit)
            case Most((inner, floor)) if floor == NOTHING:
                return self._floored(inner, unit)
            case Least(terms):
                return self._smallest(terms, unit)
            case Share(of, part, whole):
                return self._share(of, part, whole, unit)
            case Times(left, right):
                first, second = self.say(left, unit_of(left)), self.say(right, unit_of(right))
                return _Said(f"{self._factor(first)} × {self._factor(second)}", first.value * second.value, whole=False)
            case Plus() | Minus():
                return self._sum(term, unit)
            case _:
                raise InvalidInput("no words for this kind of formula", kind=type(term).__name__)

    def _figure(self, term: Val | Param, unit: str) -> _Said:
        name = term.path if isinstance(term, Val) else term.name
        value = _number(term, self.inputs)
        figure = number_text(value, REQUIRED[name].unit if isinstance(term, Param) else unit, self.lang)
        if name in self.named:
            return _Said(figure, value)
        self.named.add(name)
        short = _LEADS.sub("", noun(name, self.lang))
        return _Said(self.words["named"].replace("{x}", short).replace("{n}", figure), value)

    def _floored(self, inner: Term, unit: str) -> _Said:
        said = self.say(inner, unit)
        if said.value >= 0:
            return said
        self.note("floor", x=show(said.value))
        return _Said(said.text, 0, whole=False, sums=said.sums)

    def _smallest(self, terms: tuple[Term, ...], unit: str) -> _Said:
        """The smallest alone; where what is left to pay back cuts the rest off, a note says what that was."""
        values = [_number(term, self.inputs) for term in terms]
        if terms[0] == WHOLE and values[0] >= min(values[1:]):
            terms, values = terms[1:], values[1:]
        least = values.index(min(values))
        said = self.say(terms[least], unit)
        if terms[least] == WHOLE and len(terms) > 1:
            other = min(range(1, len(terms)), key=values.__getitem__)
            more = self.say(terms[other], unit)
            text = more.text if more.whole else f"{more.text} = {show(more.value)}"
            self.note("cap", x=text)
        return said

    def _share(self, of: Term, part: Term, whole: Term, unit: str) -> _Said:
        if isinstance(part, Param) and REQUIRED[part.name].unit == "permille" and whole == Const(1000):
            first, second = self.say(of, unit), self._figure(part, "permille")
            text, divisor, count = f"{self._factor(first)} × {second.text}", 1000, second.value
        else:
            inner = unit_of(part) or unit_of(whole)
            count, divisor = _number(part, self.inputs), _number(whole, self.inputs)
            within = min(max(count, 0), divisor)
            first = self.say(of, unit)
            second = self.say(part, inner) if within == count else self.say(Const(within), inner)
            count = within
            text = f"{self._factor(first)} × {self._factor(second)}"
            if not of_all(part, whole):
                text += f" ÷ {self._factor(self.say(whole, inner))}"
        value = share(first.value, count, divisor)
        if value is None:
            raise InvalidInput("a share of nothing")
        if first.value * count % divisor:
            self.note("round")
        return _Said(text, value, whole=False)

    def _sum(self, term: Plus | Minus, unit: str) -> _Said:
        shown: list[_Said] = []
        text, total = "", 0
        for sign, part in _signed(term, 1):
            if _number(part, self.inputs) == 0 and (shown or sign < 0):
                continue  # nothing to add or to take away
            said = self.say(part, unit)
            mark = (" − " if sign < 0 else " + ") if shown else ""
            text += mark + (self._factor(said) if shown else said.text)
            total += sign * said.value
            shown.append(said)
        several = len(shown) > 1
        return _Said(text, total, whole=not several and shown[0].whole, sums=several or shown[0].sums)

    def _factor(self, said: _Said) -> str:
        if said.whole or not said.sums:
            return said.text
        return f"{self.words['open']}{said.text}{self.words['close']}"


def _signed(term: Term, sign: int) -> list[tuple[int, Term]]:
    """a − (b + c) as a, −b, −c."""
    match term:
        case Plus(left, right):
            return _signed(left, sign) + _signed(right, sign)
        case Minus(left, right):
            return _signed(left, sign) + _signed(right, -sign)
        case _:
            return [(sign, term)]


def _number(term: Term, inputs: Inputs) -> int:
    """The term on the inputs. Raises InvalidInput where one is missing."""
    value = _value(term, inputs)
    if value is None:
        raise InvalidInput("a number of this formula is not known", inputs=sorted(inputs)[:20])
    return value


def _value(term: Term, inputs: Inputs) -> int | None:
    match term:
        case Const(value):
            return int(value)
        case Val(name) | Param(name):
            found = inputs.get(name)
            return found if isinstance(found, int) else None
        case Choose(test, then, otherwise):
            return _value(then if _truth(test, inputs) is True else otherwise, inputs)
        case Share(of, part, whole):
            return share(_value(of, inputs), _value(part, inputs), _value(whole, inputs))
        case Least(terms) | Most(terms):
            values = [_value(one, inputs) for one in terms]
            known = [value for value in values if value is not None]
            return None if len(known) < len(values) else (min if isinstance(term, Least) else max)(known)
        case Plus(left, right) | Minus(left, right) | Times(left, right):
            first, second = _value(left, inputs), _value(right, inputs)
            if first is None or second is None:
                return None
            if isinstance(term, Times):
                return first * second
            return first + second if isinstance(term, Plus) else first - second


def _truth(test: Expr, inputs: Inputs) -> Truth:
    """A test inside a formula, on the inputs: settled values alone, so that an open fact is simply not there."""
    match test:
        case Given(path):
            return path in inputs
        case In(path, values) | Stands(path, values):
            return None if path not in inputs else inputs[path] in values
        case Compare(left, op, right):
            return _compared(_value(left, inputs), op, _value(right, inputs))
        case And(parts):
            truths = [_truth(part, inputs) for part in parts]
            return False if False in truths else None if None in truths else True
        case Or(parts):
            truths = [_truth(part, inputs) for part in parts]
            return True if True in truths else None if None in truths else False
        case Not(part):
            inner = _truth(part, inputs)
            return None if inner is None else not inner
        case Shown(part):
            return _truth(part, inputs) is True
        case _:
            raise InvalidInput("this cannot be tested inside a formula", kind=type(test).__name__)


def _compared(left: int | None, op: str, right: int | None) -> Truth:
    if left is None or right is None:
        return None
    results: dict[str, Any] = {
        "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right, "==": left == right
    }  # fmt: skip
    found: bool = results[op]
    return found


def of_all(part: Term, whole: Term) -> bool:
    """A share in a thousand is shown as per cent and needs no divisor."""
    return whole == Const(1000) and unit_of(part) == "permille"
