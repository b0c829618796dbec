"""Self-check: what the rules say about a situation, bought here or elsewhere. Open to all; nothing is kept."""

from typing import Annotated

from msgspec import Meta

from liuhen.base.errors import InvalidInput
from liuhen.edge import situation
from liuhen.edge.api.ops import OPEN, Take, op
from liuhen.edge.api.shapes import Answer, Given
from liuhen.edge.context import Context, Ctx
from liuhen.policy import outside
from liuhen.policy.decision import Decision
from liuhen.policy.engine import expanded
from liuhen.policy.facts.claim import Proof, ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.law import cite_text
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.selfcheck import told, walk
from liuhen.policy.selfcheck.said import Said, facts_of, fault_of, said_of, verdict_of, without
from liuhen.policy.statement import statement

_TEXT = Meta(max_length=120)


class CheckAnswer(Given, frozen=True, kw_only=True):
    """key: a question, or question.number for what is typed. value: the choice; the number as text (yuan, or a count);
    "" for a question whose numbers are typed beside it or left open."""

    key: Annotated[str, _TEXT]
    value: Annotated[str, _TEXT]


class Described(Given, frozen=True, kw_only=True):
    """Either kind, stage and reason with what is known besides, or `answers` as on /check.

    hours: since delivery, or since the promised time. used: null for not known. agreed: the exclusion of no-reason
    returns was confirmed when ordering. where: elsewhere for a shop that has not agreed to our rules, where the law
    alone counts. paid_fen: null for an example of 100 yuan.
    """

    kind: GoodsKind | None = None
    stage: situation.Stage | None = None
    reason: ReasonCode | None = None
    hours: Annotated[int, Meta(ge=0, le=situation.MOST_HOURS)] = 1
    used: bool | None = None
    agreed: bool = False
    where: situation.Where = situation.Where.HERE
    paid_fen: Annotated[int, Meta(ge=1, le=9_999_999_999)] | None = None
    proof: Proof | None = None
    seller: situation.Seller = situation.Seller.NOT_ASKED
    answers: Annotated[list[CheckAnswer], Meta(max_length=60)] | None = None


class CheckChoice(Answer, frozen=True, kw_only=True):
    """One choice of a question."""

    key: str
    text_zh: str
    text_en: str


class CheckNumber(Answer, frozen=True, kw_only=True):
    """One number of a question. money: yuan as text; else a count."""

    key: str
    money: bool
    text_zh: str
    text_en: str


class CheckQuestion(Answer, frozen=True, kw_only=True):
    """A question whose answer can still change the decision."""

    key: str
    text_zh: str
    text_en: str
    choices: list[CheckChoice]
    numbers: list[CheckNumber]


class CheckStep(Answer, frozen=True, kw_only=True):
    """What can be done next, the least effort first. limits: times that the law sets. None is promised to succeed."""

    key: str
    who_zh: str
    who_en: str
    what_zh: str
    what_en: str
    limits: list[str]
    cites: list[str]


class SelfCheck(Answer, frozen=True, kw_only=True):
    """What the rules would say, if it is all so. A preview on a real order knows more. question: the next one that
    matters, null when there is none or the situation was described at once; what follows holds for what is said so far.
    statement: a calm text to copy, null where only a situation was described."""

    headline_zh: str
    headline_en: str
    next_zh: str
    next_en: str
    decision: Decision
    question: CheckQuestion | None
    statement_zh: str | None
    statement_en: str | None
    steps: list[CheckStep]


@op("POST", "/self-check", OPEN, "What the rules say about a situation", InvalidInput)
async def check_situation(ctx: Ctx, given: Take[Described]) -> SelfCheck:
    """The very rules that decide real cases. Nothing is kept."""
    rulebook = ctx.app.rulebook(ctx.now)
    if given.answers is not None:
        said = _said({one.key: one.value for one in given.answers})
        return _answer(ctx, said, facts_of(said, ctx.now, rulebook), rulebook, asked=True)
    if given.kind is None or given.stage is None or given.reason is None:
        missing = next(name for name in ("kind", "stage", "reason") if getattr(given, name) is None)
        raise InvalidInput("kind, stage and reason, or answers", reason="missing", field=missing)
    meant = situation.Situation(
        kind=given.kind,
        stage=given.stage,
        reason=given.reason,
        hours=given.hours,
        used=given.used,
        agreed=given.agreed,
        where=given.where,
        paid_fen=given.paid_fen,
        proof=given.proof,
        seller=given.seller,
    )
    said = Said(answers={"kind": given.kind.value, "where": given.where.value})
    return _answer(ctx, said, situation.facts_of(meant, ctx.now, rulebook), rulebook, asked=False)


def _said(answers: dict[str, str]) -> Said:
    """The answers, all of them or none. Raises InvalidInput that names the first that does not fit."""
    said = said_of(answers)
    for key in answers:
        question = key.split(".")[0]
        if question not in said.answers or fault_of(question, answers):
            raise InvalidInput("this answer does not fit", reason="choice", field=f"answers.{key}"[:100])
    return said


def _answer(ctx: Context, said: Said, facts: RefundFacts, rulebook: Rulebook, *, asked: bool) -> SelfCheck:
    decision = expanded(verdict_of(facts, rulebook, without(said)))
    place = outside.Place.ELSEWHERE if said.elsewhere() else outside.Place.HERE
    texts = {
        lang: statement(told.story(said, decision, ctx.now, lang, typed={}), decision, lang) if asked else None
        for lang in ("zh", "en")
    }
    return SelfCheck(
        headline_zh=told.headline(said, decision, "zh"),
        headline_en=told.headline(said, decision, "en"),
        next_zh=told.turn(said, decision, "zh"),
        next_en=told.turn(said, decision, "en"),
        decision=decision,
        question=_question(said, rulebook) if asked else None,
        statement_zh=texts["zh"],
        statement_en=texts["en"],
        steps=[_step(one) for one in outside.next_steps(decision, facts, place)],
    )


def _question(said: Said, rulebook: Rulebook) -> CheckQuestion | None:
    question = walk.next_question(said, rulebook)
    if question is None:
        return None
    return CheckQuestion(
        key=question.key,
        text_zh=told.question_text(question, "zh")[0],
        text_en=told.question_text(question, "en")[0],
        choices=[
            CheckChoice(
                key=choice.key,
                text_zh=told.choice_text(question, choice, said, rulebook, "zh")[0],
                text_en=told.choice_text(question, choice, said, rulebook, "en")[0],
            )
            for choice in walk.offered(question, said)
        ],
        numbers=[
            CheckNumber(
                key=f"{question.key}.{number.key}",
                money=number.money,
                text_zh=told.number_text(question, number.key, "zh"),
                text_en=told.number_text(question, number.key, "en"),
            )
            for number in question.numbers
        ],
    )


def _step(step: outside.OutsideStep) -> CheckStep:
    return CheckStep(
        key=step.key,
        who_zh=outside.who(step, "zh"),
        who_en=outside.who(step, "en"),
        what_zh=outside.what(step, "zh"),
        what_en=outside.what(step, "en"),
        limits=[f"{outside.limit_words(one, 'zh')}（{cite_text(one.cite, 'zh')}）" for one in step.limits],
        cites=[cite_text(cite, "zh") for cite in step.cites],
    )


routes = [check_situation]
