"""Reads the flat English sentence of a condition back into the tree it was made from. Only for tests.

It knows the words (words/facts_en.py) and the grammar, and nothing of how the sentence was put together: if two trees
gave one sentence, at least one of them would not come back.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

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
)
from liuhen.policy.facts.schema import schema
from liuhen.policy.facts.standing import Source
from liuhen.policy.sentence import Line
from liuhen.policy.words import facts_en as words
from liuhen.policy.words import nodes

NODES = nodes.NODES["en"]
_DURATION = re.compile(r"(\d+) (day|hour|minute|second)s?")
_SECONDS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_MONEY = re.compile(r"(-?)¥([\d,]+)\.(\d\d)")
_PERCENT = re.compile(r"(\d+)(?:\.(\d))?%")
_YEARS = re.compile(r"(\d+) years")
_NUMBER = re.compile(r"-?\d+")


class Unreadable(Exception):
    """The sentence is not of the grammar."""


def parse(text: str) -> Expr:
    """The tree of a whole sentence with its full stop."""
    assert text.endswith(".")
    return _tree(text[0].lower() + text[1:-1])


def parse_term(text: str) -> Term:
    """The term of an amount in words."""
    term, rest = _term(text)
    if rest:
        raise Unreadable(text)
    return term


def parse_line(line: Line, *, bare: bool = False) -> Expr:
    """The tree of a list of lines, in its plain form. bare: the head said already that it is, or is not, proven."""
    text = line.text[0].lower() + line.text[1:]
    if line.parts:
        wraps, kind = next(wrap for lead, wrap in _LEADS.items() if NODES[lead] == text)
        proof = Shown in wraps
        tree: Expr = kind(tuple(parse_line(part, bare=proof) for part in line.parts))
        for wrap in reversed(wraps):
            tree = wrap(tree)
        return plain(tree)
    content = _content(text, disputed=True) if bare else None
    if content is not None:
        return Stands(content[0], content[1])
    try:
        return plain(_tree(text))
    except Unreadable:
        return plain(_two(text))


_LEADS: dict[str, tuple[tuple[Any, ...], type[And] | type[Or]]] = {
    "lead_all": ((), And),
    "lead_any": ((), Or),
    "lead_not_all": ((Not,), And),
    "lead_not_any": ((Not,), Or),
    "lead_shown_all": ((Shown,), And),
    "lead_shown_any": ((Shown,), Or),
    "lead_unshown_all": ((Not, Shown), And),
    "lead_unshown_any": ((Not, Shown), Or),
}


def _two(text: str) -> Expr:
    """Two conditions on one line."""
    pieces = _split(text, NODES["and_inline"])
    for place in range(1, len(pieces)):
        sides = NODES["and_inline"].join(pieces[:place]), NODES["and_inline"].join(pieces[place:])
        try:
            return And((_tree(sides[0]), _tree(sides[1][0].lower() + sides[1][1:])))
        except Unreadable:
            continue
    raise Unreadable(text)


def plain(tree: Expr) -> Expr:
    """All of (a, all of (b, c)) as all of (a, b, c), and all of (a) as a: what lines leave out."""
    match tree:
        case And(parts) | Or(parts):
            kind = type(tree)
            flat: list[Expr] = []
            for part in map(plain, parts):
                flat += part.parts if isinstance(part, kind) else (part,)
            return flat[0] if len(flat) == 1 else kind(tuple(flat))
        case Not(part) | Shown(part):
            return type(tree)(plain(part))
        case _:
            return tree


def _tree(text: str) -> Expr:
    for word, kind in ((NODES["and"], And), (NODES["or"], Or)):
        parts = _split(text, word)
        if len(parts) > 1:
            found: list[Expr] = []
            for part in parts:
                # A finding and who made it are two parts told in one breath; in brackets they are one part.
                two = _finding(part) if kind is And else None
                found += two.parts if isinstance(two, And) else [_tree(part)]
            return kind(tuple(found))
    if text.startswith("(") and _end(text) == len(text):
        return _tree(text[1:-1])
    return _one(text)


def _one(text: str) -> Expr:
    if text == NODES["always"]:
        return And(())
    if text == NODES["never"]:
        return Or(())
    for head, kind in (("all of (", And), ("any of (", Or)):
        if text.startswith(head) and text.endswith(")"):
            return kind((_tree(text[len(head) : -1]),))
    for way in (_finding, _stands, _says, _proof, _opposite, _ref, _switch, _fact, _by, _named, _compare):
        found = way(text)
        if found is not None:
            return found
    raise Unreadable(text)


def _after(text: str, node: str) -> str | None:
    head = NODES[node].split("{")[0]
    return text[len(head) :] if text.startswith(head) else None


def _finding(text: str) -> Expr | None:
    for node, wrap in (("stands_by", lambda by: by), ("stands_not_by", Not)):
        rest = _after(text, node)
        listed = None if rest is None else _list(rest, "Source", Source)
        if listed is not None and listed[1].startswith(" that "):
            content = _content(listed[1].removeprefix(" that "))
            if content is not None and content[2]:
                return And((Stands(content[0], content[1]), wrap(By(content[0], listed[0]))))
    return None


def _stands(text: str) -> Expr | None:
    rest = _after(text, "stands")
    if rest is None:
        return None
    content = _content(rest, disputed=True)
    if content is not None:
        path, values, so = content
        return Stands(path, values) if so else Not(Stands(path, values))
    return _compare(rest)


def _says(text: str) -> Expr | None:
    for node, wrap in (("says", lambda one: one), ("says_not", Not)):
        rest = _after(text, node)
        content = None if rest is None else _content(rest)
        if content is not None:
            assert content[2]
            return wrap(Says(content[0], content[1]))
    return None


def _proof(text: str) -> Expr | None:
    for node, wrap in (("shown", lambda one: one), ("not_shown", Not)):
        rest = _after(text, node)
        if rest is None:
            continue
        content = _content(rest, disputed=True)
        if content is not None:
            path, values, so = content
            return wrap(Shown(Stands(path, values) if so else Not(Stands(path, values))))
        return wrap(Shown(_tree(rest)))
    return None


def _opposite(text: str) -> Expr | None:
    rest = _after(text, "not")
    return None if rest is None else Not(_tree(rest))


def _ref(text: str) -> Expr | None:
    match = re.fullmatch(r"clause (\d+\.\d+) is( not)? met \(.*\)", text)
    if match is None:
        return None
    clause = next(name for name, number in NUMBERS.items() if number == match[1])
    return Not(Ref(clause)) if match[2] else Ref(clause)


def _switch(text: str) -> Expr | None:
    match = re.fullmatch(r"the setting “(.*)” is (not )?(on|off) \(in this version: (on|off)\)", text)
    if match is None:
        return None
    found = Compare(Param(_param(match[1])), "==", Const(1 if match[3] == "on" else 0))
    return Not(found) if match[2] else found


def _fact(text: str) -> Expr | None:
    for path, pair in words.THERE.items():
        if text in pair:
            return Given(path) if text == pair[0] else Not(Given(path))
    content = _content(text, disputed=False)
    if content is None:
        return None
    path, values, so = content
    return In(path, values) if so else Not(In(path, values))


def _by(text: str) -> Expr | None:
    for path, noun in words.NOUNS.items():
        for node, wrap in (("by_not", Not), ("by", lambda one: one)):
            head = NODES[node].replace("{x}", noun).split("{")[0]
            listed = _list(text[len(head) :], "Source", Source) if text.startswith(head) else None
            if listed is not None and not listed[1]:
                return wrap(By(path, listed[0]))
    return None


def _named(text: str) -> Expr | None:
    for node, wrap in (("named", lambda one: one), ("not_named", Not)):
        rest = _after(text, node)
        path = None if rest is None else _only(rest, words.NOUNS)
        if path is not None:
            return wrap(Given(f"{path}.value"))
    return None


def _content(text: str, disputed: bool | None = None) -> tuple[str, tuple[Any, ...], bool] | None:
    """(path, values, whether it is so) of what is said about a yes or no or a word."""
    for path, field in schema().items():
        if not field.values or (disputed is not None and field.disputed is not disputed):
            continue
        if field.type is bool:
            yes, no = words.SAYINGS[path]
            if text in (yes, no):
                return path, (True,), text == yes
            for node, so in (("untrue", True), ("not_untrue", False)):
                if text == NODES[node].replace("{s}", yes):
                    return path, (False,), so
        default = (NODES["is"].replace("{x}", words.NOUNS[path]), NODES["is_not"].replace("{x}", words.NOUNS[path]))
        for form, so in zip(words.FORMS.get(path, default), (True, False), strict=True):
            head, tail = form.split("{values}")
            if text.startswith(head) and text.endswith(tail):
                listed = _list(text[len(head) : len(text) - len(tail)], field.type.__name__, field.values)
                if listed is not None and not listed[1]:
                    return path, listed[0], so
    return None


def _list(text: str, kind: str, members: Iterable[Any]) -> tuple[tuple[Any, ...], str] | None:
    """Values side by side at the start of a text, and what follows."""
    names = sorted(((words.VALUES[kind][str(one)], one) for one in members), key=lambda pair: -len(pair[0]))
    found: list[Any] = []
    while True:
        hit = next(((name, one) for name, one in names if text.startswith(name)), None)
        if hit is None:
            return None
        found.append(hit[1])
        text = text[len(hit[0]) :]
        mark = next((m for m in (NODES["comma"], NODES["or_value"]) if text.startswith(m)), None)
        if mark is None:
            return tuple(found), text
        text = text[len(mark) :]


def _compare(text: str) -> Expr | None:
    try:
        left, rest = _term(text)
    except Unreadable:
        return None
    match = re.fullmatch(r" is (known|shown) \((.*) or more\)", rest)
    if match is not None:
        return Compare(left, ">=", NOTHING)
    ops = ((word, op, table) for table, pairs in nodes.OPS["en"].items() for op, word in pairs.items())
    for word, op, table in sorted(ops, key=lambda one: -len(one[0])):
        if rest.startswith(f" {word} "):
            found = _right(left, op, rest[len(word) + 2 :])
            return Not(found) if table.endswith("_not") else found
    return None


def _right(left: Term, op: str, text: str) -> Expr:
    try:
        right, rest = _term(text)
    except Unreadable:
        raise Unreadable(text) from None
    if rest.startswith(" of "):
        whole, rest = _term(rest.removeprefix(" of "))
        left, right = Times(left, Const(1000)), Times(whole, right)
    if rest:
        raise Unreadable(text)
    return Compare(left, op, right)


def _term(text: str) -> tuple[Term, str]:
    """The term at the start of a text, and what follows."""
    term, rest = _atom(text)
    if rest.startswith(" after "):
        since, rest = _since(rest.removeprefix(" after "))
        return Plus(since, term), rest
    if rest.startswith(" plus "):
        span, rest = _term(rest.removeprefix(" plus "))
        return Plus(term, span), rest
    return term, rest


def _since(text: str) -> tuple[Term, str]:
    path = _longest(text, words.SINCE)
    if path is not None:
        return Val(path), text[len(words.SINCE[path]) :]
    return _term(text)


def _atom(text: str) -> tuple[Term, str]:
    if text.startswith(NODES["left"]):
        return WHOLE, text[len(NODES["left"]) :]
    for head, kind in (("the smallest of ", Least), ("the largest of ", Most)):
        if text.startswith(head):
            end = len(head) + _end(text[len(head) :])
            inner = text[len(head) + 1 : end - 1]
            return kind(tuple(parse_term(part) for part in _split(inner, NODES["list"]))), text[end:]
    if text.startswith("the part of "):
        part, rest = _atom(text.removeprefix("the part of "))
        of, rest = _term(rest.removeprefix(" of "))
        return Share(of, part, Const(1000)), rest
    if text.startswith("the named "):
        nouns = {path: noun.removeprefix("the ") for path, noun in words.NOUNS.items()}
        rest = text.removeprefix("the named ")
        path = _longest(rest, nouns)
        assert path is not None
        return Val(f"{path}.value"), rest[len(nouns[path]) :]
    if text.startswith("("):
        end = _end(text)
        return _bracket(text[1 : end - 1]), text[end:]
    path = _longest(text, words.NOUNS)
    if path is not None:
        return Val(path), text[len(words.NOUNS[path]) :]
    return _figure(text)


def _bracket(inner: str) -> Term:
    tail = NODES["within"].replace("{x}", "")
    if inner.endswith(tail):
        parts = _split(inner.removesuffix(tail), NODES["list"])
        return Most((Least((WHOLE, *map(parse_term, parts))), NOTHING))
    choice = _split(inner, " if ")
    if len(choice) == 2:
        end = _end(choice[1])
        rest = choice[1][end:].removeprefix(", otherwise ")
        return Choose(_tree(choice[1][1 : end - 1]), parse_term(choice[0]), parse_term(rest))
    shares = _split(inner, " ÷ ")
    if len(shares) == 2:
        of, part = _split(shares[0], " × ")
        return Share(parse_term(of), parse_term(part), parse_term(shares[1]))
    makers: tuple[tuple[str, Callable[[Term, Term], Term]], ...] = ((" + ", Plus), (" − ", Minus), (" × ", Times))
    for mark, kind in makers:
        parts = _split(inner, mark)
        if len(parts) == 2:
            return kind(parse_term(parts[0]), parse_term(parts[1]))
    raise Unreadable(inner)


def _figure(text: str) -> tuple[Term, str]:
    for pattern, read in (
        (_MONEY, lambda m: int(m[1] + m[2].replace(",", "") + m[3])),
        (_DURATION, lambda m: int(m[1]) * _SECONDS[m[2]]),
        (_PERCENT, lambda m: int(m[1]) * 10 + int(m[2] or 0)),
        (_YEARS, lambda m: int(m[1])),
        (_NUMBER, lambda m: int(m[0])),
    ):
        match = pattern.match(text)
        if match is not None:
            rest = text[match.end() :]
            name = next((n for n, said in words.PARAMS.items() if rest.startswith(f" ({said})")), None)
            if name is not None:
                return Param(name), rest[len(words.PARAMS[name]) + 3 :]
            return Const(read(match)), rest
    raise Unreadable(text)


def _param(said: str) -> str:
    return next(name for name, text in words.PARAMS.items() if text == said)


def _only(text: str, table: dict[str, str]) -> str | None:
    return next((key for key, said in table.items() if said == text), None)


def _longest(text: str, table: dict[str, str]) -> str | None:
    """The key whose words stand at the start of a text; the longest words, where several do."""
    hits = [key for key, said in table.items() if text.startswith(said)]
    return max(hits, key=lambda key: len(table[key]), default=None)


@cache
def _split(text: str, mark: str) -> tuple[str, ...]:
    """The parts between marks that stand outside all brackets and quotes."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += {"(": 1, "“": 1, ")": -1, "”": -1}.get(letter, 0)
        if depth == 0 and text.startswith(mark, place):
            parts.append(text[start:place])
            start = place + len(mark)
    return (*parts, text[start:])


def _end(text: str) -> int:
    """Where the bracket that opens a text closes."""
    depth = 0
    for place, letter in enumerate(text):
        depth += {"(": 1, "“": 1, ")": -1, "”": -1}.get(letter, 0)
        if depth == 0:
            return place + 1
    raise Unreadable(text)
