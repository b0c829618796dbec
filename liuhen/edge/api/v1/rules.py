"""The rules: values with their sources, clauses with their law, and what they say about a situation. Open to all."""

from datetime import datetime
from typing import Any

from litestar.params import FromPath

from liuhen.base.errors import NotFound
from liuhen.edge.api.ops import OPEN, op
from liuhen.edge.api.shapes import Answer, shape
from liuhen.edge.context import Context, Ctx
from liuhen.policy import explain
from liuhen.policy.clauses.clause import Clause, Layer
from liuhen.policy.clauses.registry import CLAUSES, NUMBERS, PRECEDENCE
from liuhen.policy.decision import Decider, Outcome
from liuhen.policy.facts.standing import Side
from liuhen.policy.law import cite_text
from liuhen.policy.rulebook import REQUIRED, Rulebook
from liuhen.policy.rulebook_diff import diff, values_used
from liuhen.policy.rulebook_line import Stage, follows, shown, stage_of
from liuhen.policy.sentence import sentence


class Edition(Answer, frozen=True, kw_only=True):
    """A version of the rules. The version in force when an order was placed applies to it. stage: comment (the public
    is heard), weighed (comments closed), announced (published, not yet in force), in_force, past. draft: its dates and
    values may still change. weighty: published 15 days ahead instead of 7. follows: the version before it."""

    version: str
    stage: Stage
    effective_from: datetime
    published_at: datetime
    comment_from: datetime | None
    comment_until: datetime | None
    draft: bool
    weighty: bool
    follows: str | None
    current: bool


class Editions(Answer, frozen=True, kw_only=True):
    """Newest first. None ever goes."""

    items: list[Edition]


class RuleValue(Answer, frozen=True, kw_only=True):
    """One number of the rules. unit: seconds, workdays, fen, permille or switch (0 or 1). least, most: between what the
    law and the house let it lie. contested: the law is disputed. gains_by_more: who is better off when it rises."""

    name: str
    value: int
    unit: str
    source: str
    contested: bool
    least: int
    most: int
    gains_by_more: Side | None


class RuleClause(Answer, frozen=True, kw_only=True):
    """One clause. number: as printed on /rules. condition: when it holds, in full. values: names that it rests on.
    outcome: what follows where it decides, null where it only serves others. cites: articles of law."""

    id: str
    number: str
    layer: Layer
    title_zh: str
    title_en: str
    condition_zh: str
    condition_en: str
    values: list[str]
    outcome: Outcome | None
    decided_by: Decider | None
    cites: list[str]


class Rules(Edition, frozen=True, kw_only=True):
    """One version in full. precedence: ids of the clauses that decide, the first that is met wins. transition: how the
    change is eased in."""

    transition_zh: str | None
    transition_en: str | None
    values: list[RuleValue]
    clauses: list[RuleClause]
    precedence: list[str]


class ChangedValue(Answer, frozen=True, kw_only=True):
    """One value that differs. gains: who is better off, null where it serves or costs both alike. why: the reason that
    was published with the newer version; null when asked backwards, or over several versions."""

    name: str
    unit: str
    old: int
    new: int
    gains: Side | None
    why_zh: str | None
    why_en: str | None


class ChangedClause(Answer, frozen=True, kw_only=True):
    """One clause that reads or is timed by a value that differs. names: which values."""

    id: str
    number: str
    names: list[str]
    old_title_zh: str
    new_title_zh: str
    old_title_en: str
    new_title_en: str


class RuleChanges(Answer, frozen=True, kw_only=True):
    """From one version to another. reworded: values that stay, with a source worded anew."""

    old: str
    new: str
    values: list[ChangedValue]
    clauses: list[ChangedClause]
    reworded: list[str]


@op("GET", "/rules", OPEN, "Versions of the rules")
async def list_rules(ctx: Ctx) -> Editions:
    """Past, present and to come."""
    return Editions(items=[shape(book, Edition, **_place(ctx, book)) for book in reversed(_shown(ctx))])


@op("GET", "/rules/{version:str}", OPEN, "One version of the rules")
async def get_rules(ctx: Ctx, version: FromPath[str]) -> Rules:
    """The data that decides, with its sources."""
    book = _book(ctx, version)
    return shape(
        book,
        Rules,
        transition_zh=book.transition.zh if book.transition else None,
        transition_en=book.transition.en if book.transition else None,
        values=[_rule_value(book, name) for name in book.params],
        clauses=_clauses(book),
        precedence=list(PRECEDENCE),
        **_place(ctx, book),
    )


@op("GET", "/rules/{old:str}/diff/{new:str}", OPEN, "What differs between two versions of the rules")
async def diff_rules(ctx: Ctx, old: FromPath[str], new: FromPath[str]) -> RuleChanges:
    """Values with reasons, and the clauses that change with them."""
    before, after = _book(ctx, old), _book(ctx, new)
    change = diff(before, after)
    names = {one.name for one in change.values}
    return RuleChanges(
        old=change.old,
        new=change.new,
        values=[
            shape(
                one,
                ChangedValue,
                gains=_side(one.gains),
                why_zh=one.why.zh if one.why else None,
                why_en=one.why.en if one.why else None,
            )
            for one in change.values
        ],
        clauses=[_changed(clause, names, before, after) for clause in CLAUSES if names & set(values_used(clause))],
        reworded=list(change.sources),
    )


def _shown(ctx: Context) -> tuple[Rulebook, ...]:
    return shown(ctx.app.rulebooks, ctx.now)


def _book(ctx: Context, version: str) -> Rulebook:
    book = next((book for book in _shown(ctx) if book.version == version), None)
    if book is None:
        raise NotFound("no such rulebook")
    return book


def _place(ctx: Context, book: Rulebook) -> dict[str, Any]:
    """Where a version stands in the line."""
    line = _shown(ctx)
    stage = stage_of(book, line, ctx.now)
    before = follows(book, line)
    return {"stage": stage, "follows": before.version if before else None, "current": stage is Stage.IN_FORCE}


def _side(side: Side) -> Side | None:
    return None if side is Side.NOBODY else side


def _rule_value(book: Rulebook, name: str) -> RuleValue:
    limit = REQUIRED[name]
    up = _side(limit.up)
    return shape(book.params[name], RuleValue, name=name, least=limit.least, most=limit.most, gains_by_more=up)


def _changed(clause: Clause, names: set[str], before: Rulebook, after: Rulebook) -> ChangedClause:
    return ChangedClause(
        id=clause.id,
        number=NUMBERS[clause.id],
        names=[name for name in values_used(clause) if name in names],
        old_title_zh=explain.title(clause.id, "zh", before.values, "other"),
        new_title_zh=explain.title(clause.id, "zh", after.values, "other"),
        old_title_en=explain.title(clause.id, "en", before.values, "other"),
        new_title_en=explain.title(clause.id, "en", after.values, "other"),
    )


def _clauses(book: Rulebook) -> list[RuleClause]:
    return [
        RuleClause(
            id=clause.id,
            number=NUMBERS[clause.id],
            layer=clause.layer,
            title_zh=explain.title(clause.id, "zh", book.values, "other"),
            title_en=explain.title(clause.id, "en", book.values, "other"),
            condition_zh=sentence(clause.when, "zh", book.values),
            condition_en=sentence(clause.when, "en", book.values),
            values=list(values_used(clause)),
            outcome=clause.effect.outcome if clause.effect else None,
            decided_by=clause.effect.decided_by if clause.effect else None,
            cites=[cite_text(cite, "zh") for cite in clause.cites],
        )
        for clause in CLAUSES
    ]


routes = [list_rules, get_rules, diff_rules]
