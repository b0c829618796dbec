"""Facts in one line, for tables of what must come out: a plain case, and what is otherwise in it.

`opened; invalid_key=true@issuer; claimed=+2d` is a key opened ten minutes after delivery, invalid by the issuer's
record, claimed two days after delivery. A fact is named by the end of its path, as much of it as is needed. Times
count from the delivery (`+1d`, `-1h`, `+7d+1s`). What is disputed: `true` our log shows it, `true@issuer` the issuer
does, `true?` the buyer says so, `true?seller` the seller does, `true~` it was said and rebutted, `true#` the buyer says
so and the other side holds the proof back, `-` nobody says anything. `rule.NAME=1` is another value of the rulebook.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from msgspec.structs import replace

from liuhen.policy.facts.check import checked
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import Field, schema
from liuhen.policy.facts.standing import Fact, Source, Standing
from liuhen.policy.rulebook import Rulebook
from tests.policy.world import BOOK, T0, book_with, by_hand, revealed, sealed, undelivered

BASES: dict[str, RefundFacts] = {
    "sealed": sealed(),
    "opened": revealed(),
    "undelivered": undelivered(),
    "hand": by_hand(sealed()),
    "hand-undelivered": by_hand(undelivered()),
    "member": by_hand(sealed(ReasonCode.SERVICE_STOPPED), GoodsKind.MEMBERSHIP),
}
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SAID = re.compile(r"([^@?~#]*)([@?~#]?)(\w*)")


class Row(NamedTuple):
    """One line of a table. sign: what must come out."""

    sign: str
    text: str
    facts: RefundFacts
    book: Rulebook


def rows(table: str, sign: str = r"[-+?]") -> Iterator[Row]:
    """The lines of a table. An indented one changes the last that was not; `|` parts several such changes."""
    above = ""
    for line in filter(str.strip, table.splitlines()):
        found = re.fullmatch(rf"( *)({sign}) (.*)", line)
        assert found, f"not a row: {line}"
        indent, mark, text = found.groups()
        if not indent:
            above = text
        for one in text.split("|"):
            whole = f"{above}; {one}" if indent else one
            yield Row(mark, whole, *read(whole))


@cache
def read(text: str) -> tuple[RefundFacts, Rulebook]:
    """Facts that can be, and the rulebook, that a line means."""
    base, *changes = (part.strip() for part in text.split(";"))
    facts, values = BASES[base], {}
    for change in changes:
        name, _, value = (part.strip() for part in change.partition("="))
        if name.startswith("rule."):
            values[name.removeprefix("rule.")] = int(value)
        elif name == "claimed":
            facts = _set(_set(facts, "now", moment(value)), "claim.requested_at", moment(value))
        else:
            path = _path(name)
            facts = _set(facts, path, _value(schema()[path], value))
    return checked(facts), _book(tuple(values.items()))


def moment(text: str) -> datetime:
    """A time counted from the delivery."""
    parts = re.findall(r"([-+]\d+)([smhd])", text)
    assert "".join(map("".join, parts)) == text, text
    return T0 + timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))


@cache
def _book(values: tuple[tuple[str, int], ...]) -> Rulebook:
    return book_with(**dict(values)) if values else BOOK


@cache
def _path(name: str) -> str:
    found = [path for path in schema() if f".{path}".endswith(f".{name}")]
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


def _set(facts: Any, path: str, value: Any) -> Any:
    first, _, rest = path.partition(".")
    return replace(facts, **{first: _set(getattr(facts, first), rest, value) if rest else value})


def _value(field: Field, text: str) -> Any:
    if text == "-":
        return Fact() if field.disputed else None
    if not field.disputed:
        return _plain(field, text)
    found = _SAID.fullmatch(text)
    assert found, text
    value, how, source = found.groups()
    standing = {"?": Standing.ALLEGED, "~": Standing.REBUTTED, "#": Standing.WITHHELD}.get(how, Standing.ESTABLISHED)
    usual = {"?": Source.BUYER, "~": Source.SELLER, "#": Source.BUYER}.get(how, Source.PLATFORM_LOG)
    return Fact(_plain(field, value), Source(source) if source else usual, standing)


def _plain(field: Field, text: str) -> Any:
    if field.type is bool:
        return {"true": True, "false": False}[text]
    if field.type is datetime:
        return moment(text)
    return int(text) if field.type is int else field.type(text)
