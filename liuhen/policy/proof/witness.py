"""A solution of the solver as a case that a person can read: made small, written as facts that Python can decide."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import msgspec

from liuhen.policy.facts.capacity import Capacity
from liuhen.policy.facts.claim import Claim, ReasonCode
from liuhen.policy.facts.delivery import Delivery
from liuhen.policy.facts.goods import Goods, GoodsKind
from liuhen.policy.facts.order import OrderFacts
from liuhen.policy.facts.redemption import Redemption, Seal
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import Field, schema
from liuhen.policy.facts.standing import Fact, Source, Standing
from liuhen.policy.proof.copy import Plain, Said, Variable, equal, from_micros, literal
from liuhen.policy.proof.logic import Bool, Model, every, negation
from liuhen.policy.proof.system import Case

_NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
_HOUR = timedelta(hours=1)
# The plainest case: a key, bought for 98 yuan two hours ago, delivered sealed an hour ago, not wanted any more.
PLAIN_CASE = RefundFacts(
    now=_NOW,
    goods=Goods(kind=GoodsKind.CARD_KEY, sealed_delivery=True),
    order=OrderFacts(placed_at=_NOW - 2 * _HOUR, paid_at=_NOW - 2 * _HOUR, unit_price_fen=9_800),
    claim=Claim(reason=ReasonCode.CHANGE_OF_MIND, requested_at=_NOW),
    capacity=Capacity(captured_fen=9_800),
    delivery=Delivery(promised_at=_NOW - _HOUR, delivered_at=_NOW - _HOUR),
    redemption=Redemption(seal=Seal.SEALED),
)
# Numbers and moments that read well, tried in this order where the plainest will not do.
_HOURS = (-2, -1, 0, -24, -48, -96, -192, -24 * 30, 1, 24, 96, 24 * 30)
_NUMBERS = (0, 1, 2, 3, 10, 100, 5_000, 9_800, 10_000, 20_000, 3_600, 86_400, 8 * 86_400)


def plainer(cases: Iterable[Case]) -> Iterator[list[Bool]]:
    """For each fact, what would make the case easier to read, the plainest first."""
    made = list(cases)
    for path, field in schema().items():
        seen = [case.copy.variables[path] for case in made if path in case.copy.variables]
        distinct = list({id(one): one for one in seen}.values())
        if distinct:
            yield [every(equal(one, value) for one in distinct) for value in _plain_values(field)]
        if len(distinct) > 1:
            for one in distinct:
                yield [equal(one, value) for value in _plain_values(field)]
        for one in distinct:
            if isinstance(one, Said):
                yield [_whole(one)]


def facts_of(model: Model, case: Case) -> RefundFacts:
    """The facts of one case in a solution; what does not matter is as in the plainest case."""
    found: dict[str, Any] = {}
    for path, field in schema().items():
        value = attrgetter(path)(PLAIN_CASE)
        if path in case.copy.variables:
            value = _read(model, field, case.copy.variables[path], value)
        place, parts = found, path.split(".")
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1]] = msgspec.to_builtins(value)
    return msgspec.convert(found, RefundFacts)


def differences(facts: RefundFacts) -> Iterator[tuple[str, str]]:
    """The facts that are not as in the plainest case, in the order of the schema: path and what it is."""
    for path in schema():
        value = attrgetter(path)(facts)
        if value != attrgetter(path)(PLAIN_CASE):
            yield path, shown(value)


def shown(value: Any) -> str:
    """One fact as text."""
    if isinstance(value, Fact):
        return f"{shown(value.value)} ({value.source}, {value.standing})"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(sep=" ").replace("+00:00", " UTC")
    return "nothing" if value is None else str(value)


def _plain_values(field: Field) -> list[Variable]:
    plain = attrgetter(field.path)(PLAIN_CASE)
    values: list[Any] = [plain]
    if field.disputed:
        said = field.values or ((0, 1, 2, 8, 20, 100, 5_000) if field.type is int else (_NOW - _HOUR,))
        settled = [Fact(value, Source.PLATFORM_LOG, Standing.ESTABLISHED) for value in list(reversed(said))[:4]]
        alleged = [Fact(said[-1], Source.BUYER, Standing.ALLEGED)]
        return [literal(field, fact) for fact in (plain, *settled, *alleged)]
    if field.optional:
        values.append(None)
    if field.type is datetime:
        values += [_NOW + hours * _HOUR for hours in _HOURS]
    elif field.type is int:
        values += _NUMBERS
    else:
        values += field.values
    return [literal(field, value) for value in values]


def _whole(said: Said) -> Bool:
    """A value, a source and a standing, as facts.check wants it."""
    return every((said.given, negation(said.source[Source.NOBODY]), negation(said.standing[Standing.UNKNOWN])))


def _read(model: Model, field: Field, variable: Variable, plain: Any) -> Any:
    given = model.truth(variable.given)
    if isinstance(variable, Plain):
        if given is None:
            return plain
        return _value(model, field, variable.value, plain) if given else None
    source = _member(model, variable.source, plain.source)
    standing = _member(model, variable.standing, plain.standing)
    return Fact(_value(model, field, variable.value, None) if given else None, source, standing)


def _value(model: Model, field: Field, value: Any, plain: Any) -> Any:
    if field.type is bool:
        found = model.truth(value)
        return found if found is not None else plain if isinstance(plain, bool) else False
    if field.values:
        return _member(model, value, plain if plain is not None else field.values[0])
    number = model.number(value)
    if number is None:
        number = 0 if plain is None else None
    if number is None:
        return plain
    return from_micros(number) if field.type is datetime else number


def _member(model: Model, word: Any, otherwise: Any) -> Any:
    return next((one for one, hit in word.items() if model.truth(hit)), otherwise)
