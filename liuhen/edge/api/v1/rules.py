"""The rules: values with their sources, clauses with their law, and what they say about a situation. Open to all."""

from datetime import datetime
from typing import Annotated

from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.errors import NotFound
from liuhen.edge import situation
from liuhen.edge.api.ops import OPEN, Take, op
from liuhen.edge.api.shapes import Answer, Given, shape
from liuhen.edge.context import Ctx
from liuhen.policy import explain
from liuhen.policy.clauses.clause import Layer
from liuhen.policy.clauses.registry import CLAUSES, NUMBERS, PRECEDENCE
from liuhen.policy.decide import decide
from liuhen.policy.decision import Decider, Decision, Outcome
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.law import cite_text
from liuhen.policy.rulebook import Rulebook


class Edition(Answer, frozen=True, kw_only=True):
    """A version of the rules. The version in force when an order was placed applies to it."""

    version: str
    effective_from: datetime
    published_at: datetime
    current: bool


class Editions(Answer, frozen=True, kw_only=True):
    """Newest first. None ever goes."""

    items: list[Edition]


class RuleValue(Answer, frozen=True, kw_only=True):
    """One number of the rules. unit: seconds, workdays, fen, permille. contested: the law is disputed here."""

    name: str
    value: int
    unit: str
    source: str
    contested: bool


class RuleClause(Answer, frozen=True, kw_only=True):
    """One clause. number: as printed on /rules. outcome: what follows where it decides, null where it only serves
    others. cites: articles of law."""

    id: str
    number: str
    layer: Layer
    title_zh: str
    title_en: str
    outcome: Outcome | None
    decided_by: Decider | None
    cites: list[str]


class Rules(Answer, frozen=True, kw_only=True):
    """One version in full. precedence: ids of the clauses that decide, the first that is met wins."""

    version: str
    effective_from: datetime
    published_at: datetime
    values: list[RuleValue]
    clauses: list[RuleClause]
    precedence: list[str]


class Described(Given, frozen=True, kw_only=True):
    """hours: since delivery, or since the promised time. used: null for not known. agreed: the exclusion of no-reason
    returns was confirmed when ordering."""

    kind: GoodsKind
    stage: situation.Stage
    reason: ReasonCode
    hours: Annotated[int, Meta(ge=0, le=situation.MOST_HOURS)] = 1
    used: bool | None = None
    agreed: bool = False


class SelfCheck(Answer, frozen=True, kw_only=True):
    """What the rules would say, for an example of 100 yuan. A preview on a real order knows more."""

    headline_zh: str
    headline_en: str
    next_zh: str
    next_en: str
    decision: Decision


@op("GET", "/rules", OPEN, "Versions of the rules")
async def list_rules(ctx: Ctx) -> Editions:
    """Past, present and to come."""
    current = ctx.app.rulebook(ctx.now).version
    books = reversed(ctx.app.rulebooks)
    return Editions(items=[shape(book, Edition, current=book.version == current) for book in books])


@op("GET", "/rules/{version:str}", OPEN, "One version of the rules")
async def get_rules(ctx: Ctx, version: FromPath[str]) -> Rules:
    """The data that decides, with its sources."""
    book = next((book for book in ctx.app.rulebooks if book.version == version), None)
    if book is None:
        raise NotFound("no such rulebook")
    return shape(
        book,
        Rules,
        values=[shape(param, RuleValue, name=name) for name, param in book.params.items()],
        clauses=_clauses(book),
        precedence=list(PRECEDENCE),
    )


@op("POST", "/self-check", OPEN, "What the rules say about a situation")
async def check_situation(ctx: Ctx, given: Take[Described]) -> SelfCheck:
    """The very rules that decide real cases. Nothing is kept."""
    facts = situation.facts_of(shape(given, situation.Situation), ctx.now)
    decision = decide(facts, ctx.app.rulebook(ctx.now))
    return SelfCheck(
        headline_zh=explain.headline(decision, "zh"),
        headline_en=explain.headline(decision, "en"),
        next_zh=explain.step_text(decision.next_step, "zh"),
        next_en=explain.step_text(decision.next_step, "en"),
        decision=decision,
    )


def _clauses(book: Rulebook) -> list[RuleClause]:
    return [
        RuleClause(
            id=clause.id,
            number=NUMBERS[clause.id],
            layer=clause.layer,
            title_zh=explain.title(clause.id, "zh", book.values, "other"),
            title_en=explain.title(clause.id, "en", book.values, "other"),
            outcome=clause.effect.outcome if clause.effect else None,
            decided_by=clause.effect.decided_by if clause.effect else None,
            cites=[cite_text(cite, "zh") for cite in clause.cites],
        )
        for clause in CLAUSES
    ]


routes = [list_rules, get_rules, check_situation]
