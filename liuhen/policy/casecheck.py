"""A case judged: what policy says to it, and where that differs from what the file expects. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from liuhen.money.amount import show
from liuhen.policy.asking import Signal, decisions, signal_of
from liuhen.policy.binding import binds
from liuhen.policy.casefile import Asks, Case, Expect, Moment
from liuhen.policy.clauses.registry import BY_ID
from liuhen.policy.combine import combine
from liuhen.policy.decision import Cite, ClaimDecision, ClauseResult, Decision, Mark
from liuhen.policy.facts.standing import Side
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.terms import delivery_moment

_DELIVERY = (Cite("民法典", 512, 2), Cite("电商法", 51, 2), Cite("买卖合同解释", 2))
_SERVICE = (Cite("民法典", 512, 1),)
_ROUTE = "amount.to_balance"
_FEE = "goods.fee_scam"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that came out otherwise. place: "" or the title or number of a later step of the case."""

    place: str
    field: str
    expected: str
    got: str


def judged(case: Case, books: Sequence[Rulebook]) -> tuple[Difference, ...]:
    """Where policy differs from the file; nothing when all is as expected. Raises InvalidInput for a version that is
    not among `books`, or when none was in force on the day of the order.
    """
    if case.asks is Asks.TERM_BINDING and case.term is not None:
        answer = binds(case.term)
        return tuple(_plain(case.expect, {"binding": answer.binding}, answer.cites))
    if case.asks is Asks.DELIVERY_TIME and case.records is not None:
        known = case.records
        moment = delivery_moment(known.retrievable_at, known.provided_at)
        return tuple(_plain(case.expect, {"moment": moment}, _SERVICE if known.retrievable_at is None else _DELIVERY))
    found: list[Difference] = []
    for n, one in enumerate(case.moments):
        found += _differences(case, one, answered(case, one, books), one.title or (f"then[{n - 1}]" if n else ""))
    return tuple(found)


def answered(case: Case, one: Moment, books: Sequence[Rulebook]) -> ClaimDecision:
    """What policy says to one moment of a case, unit by unit and joined. Raises InvalidInput as `judged` does."""
    return combine(decisions(one.units, books, case.rulebook))


def _plain(expect: Expect, got: dict[str, Any], cites: tuple[Cite, ...]) -> Iterator[Difference]:
    for field, value in got.items():
        wanted = getattr(expect, field)
        if wanted is not None and wanted != value:
            yield Difference(place="", field=field, expected=str(wanted), got=str(value))
    yield from _cited(expect, cites, "")


def _differences(case: Case, one: Moment, claim: ClaimDecision, place: str) -> Iterator[Difference]:
    expect = one.expect
    for field, look in _SINGLE.items():
        wanted = getattr(expect, field)
        got = look(claim)
        if wanted is not None and wanted not in got:
            yield Difference(place=place, field=field, expected=_said(wanted), got=", ".join(map(_said, got)))
    if expect.amount_fen is not None and expect.amount_fen != (claim.amount_fen, claim.amount_max_fen):
        ends = _range(claim.amount_fen, claim.amount_max_fen)
        yield Difference(place=place, field="amount", expected=_range(*expect.amount_fen), got=ends)
    if expect.amount_max_fen is not None and expect.amount_max_fen != claim.amount_max_fen:
        upper = show(claim.amount_max_fen)
        yield Difference(place=place, field="amount_max", expected=show(expect.amount_max_fen), got=upper)
    signals = [signal_of(facts) for facts in one.units]
    if expect.signal is not None and expect.signal not in signals:
        yield Difference(place=place, field="signal", expected=expect.signal, got=_list(set(signals)))
    yield from _sides(case, expect, claim, place)
    yield from _follows(expect, claim, place)
    yield from _cited(expect, _carrying(case, one, claim), place)


def _sides(case: Case, expect: Expect, claim: ClaimDecision, place: str) -> Iterator[Difference]:
    # who is liable for where money goes is who sends it: the platform
    liable = {Side.PLATFORM} if case.asks is Asks.ROUTE else {d.liable for d in _weighty(claim)}
    for field, wanted, got in (
        ("liable", expect.liable, liable),
        ("burden", expect.burden, {c.burden for d in _weighty(claim) for c in d.clauses if c.id == d.ground}),
    ):
        if wanted and not got <= set(wanted):
            yield Difference(place=place, field=field, expected=" or ".join(wanted), got=", ".join(sorted(got)))


