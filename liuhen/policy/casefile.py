"""A case as a file: what is asked, the facts (of one unit, of several, or in time), and what must come out.

Reads plain tables (what TOML or JSON gave); docs/cases.md is the page for those who write them. Pure.
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import check
from liuhen.policy.asking import Signal
from liuhen.policy.binding import Binding, TermKind, TermQuestion
from liuhen.policy.decision import Cite, Decider, Order, Outcome, RefundRoute, StepKind
from liuhen.policy.facts.claim import Remedy
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Side
from liuhen.policy.facts.tables import (
    Table,
    facts_of,
    fen_of,
    merged,
    one_of,
    table_of,
    text_of,
    time_of,
    wrong,
)
from liuhen.policy.law import ALIASES, NAMES

MAX_UNITS = 500  # of one case
MAX_STEPS = 20  # in time, of one case
MAX_WORDS = 40  # of one list
CLAIMS = ("punitive_damages", "contract_penalty", "proven_loss", "interest")
_ITEMS = "一二三四五六七八九十"
_CITE = re.compile(
    rf"(?P<law>[^\d\s]{{1,20}}?)\s?(?P<article>\d{{1,4}})(?:\((?P<par>\d{{1,2}})\))?(?P<item>[{_ITEMS}]?)"
)


class Asks(StrEnum):
    """What a case asks of policy."""

    DECISION = "decision"
    DELIVERY_TIME = "delivery_time"  # when was it delivered
    TERM_BINDING = "term_binding"  # does a term bind
    ROUTE = "route"  # where does the money go
    PROCEDURE = "procedure"  # who must act now
    SIGNAL = "signal"  # is it a warning sign


class Expect(msgspec.Struct, frozen=True, kw_only=True):
    """What must come out; what is left out is not looked at. Amounts fen; a tuple of sides: one of them."""

    outcome: Outcome | None = None
    amount_fen: tuple[int, int] | None = None  # both ends; equal unless the amount is open
    amount_max_fen: int | None = None  # the upper end alone
    liable: tuple[Side, ...] = ()
    payer: Side | None = None
    recover_from: Side | None = None
    decider: Decider | None = None
    step: StepKind | None = None
    route: RefundRoute | None = None
    remedies: tuple[Remedy, ...] = ()  # all of them are offered
    no_remedies: tuple[Remedy, ...] = ()  # none of them is
    remedy_fen: dict[str, int] = {}  # what a remedy comes to
    orders: tuple[Order, ...] = ()  # all of them are given
    claims: dict[str, int | None] = {}  # all of them are there; an amount where one is named
    no_claims: tuple[str, ...] = ()  # none of them is
    cites: tuple[Cite, ...] = ()  # at least one of them carries the answer
    burden: tuple[Side, ...] = ()
    ground: str | None = None
    human_offered: bool | None = None
    outside_fen: int | None = None
    moment: datetime | None = None  # delivery_time
    binding: Binding | None = None  # term_binding
    signal: Signal | None = None  # signal


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """When something could be had, for delivery_time. Aware UTC."""

    retrievable_at: datetime | None = None  # it stood in the buyer's order and could be opened
    provided_at: datetime | None = None  # a service: when it was really provided
    seen_at: datetime | None = None  # when the buyer first looked; on record, and of no weight


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the case: the facts as they are by then, one per unit, and what must come out."""

    title: str
    units: tuple[RefundFacts, ...]
    expect: Expect


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case. rulebook: a version, or None for the one in force when the order was placed."""

    id: str
    title: str
    asks: Asks
    row: str = ""  # in the table of acceptance cases, where it stems from one
    rulebook: str | None = None
    moments: tuple[Moment, ...] = ()
    term: TermQuestion | None = None
    records: Records | None = None
    expect: Expect = Expect()  # of a question that has no facts of a claim


_CASE = ("id", "title", "row", "note", "asks", "rulebook", "facts", "units", "then", "term", "records", "expect")
_THEN = ("title", "facts", "units", "expect")
_CLAIM_ASKS = (Asks.DECISION, Asks.ROUTE, Asks.PROCEDURE, Asks.SIGNAL)


def case_of(value: Any) -> Case:
    """The case behind a table. Raises InvalidInput with the path of the entry and what may stand there."""
    table = table_of(value, "case")
    _known(table, _CASE, "")
    for name in ("id", "title", "expect"):
        if name not in table:
            raise wrong(name, "is missing", "every case has id, title and expect")
    asks = one_of(Asks, table.get("asks", "decision"), "asks")
    common: dict[str, Any] = {
        "id": text_of(table.get("id"), "id"),
        "title": text_of(table.get("title"), "title"),
        "row": text_of(table["row"], "row") if "row" in table else "",
        "rulebook": text_of(table["rulebook"], "rulebook") if "rulebook" in table else None,
        "asks": asks,
    }
    if "note" in table:
        text_of(table["note"], "note")
    if asks in _CLAIM_ASKS:
        _absent(table, ("term", "records"), asks)
        return Case(**common, moments=_moments(table))
    _absent(table, ("facts", "units", "then", "records" if asks is Asks.TERM_BINDING else "term"), asks)
    expect = _expect(table.get("expect"), "expect")
    if asks is Asks.TERM_BINDING:
        return Case(**common, term=_term(table.get("term")), expect=expect)
    return Case(**common, records=_records(table.get("records")), expect=expect)


def units_of(value: Any, most: int = MAX_UNITS) -> tuple[RefundFacts, ...]:
    """The units of a table that may be a case (its first moment) or nothing but facts. Raises InvalidInput."""
    table = table_of(value, "facts")
    if "facts" not in table:
        return (facts_of(table),)
    _known(table, _CASE, "")
    return _units(table_of(table["facts"], "facts"), _list(table.get("units", []), "units", most), "")


def _moments(table: Table) -> tuple[Moment, ...]:
    facts, units = table_of(table.get("facts"), "facts"), _list(table.get("units", []), "units", MAX_UNITS)
    first = Moment(title="", units=_units(facts, units, ""), expect=_expect(table.get("expect"), "expect"))
    moments = [first]
    for n, value in enumerate(_list(table.get("then", []), "then", MAX_STEPS)):
        at = f"then[{n}]"
        step = table_of(value, at)
        _known(step, _THEN, f"{at}.")
        facts = merged(facts, table_of(step.get("facts", {}), f"{at}.facts"))
        units = _list(step["units"], f"{at}.units", MAX_UNITS) if "units" in step else units
        moments.append(
            Moment(
                title=text_of(step["title"], f"{at}.title") if "title" in step else "",
                units=_units(facts, units, f"{at}."),
                expect=_expect(step.get("expect"), f"{at}.expect"),
            )
        )
    return tuple(moments)


def _units(facts: Table, units: list[Any], at: str) -> tuple[RefundFacts, ...]:
    if not units:
        return (facts_of(facts, f"{at}facts"),)
    found: list[RefundFacts] = []
    for n, value in enumerate(units):
        place = f"{at}units[{n}]"
        own = dict(table_of(value, place))
        count = own.pop("count", 1)
        if type(count) is not int or not 1 <= count <= MAX_UNITS - len(found):
            raise wrong(f"{place}.count", "is out of range", f"a whole number from 1 to {MAX_UNITS} for all together")
        found += [facts_of(merged(facts, own), place)] * count
    return tuple(found)


def _term(value: Any) -> TermQuestion:
    table = table_of(value, "term")
    _known(table, TermQuestion.__struct_fields__, "term.")
    flags = {name: table.get(name, False) for name in ("shown", "preticked", "hidden_fault")}
    for name, flag in flags.items():
        if type(flag) is not bool:
            raise wrong(f"term.{name}", "is of another kind", "true, false")
    confirmed = time_of(table["confirmed_at"], "term.confirmed_at") if "confirmed_at" in table else None
    return TermQuestion(kind=one_of(TermKind, table.get("kind"), "term.kind"), confirmed_at=confirmed, **flags)


def _records(value: Any) -> Records:
    table = table_of(value, "records")
    _known(table, Records.__struct_fields__, "records.")
    return Records(**{name: time_of(at, f"records.{name}") for name, at in table.items()})


def _expect(value: Any, at: str) -> Expect:
    table = dict(table_of(value, at))
    if not table:
        raise wrong(at, "is empty", ", ".join(_READERS))
    _known(table, tuple(_READERS), f"{at}.")
    read: dict[str, Any] = {}
    for name, entry in table.items():
        field, reader = _READERS[name]
        read[field] = reader(entry, f"{at}.{name}")
    return Expect(**read)


def _amount(value: Any, at: str) -> tuple[int, int]:
    ends = [_fen(one, at) for one in (value if isinstance(value, list) else [value])]
    if len(ends) not in (1, 2) or ends[0] > ends[-1]:
        raise wrong(at, "is not an amount", "one amount, or a list of the lower and the upper end")
    return ends[0], ends[-1]


def _fen(value: Any, at: str) -> int:
    return check(fen_of(value, at), at)


def _words(kind: Any) -> Any:
    def read(value: Any, at: str) -> tuple[Any, ...]:
        many = _list(value if isinstance(value, list) else [value], at, MAX_WORDS)
        return tuple(one_of(kind, word, at) for word in many)

    return read


def _word(kind: Any) -> Any:
    return lambda value, at: one_of(kind, value, at)


def _claims(value: Any, at: str) -> dict[str, int | None]:
    table = table_of(value, at)
    _known(table, CLAIMS, f"{at}.")
    return {name: None if fen is True else _fen(fen, f"{at}.{name}") for name, fen in table.items()}


def _claim_names(value: Any, at: str) -> tuple[str, ...]:
    names = tuple(_list(value, at, MAX_WORDS))
    for name in names:
        if name not in CLAIMS:
            raise wrong(at, "is not one of the words", ", ".join(CLAIMS))
    return names


def _remedy_fen(value: Any, at: str) -> dict[str, int]:
    table = table_of(value, at)
    _known(table, tuple(Remedy), f"{at}.")
    return {name: _fen(fen, f"{at}.{name}") for name, fen in table.items()}


def _flag(value: Any, at: str) -> bool:
    if type(value) is not bool:
        raise wrong(at, "is of another kind", "true, false")
    return value


def _cites(value: Any, at: str) -> tuple[Cite, ...]:
    return tuple(cite_of(one, at) for one in _list(value, at, MAX_WORDS))


def cite_of(value: Any, at: str = "cites") -> Cite:
    """An article as it is cited in short: 民法典563(1)三, article 563, paragraph 1, item 3. Raises InvalidInput."""
    match = _CITE.fullmatch(text_of(value, at))
    if match is None:
        raise wrong(at, "is not an article", "the law's short name, article, (paragraph), item: 民法典563(1)三")
    law = next((short for short, full in ALIASES.items() if full == match["law"]), match["law"])
    if law not in NAMES:
        raise wrong(at, "names a law that is not known here", ", ".join(NAMES))
    item = _ITEMS.index(match["item"]) + 1 if match["item"] else 0
    return Cite(law, int(match["article"]), int(match["par"] or 0), item)


def _list(value: Any, at: str, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise wrong(at, "is not such a list", f"a list of at most {most}")
    return value


def _known(table: Table, names: tuple[str, ...], at: str) -> None:
    for key in table:
        if key not in names:
            raise wrong(f"{at}{key[:80]}", "is not known", ", ".join(names))


def _absent(table: Table, names: tuple[str, ...], asks: Asks) -> None:
    for name in names:
        if name in table:
            raise InvalidInput(f"{name} has no place in a case that asks {asks}", path=name, allowed="nothing")


_READERS: dict[str, tuple[str, Any]] = {  # name in the file: field of Expect, how it is read
    "outcome": ("outcome", _word(Outcome)),
    "amount": ("amount_fen", _amount),
    "amount_max": ("amount_max_fen", _fen),
    "liable": ("liable", _words(Side)),
    "payer": ("payer", _word(Side)),
    "recover_from": ("recover_from", _word(Side)),
    "decider": ("decider", _word(Decider)),
    "step": ("step", _word(StepKind)),
    "route": ("route", _word(RefundRoute)),
    "remedies": ("remedies", _words(Remedy)),
    "no_remedies": ("no_remedies", _words(Remedy)),
    "remedy_amounts": ("remedy_fen", _remedy_fen),
    "orders": ("orders", _words(Order)),
    "claims": ("claims", _claims),
    "no_claims": ("no_claims", _claim_names),
    "cites": ("cites", _cites),
    "burden": ("burden", _words(Side)),
    "ground": ("ground", text_of),
    "human_offered": ("human_offered", _flag),
    "outside": ("outside_fen", _fen),
    "moment": ("moment", time_of),
    "binding": ("binding", _word(Binding)),
    "signal": ("signal", _word(Signal)),
}
EXPECTED = tuple(_READERS)
"""What may be expected, as a file names it."""
