"""Policy asked about facts that the caller describes. Stateless: nothing is looked up and nothing is kept."""

from asyncio import sleep
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

from liuhen.edge.api.facts_schema import facts_schema
from liuhen.edge.api.ops import OPEN, Take, op
from liuhen.edge.api.shapes import Answer, Fen, Given, utc
from liuhen.edge.context import Ctx, ip_of
from liuhen.parties.limits import network
from liuhen.policy.asking import decisions
from liuhen.policy.combine import combine
from liuhen.policy.decision import BillLine, Decision, Group, Outcome
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.tables import facts_of
from liuhen.policy.outside import Place
from liuhen.policy.rulebook_line import shown
from liuhen.policy.told import Told, told

MOST_UNITS = 100
UNITS_A_CALL = 10
_MOST_BYTES = 500_000
OneUnit = Annotated[dict[str, Any], Meta(extra_json_schema=facts_schema())]


class Lang(StrEnum):
    """The language of the texts."""

    ZH = "zh"
    EN = "en"


class Reader(StrEnum):
    """To whom the texts speak: to the buyer, or about him."""

    BUYER = "buyer"
    OTHER = "other"


class PolicyQuestion(Given, frozen=True, kw_only=True):
    """units: the facts of each, as in a case file (docs/cases.md). rulebook: a version; on: the version in force then;
    without both the version in force when the order was placed. place: where it was bought and how far it has gone
    there, for the steps that can be taken next."""

    units: Annotated[list[OneUnit], Meta(min_length=1, max_length=MOST_UNITS)]
    rulebook: Annotated[str, Meta(max_length=20)] | None = None
    on: datetime | None = None
    lang: Lang = Lang.ZH
    reader: Reader = Reader.OTHER
    place: Place = Place.HERE
    what_would_change: bool = True


class PolicyUnit(Answer, frozen=True, kw_only=True):
    """One unit: the decision as data, and the same in words."""

    decision: Decision
    texts: Told


class PolicyAnswer(Answer, frozen=True, kw_only=True):
    """The units in the order they came, and what they come to together. groups: units that go the same way."""

    outcome: Outcome
    amount_fen: Fen
    amount_max_fen: Fen
    bill: list[BillLine]
    groups: list[Group]
    units: list[PolicyUnit]


@op("POST", "/policy/decisions", OPEN, "What the rules say to these facts", most_bytes=_MOST_BYTES)
async def decide_facts(ctx: Ctx, given: Take[PolicyQuestion]) -> PolicyAnswer:
    """The very rules that decide real cases, on facts that the caller describes. Nothing is kept. Ten units count as
    one call."""
    for _ in range(UNITS_A_CALL, len(given.units), UNITS_A_CALL):  # the call itself has counted already
        ctx.app.api_rate.take(f"ip:{network(ip_of(ctx.request))}", ctx.now)
    units = [facts_of(unit, f"units[{n}]") for n, unit in enumerate(given.units)]
    on = utc(given.on) if given.on else None
    books = shown(ctx.app.rulebooks, ctx.now)
    seen: dict[RefundFacts, PolicyUnit] = {}  # equal units are decided and told once
    for facts in units:
        if facts not in seen:
            await sleep(0)  # a hundred units take a while: others get their turn in between
            (one,) = decisions([facts], books, given.rulebook, on, changes=given.what_would_change)
            texts = told(one, facts, given.lang, ctx.app.calendar, reader=given.reader, place=given.place)
            seen[facts] = PolicyUnit(decision=one, texts=texts)
    answers = [seen[facts] for facts in units]
    claim = combine([answer.decision for answer in answers])
    return PolicyAnswer(
        outcome=claim.outcome,
        amount_fen=claim.amount_fen,
        amount_max_fen=claim.amount_max_fen,
        bill=list(claim.bill),
        groups=list(claim.groups),
        units=answers,
    )


routes = [decide_facts]