def _follows(expect: Expect, claim: ClaimDecision, place: str) -> Iterator[Difference]:
    remedies = {r for d in claim.units for r in d.remedies}
    orders = {o for d in claim.units for o in d.orders}
    claims = {c for d in claim.units for c in d.claims_for_human}
    for field, wanted, got in (
        ("remedies", set(expect.remedies), remedies),
        ("orders", set(expect.orders), orders),
        ("claims", set(expect.claims), claims),
    ):
        if not wanted <= got:
            yield Difference(place=place, field=field, expected=_list(wanted), got=_list(got))
    for field, barred, got in (
        ("no_remedies", set(expect.no_remedies), remedies),
        ("no_claims", set(expect.no_claims), claims),
    ):
        if barred & got:
            yield Difference(place=place, field=field, expected=f"without {_list(barred)}", got=_list(got))
    amounts = [("claims", name, fen, "claim_fen") for name, fen in expect.claims.items() if fen is not None]
    amounts += [("remedy_amounts", name, fen, "remedy_fen") for name, fen in expect.remedy_fen.items()]
    for field, name, fen, where in amounts:
        found = [getattr(d, where)[name] for d in claim.units if name in getattr(d, where)]
        if not found or sum(found) != fen:
            came = show(sum(found)) if found else "no amount"
            yield Difference(place=place, field=f"{field}.{name}", expected=show(fen), got=came)


def _cited(expect: Expect, cites: Iterable[Cite], place: str) -> Iterator[Difference]:
    carried = tuple(cites)
    if expect.cites and not any(_same(wanted, one) for wanted in expect.cites for one in carried):
        yield Difference(
            place=place, field="cites", expected=" or ".join(map(short, expect.cites)), got=_list(map(short, carried))
        )


def _same(wanted: Cite, found: Cite) -> bool:
    """The same article; paragraph and item only where both name one."""
    parts = ((wanted.paragraph, found.paragraph), (wanted.item, found.item))
    return (wanted.law, wanted.article) == (found.law, found.article) and all(
        a == b or not a or not b for a, b in parts
    )


def short(cite: Cite) -> str:
    """An article as a case file names it: 民法典563(1)三."""
    paragraph = f"({cite.paragraph})" if cite.paragraph else ""
    return f"{cite.law}{cite.article}{paragraph}{' 一二三四五六七八九十'[cite.item].strip()}"


def _carrying(case: Case, one: Moment, claim: ClaimDecision) -> list[Cite]:
    """The articles that the answer rests on: of the clauses that decide, and of those that hold beside them."""
    if case.asks is Asks.ROUTE:
        return _of_clause(claim, _ROUTE)
    if case.asks is Asks.SIGNAL and any(signal_of(facts) is not Signal.NONE for facts in one.units):
        return _of_clause(claim, _FEE)
    found = (cite for d in _weighty(claim) for c in d.clauses if _holds(c) for cite in c.cites)
    return list(dict.fromkeys(found))


def _of_clause(claim: ClaimDecision, clause: str) -> list[Cite]:
    return [cite for d in claim.units for c in d.clauses if c.id == clause for cite in c.cites]


def _holds(clause: ClauseResult) -> bool:
    """Decisive, or met without deciding anything itself: a term that is there, a limit that is kept."""
    return clause.decisive or (clause.mark is Mark.MET and BY_ID[clause.id].effect is None)


def _weighty(claim: ClaimDecision) -> list[Decision]:
    """The units for which something is due, or may be; all of them where nothing is."""
    return [d for d in claim.units if d.amount_max_fen or d.outside_fen] or list(claim.units)


def _said(value: Any) -> str:
    return show(value) if type(value) is int else str(value)


def _range(low: int, high: int) -> str:
    return show(low) if low == high else f"{show(low)} to {show(high)}"


def _list(values: Iterable[Any]) -> str:
    return ", ".join(sorted(map(str, values))) or "nothing"


_SINGLE: dict[str, Callable[[ClaimDecision], list[Any]]] = {
    "outcome": lambda claim: [claim.outcome],
    "payer": lambda claim: [d.payer for d in _weighty(claim)],
    "recover_from": lambda claim: [d.recover_from for d in _weighty(claim)],
    "decider": lambda claim: [d.decided_by for d in _weighty(claim)],
    "step": lambda claim: [d.next_step.kind for d in _weighty(claim)],
    "route": lambda claim: [d.route for d in _weighty(claim)],
    "ground": lambda claim: [d.ground for d in _weighty(claim)],
    "human_offered": lambda claim: [d.human_offered for d in _weighty(claim)],
    "outside_fen": lambda claim: [sum(d.outside_fen for d in claim.units)],
}
