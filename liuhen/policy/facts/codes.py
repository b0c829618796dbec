"""Facts as small whole numbers, one row per case: what a back-test reads, and how a row becomes facts again.

A plain fact is one column: yes or no, the place of a word in its list, fen, a count, or a time in microseconds since
1970 (UTC). A disputed yes or no or word is `path`, one number for value and standing together (`states` lists them, so
that "it stands" is a range of numbers), and `path.source`. A disputed number or time is `path`, `path.standing` and
`path.source`. What is not there is -1 (a number, a time) or 255 (a word), never NULL: columns without gaps are read and
compared several times faster. Written off the schema: a new fact is a new column without a line here.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any, get_type_hints

import msgspec

from liuhen.base.errors import InvalidInput
from liuhen.policy.facts.check import most
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import Field, schema
from liuhen.policy.facts.standing import Fact, Source, Standing

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)
SECOND = 1_000_000  # microseconds
SOURCES, STANDINGS = tuple(Source), tuple(Standing)
_SETTLED = (Standing.REBUTTED, Standing.ESTABLISHED, Standing.WITHHELD)
MAX_TIME = (datetime(2200, 1, 1, tzinfo=UTC) - EPOCH) // MICRO  # far beyond any order, far inside any sum
NOTHING, NO_WORD = -1, 255


class Column(msgspec.Struct, frozen=True):
    """One column. least, most: what a cell may hold, both allowed; nothing: the number that stands for None."""

    name: str
    type: str  # BOOLEAN, UTINYINT, USMALLINT, INTEGER or BIGINT
    least: int
    most: int
    nothing: int | None = None


@cache
def columns() -> tuple[Column, ...]:
    """All columns of a row, in the order of the facts."""
    return tuple(column for field in schema().values() for column in _columns_of(field))


@cache
def states(path: str) -> tuple[tuple[Any, Standing], ...]:
    """(value, standing) of a disputed yes or no or word; the place in the list is the number in the column.

    Open ones first, then what is settled, value by value; a rebutted yes stands among what is settled as no.
    """
    field = schema()[path]
    none = [(None, standing) for standing in STANDINGS]
    said = [(value, standing) for standing in (Standing.UNKNOWN, Standing.ALLEGED) for value in field.values]
    if field.type is bool:
        settled = [(meant ^ (how is Standing.REBUTTED), how) for meant in field.values for how in _SETTLED]
    else:
        settled = [(value, Standing.REBUTTED) for value in field.values]
        settled += [(value, how) for value in field.values for how in _SETTLED[1:]]
    return (*none, *said, *settled)


def code_list() -> str:
    """Everything that a number in a column means, as one text; two lists that differ do not read each other's files."""
    lines = [f"{c.name}:{c.type}" for c in columns()]
    lines += [
        f"{path}={','.join(str(v) for v in field.values)}" for path, field in schema().items() if field.type is not bool
    ]
    return "\n".join([*lines, ",".join(SOURCES), ",".join(STANDINGS)])


def row_of(facts: RefundFacts) -> tuple[int, ...]:
    """The cells of one case, in the order of `columns`.

    Raises InvalidInput for a number or time that a cell does not hold (an amount beyond MAX_FEN, say).
    """
    cells = [cell for write in _writers() for cell in write(facts)]
    for column, cell in zip(columns(), cells, strict=True):
        if cell != column.nothing and not column.least <= cell <= column.most:
            raise InvalidInput("a fact is out of range", path=column.name, value=cell)
    return tuple(cells)


def facts_of(row: Sequence[Any]) -> RefundFacts:
    """The facts behind the cells of one row, in the order of `columns`.

    Raises InvalidInput when a cell holds what its column never does.
    """
    cells = iter(row)
    try:
        facts: RefundFacts = _built(RefundFacts, "", cells)
    except (IndexError, OverflowError, TypeError, StopIteration) as error:
        raise InvalidInput("this row is not one of refund facts", reason=str(error)) from error
    return facts


def _columns_of(field: Field) -> Iterable[Column]:
    if not field.disputed:
        yield _plain_column(field, field.optional)
        return
    if field.values:
        most = len(states(field.path)) - 1
        yield Column(field.path, "UTINYINT" if most < 256 else "USMALLINT", 0, most)
    else:
        yield _plain_column(field, True)
        yield Column(f"{field.path}.standing", "UTINYINT", 0, len(STANDINGS) - 1)
    yield Column(f"{field.path}.source", "UTINYINT", 0, len(SOURCES) - 1)


def _plain_column(field: Field, empty: bool) -> Column:
    if field.values:
        if field.type is bool and not empty:
            return Column(field.path, "BOOLEAN", 0, 1)
        return Column(field.path, "UTINYINT", 0, len(field.values) - 1, NO_WORD if empty else None)
    nothing = NOTHING if empty else None
    if field.type is datetime:
        return Column(field.path, "BIGINT", 0, MAX_TIME, nothing)
    return Column(field.path, "BIGINT" if field.path.endswith("_fen") else "INTEGER", 0, most(field.path), nothing)


Cells = Callable[[RefundFacts], tuple[int, ...]]


@cache
def _writers() -> tuple[Cells, ...]:
    return tuple(_writer(field) for field in schema().values())


def _writer(field: Field) -> Cells:
    read, number = attrgetter(field.path), _number(field)
    if not field.disputed:
        return lambda facts: (number(read(facts)),)
    if field.values:
        places = {state: place for place, state in enumerate(states(field.path))}

        def state(facts: RefundFacts) -> tuple[int, ...]:
            fact = read(facts)
            return places[fact.value, fact.standing], SOURCES.index(fact.source)

        return state

    def apart(facts: RefundFacts) -> tuple[int, ...]:
        fact = read(facts)
        return number(fact.value), STANDINGS.index(fact.standing), SOURCES.index(fact.source)

    return apart


def _number(field: Field) -> Callable[[Any], int]:
    if field.type is datetime:
        return lambda at: NOTHING if at is None else (at - EPOCH) // MICRO
    if field.values:
        places = {value: place for place, value in enumerate(field.values)} | {None: NO_WORD}
        return lambda word: places[word]
    return lambda number: NOTHING if number is None else number


def _built(struct: Any, prefix: str, cells: Any) -> Any:
    """One struct with all below it, taking its cells in the order of its fields."""
    known = schema()
    parts: dict[str, Any] = {}
    for name in struct.__struct_fields__:
        path = prefix + name
        parts[name] = _value(known[path], cells) if path in known else _built(_below(struct)[name], f"{path}.", cells)
    return struct(**parts)


@cache
def _below(struct: Any) -> dict[str, Any]:
    return get_type_hints(struct)


def _value(field: Field, cells: Any) -> Any:
    cell = next(cells)
    if not field.disputed:
        return _read(field, cell)
    if field.values:
        value, standing = states(field.path)[cell]
    else:
        value, standing = _read(field, cell), STANDINGS[next(cells)]
    return Fact(value, SOURCES[next(cells)], standing)


def _read(field: Field, cell: int) -> Any:
    if field.values:
        return None if cell == NO_WORD else field.values[cell]
    if cell == NOTHING:
        return None
    return EPOCH + cell * MICRO if field.type is datetime else cell
