"""The reading for people: a tree as a sentence in Chinese and English, made from the tree alone.

Two forms. `sentence` is one flat sentence for programs and terminals; two different trees never give the same one, and
a test reads the English form back into the very tree it came from. `condition` is a list of lines for a page, in which
what says the same in fewer words is drawn together: an "all of" inside an "all of", a finding and who made it.
The words stand in words/facts_zh.py, words/facts_en.py and words/nodes.py; here is only how they are put together.
"""

import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import msgspec

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import show
from liuhen.policy.clauses.amounts import NOTHING, WHOLE
from liuhen.policy.clauses.registry import NUMBERS
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
    Val,
    refs,
    walk,
)
from liuhen.policy.facts.schema import field_of
from liuhen.policy.python_reading import is_time
from liuhen.policy.rulebook import REQUIRED
from liuhen.policy.words import facts_en, facts_zh, nodes
from liuhen.policy.words.fill import duration, title

_WORDS: dict[str, ModuleType] = {"zh": facts_zh, "en": facts_en}
_GAP = re.compile(r"(?<=[\u4e00-\u9fff])(?=[¥0-9A-Za-z])|(?<=[0-9A-Za-z%])(?=[\u4e00-\u9fff])")
_CHOICES = {True: "on", False: "off"}
_RAW = ".value"


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a condition. parts: the lines below it, when it is the head of a list. clause: the id of the one
    other clause it speaks of, to be linked; "" where there is none."""

    text: str
    parts: tuple["Line", ...] = ()
    clause: str = ""


def sentence(tree: Expr, lang: str, values: Mapping[str, int]) -> str:
    """The whole condition as one sentence with a full stop.

    Parameters: lang, zh or en; values, the rulebook's (seconds, permille, switches). Raises InvalidInput for another
    language, a fact without words, or a rulebook value that is not given.
    """
    teller = _teller(lang, values)
    text = teller.tell(tree)
    return teller.done(_begun(text) + teller.nodes["stop"])


def condition(tree: Expr, lang: str, values: Mapping[str, int]) -> Line:
    """The same as lines for a page: a head such as "all of these:" with its parts below, or a single line.

    Parameters and errors as for `sentence`.
    """
    return begun(_Lines(_teller(lang, values)).line(tree))


def begun(line: Line) -> Line:
    """The lines, each with a capital."""
    return Line(_begun(line.text), tuple(begun(part) for part in line.parts), line.clause)


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def term_text(term: Term, lang: str, values: Mapping[str, int]) -> str:
    """An amount, a time or a number in words; a bare number counts fen. Parameters and errors as for `sentence`."""
    teller = _teller(lang, values)
    return teller.done(teller.term(term, unit_of(term) or "fen"))


def noun(path: str, lang: str) -> str:
    """The name of a fact or of a rulebook value. Raises InvalidInput where there is none."""
    words = _words(lang)
    found: str | None = words.NOUNS.get(path) or words.PARAMS.get(path)
    if found is None:
        raise InvalidInput("no words for this fact", fact=path, lang=lang)
    return found


def number_text(value: int, unit: str, lang: str) -> str:
    """A number with its unit: fen as ¥, seconds as a duration, permille as per cent, years; else the bare number."""
    if unit == "fen":
        return show(value)
    if unit == "seconds":
        return duration(value, lang)
    if unit == "permille":
        whole, tenth = divmod(value, 10)
        return f"{whole}.{tenth}%" if tenth else f"{whole}%"
    if unit == "years":
        return nodes.NODES[lang]["years"].replace("{n}", str(value))
    return str(value)


def unit_of(term: Term) -> str:
    """What a number counts, as its name says: fen, seconds, permille, years, time, or "" for a bare count."""
    match term:
        case Val(path):
            name = path.removesuffix(_RAW)
            if is_time(term):
                return "time"
            tail = name.rpartition("_")[2]
            return {"age": "years"}.get(tail, tail) if tail in ("fen", "seconds", "permille", "age") else ""
        case Param(name):
            return REQUIRED[name].unit
        case Const():
            return ""
        case Share(of, _, _):
            return unit_of(of)
        case Least(terms) | Most(terms):
            return _first(terms)
        case Choose(_, then, otherwise):
            return _first((then, otherwise))
        case Plus(left, right) | Minus(left, right) | Times(left, right):
            return _first((left, right))


def _first(terms: tuple[Term, ...]) -> str:
    return next((unit for unit in map(unit_of, terms) if unit), "")


def _words(lang: str) -> ModuleType:
    found = _WORDS.get(lang)
    if found is None:
        raise InvalidInput("no words in this language", lang=lang)
    return found


def _teller(lang: str, values: Mapping[str, int]) -> "_Teller":
    return _Teller(lang, _words(lang), values)


def pair(parts: tuple[Expr, ...]) -> bool:
    """Whether these are a finding and who made it, or who did not: told in one breath."""
    match parts:
        case (Stands(path, _), By(same, _)) | (Stands(path, _), Not(By(same, _))):
            return path == same
        case _:
            return False


class _Teller:
    """Puts the words of one language together."""

    def __init__(self, lang: str, words: ModuleType, values: Mapping[str, int]) -> None:
        self.lang = lang
        self.words = words
        self.nodes = nodes.NODES[lang]
        self.ops = nodes.OPS[lang]
        self.values = values

    def done(self, text: str) -> str:
        """In Chinese a space stands between a character and a figure."""
        return _GAP.sub(" ", text) if self.lang == "zh" else text

    def say(self, node: str, **blanks: str) -> str:
        text = self.nodes[node]
        for name, word in blanks.items():
            text = text.replace("{" + name + "}", word)
        return text

    def tell(self, tree: Expr) -> str:
        """One condition, without a full stop."""
        match tree:
            case Not(Shown(part)):
                return self._proof(part, "not_shown", "it_is_not_shown")
            case Shown(part):
                return self._proof(part, "shown", "it_is_shown")
            case Not(And() | Or() | Not() as part):
                return self.say("not", s=self._operand(part))
            case Not(part):
                return self._leaf(part, so=False)
            case And(parts):
                return self.findings(parts) if pair(parts) else self._group(parts, "always", "all_of", "and")
            case Or(parts):
                return self._group(parts, "never", "any_of", "or")
            case _:
                return self._leaf(tree, so=True)

    def _group(self, parts: tuple[Expr, ...], none: str, one: str, word: str) -> str:
        if not parts:
            return self.nodes[none]
        if len(parts) == 1:
            return self.say(one, s=self._closed(self.tell(parts[0])))
        if word == "or":
            return self.nodes[word].join(self._operand(part) for part in parts)
        told: list[str] = []
        place = 0
        while place < len(parts):
            if pair(parts[place : place + 2]):
                told.append(self.findings(parts[place : place + 2]))
                place += 2
                continue
            part = parts[place]
            inner = isinstance(part, And) and pair(part.parts)
            told.append(self._closed(self.tell(part)) if inner else self._operand(part))
            place += 1
        return self.nodes[word].join(told)

    def _operand(self, part: Expr) -> str:
        """A part inside another: a list stands in brackets."""
        text = self.tell(part)
        breath = isinstance(part, And) and pair(part.parts)
        several = isinstance(part, And | Or) and len(part.parts) > 1 and not breath
        return self._closed(text) if several else text

    def _closed(self, text: str) -> str:
        return self.nodes["open"] + text + self.nodes["close"]

    def _proof(self, part: Expr, settled: str, other: str) -> str:
        """Proven or not proven. Of a disputed fact without saying "shown" twice."""
        match part:
            case Stands(path, values):
                return self.say(settled, s=self.content(path, values, so=True))
            case Not(Stands(path, values)):
                return self.say(settled, s=self.content(path, values, so=False))
            case Compare(left, op, right) if _disputed(part):
                return self.say(settled, s=self.compare(left, op, right, ""))
            case Not(Compare(left, op, right) as inner) if _disputed(inner):
                return self.say(settled, s=self.compare(left, op, right, "_not"))
            case _:
                return self.say(other, s=self._operand(part))

    def findings(self, parts: tuple[Expr, ...]) -> str:
        """A finding and who made it (`pair`)."""
        match parts:
            case (Stands(path, values), By(_, sources)):
                node = "stands_by"
            case (Stands(path, values), Not(By(_, sources))):
                node = "stands_not_by"
            case _:
                raise InvalidInput("not a finding and who made it")
        listed = self.listed("Source", sources)
        return self.say(node, sources=listed, s=self.content(path, values, so=True))

    def _leaf(self, leaf: Expr, *, so: bool) -> str:
        """One statement about one thing, or its opposite."""
        end = "" if so else "_not"
        match leaf:
            case In(path, values):
                return self.content(path, values, so=so)
            case Stands(path, values):
                return self.say("stands", s=self.content(path, values, so=so))
            case Says(path, values):
                return self.say(f"says{end}", s=self.content(path, values, so=True))
            case Given(path) if path.endswith(_RAW):
                return self.say("named" if so else "not_named", x=self.noun(path.removesuffix(_RAW)))
            case Given(path):
                return self._pair_of(self.words.THERE, path)[0 if so else 1]
            case By(path, sources):
                return self.say(f"by{end}", x=self.noun(path), sources=self.listed("Source", sources))
            case Ref(clause):
                text = title(clause, self.lang, self.values, "other")
                return self.say(f"met{end}", no=NUMBERS[clause], title=text)
            case Compare(Val() as known, ">=", floor) if so and floor == NOTHING:
                return self._known(known, "known_shown" if _disputed(leaf) else "known")
            case Compare(left, op, right):
                text = self.compare(left, op, right, end)
                return self.say("stands", s=text) if _disputed(leaf) else text
            case _:
                raise InvalidInput("no words for this kind of condition", kind=type(leaf).__name__)

    def content(self, path: str, values: tuple[Any, ...], *, so: bool) -> str:
        """What is said about a yes or no or a word, without how it stands."""
        if values == (True,):
            return self._pair_of(self.words.SAYINGS, path)[0 if so else 1]
        if values == (False,):
            return self.say("untrue" if so else "not_untrue", s=self._pair_of(self.words.SAYINGS, path)[0])
        listed = self.listed(field_of(path).type.__name__, values)
        form = self.words.FORMS.get(path)
        if form is None:
            return self.say("is" if so else "is_not", x=self.noun(path), values=listed)
        text: str = form[0 if so else 1].replace("{values}", listed)
        return text

    def listed(self, kind: str, values: tuple[Any, ...]) -> str:
        """Values side by side: a, b or c."""
        names: dict[str, str] | None = self.words.VALUES.get(kind)
        if names is None or not values:
            raise InvalidInput("no words for these values", kind=kind)
        words = [names[str(value)] for value in values]
        head = self.nodes["comma"].join(words[:-1])
        return head + self.nodes["or_value"] + words[-1] if head else words[-1]

    def noun(self, path: str) -> str:
        return noun(path, self.lang)

    def _pair_of(self, table: dict[str, tuple[str, str]], path: str) -> tuple[str, str]:
        found = table.get(path)
        if found is None:
            raise InvalidInput("no words for this fact", fact=path, lang=self.lang)
        return found

    def compare(self, left: Term, op: str, right: Term, end: str) -> str:
        match left, op, right:
            case Param(name), "==", Const(0 | 1 as state) if REQUIRED[name].unit == "switch":
                on, now = _CHOICES[bool(state)], _CHOICES[bool(self.value(name))]
                blanks = {"name": noun(name, self.lang), "value": self.nodes[on], "now": self.nodes[now]}
                return self.say(f"switch{end}", **blanks)
            case Times(first, Const(1000)), _, Times(second, Param(name)) if REQUIRED[name].unit == "permille":
                said = self.say("percent_of", y=self.term(second), percent=self.term(right.right))
                left_text = self.term(first, unit_of(first))
                return self._spaced(left_text, self.ops[f"number{end}"][op], said)
        unit = unit_of(left) or unit_of(right)
        if isinstance(left, Val) and (op, right, end) == (">=", NOTHING, ""):
            return self._known(left, "known")
        ops = self.ops[(unit if unit in ("time", "years") else "number") + end]
        return self._spaced(self.term(left, unit), ops[op], self.term(right, unit))

    def _known(self, what: Val, node: str) -> str:
        """No number of the facts is below nothing: "at least 0" says that it is known at all."""
        return self.say(node, x=self.term(what), zero=number_text(0, unit_of(what), self.lang))

    def _spaced(self, left: str, word: str, right: str) -> str:
        return left + word + right if self.lang == "zh" else f"{left} {word} {right}"

    def value(self, name: str) -> int:
        found = self.values.get(name)
        if found is None:
            raise InvalidInput("the rulebook has no such value", name=name)
        return found

    def term(self, term: Term, unit: str = "") -> str:
        """A number, an amount or a time. unit: what a bare number counts here."""
        if term == WHOLE:
            return self.nodes["left"]
        match term:
            case Val(path) if path.endswith(_RAW):
                return self.say("raw", x=self.noun(path.removesuffix(_RAW)).removeprefix("the "))
            case Val(path):
                return self.noun(path)
            case Const(value):
                return number_text(int(value), "seconds" if unit == "time" else unit, self.lang)
            case Param(name):
                text = number_text(self.value(name), REQUIRED[name].unit, self.lang)
                return self.say("param", text=text, name=noun(name, self.lang))
            case Plus(left, right) if is_time(left) and not isinstance(right, Const | Param):
                return self.say("plus", time=self.term(left, "time"), span=self.term(right, "seconds"))
            case Plus(left, right) if is_time(left):
                since = self.words.SINCE[left.path] if isinstance(left, Val) else self.term(left, "time")
                return self.say("after", span=self.term(right, "seconds"), since=since)
            case Most((Least((head, *rest)), floor)) if head == WHOLE and floor == NOTHING and rest:
                inner = self.nodes["list"].join(self.term(one, "fen") for one in rest)
                return self._closed(self.say("within", x=inner))
            case Share(of, Param() as part, Const(1000)):
                return self.say("part_of", y=self.term(of, unit), percent=self.term(part))
            case Choose(test, then, otherwise):
                shown = self._closed(self.tell(test)) if self.lang == "en" else self._operand(test)
                return self._closed(self.say("if", a=self.term(then, unit), test=shown, b=self.term(otherwise, unit)))
            case _:
                return self._sum(term, unit)

    def _sum(self, term: Term, unit: str) -> str:
        match term:
            case Plus(left, right):
                return self._closed(f"{self.term(left, unit)} + {self.term(right, unit)}")
            case Minus(left, right):
                return self._closed(f"{self.term(left, unit)} − {self.term(right, unit)}")
            case Times(left, right):
                return self._closed(f"{self.term(left, unit_of(left))} × {self.term(right, unit_of(right))}")
            case Share(of, part, whole):
                inner = _first((part, whole))
                parts = f"{self.term(part, inner)} ÷ {self.term(whole, inner)}"
                return self._closed(f"{self.term(of, unit)} × {parts}")
            case Least(terms) | Most(terms):
                listed = self.nodes["list"].join(self.term(one, unit) for one in terms)
                return self.say("least" if isinstance(term, Least) else "most", parts=self._closed(listed))
            case _:
                raise InvalidInput("no words for this kind of number", kind=type(term).__name__)


class _Lines:
    """The same, drawn together into lines."""

    def __init__(self, teller: _Teller) -> None:
        self.teller = teller

    def line(self, tree: Expr) -> Line:
        head, parts = self._head(tree)
        lines = self._parts(parts, And if head.endswith("all") else Or, bare=head in _PROOFS)
        if not lines:
            about = refs(tree)
            text = self.teller.done(self.teller.tell(tree))
            return Line(text, clause=about[0] if len(about) == 1 else "")
        return lines[0] if len(lines) == 1 and head in _PLAIN else Line(self.teller.nodes[head], lines)

    def _head(self, tree: Expr) -> tuple[str, tuple[Expr, ...]]:
        """The words above a list and what is listed; nothing where the tree is one line."""
        match tree:
            case And(parts) if parts and not pair(parts):
                return "lead_all", parts
            case Or(parts) if parts:
                return "lead_any", parts
            case Not(And(parts)) if parts:
                return "lead_not_all", parts
            case Not(Or(parts)) if parts:
                return "lead_not_any", parts
            case Shown(And(parts)) if parts:
                return "lead_shown_all", parts
            case Shown(Or(parts)) if parts:
                return "lead_shown_any", parts
            case Not(Shown(And(parts))) if parts:
                return "lead_unshown_all", parts
            case Not(Shown(Or(parts))) if parts:
                return "lead_unshown_any", parts
            case _:
                return "", ()

    def _parts(self, parts: tuple[Expr, ...], kind: type[And] | type[Or], *, bare: bool) -> tuple[Line, ...]:
        """bare: the head says already that it is, or is not, proven."""
        flat = _spliced(parts, kind)
        lines: list[Line] = []
        place = 0
        while place < len(flat):
            if kind is And and pair(flat[place : place + 2]):
                lines.append(Line(self.teller.done(self.teller.findings(flat[place : place + 2]))))
                place += 2
                continue
            part = flat[place]
            if bare and isinstance(part, Stands):
                lines.append(Line(self.teller.done(self.teller.content(part.path, part.values, so=True))))
            else:
                lines.append(self._joined(part) if kind is Or else self.line(part))
            place += 1
        return tuple(lines)

    def _joined(self, part: Expr) -> Line:
        """Two short conditions in one of several ways stand on one line."""
        whole = self.line(part)
        two = isinstance(part, And) and len(whole.parts) == 2
        if not two or any(line.parts or (line.clause and line is whole.parts[0]) for line in whole.parts):
            return whole
        text = self.teller.nodes["and_inline"].join(line.text for line in whole.parts)
        return Line(text, clause=whole.parts[1].clause)


_PLAIN = ("lead_all", "lead_any")
_PROOFS = ("lead_shown_all", "lead_shown_any", "lead_unshown_all", "lead_unshown_any")


def _disputed(leaf: Expr) -> bool:
    """Whether a comparison holds only when a disputed fact is settled."""
    return any(isinstance(node, Val) and field_of(node.path).disputed for node in walk(leaf))


def _spliced(parts: tuple[Expr, ...], kind: type[And] | type[Or]) -> tuple[Expr, ...]:
    """All of (a, all of (b, c)) is all of (a, b, c)."""
    flat: list[Expr] = []
    for part in parts:
        flat += _spliced(part.parts, kind) if isinstance(part, kind) else (part,)
    return tuple(flat)
