"""The self-check in words: questions with their choices, what was answered, the result, the story for a statement."""

import re
from collections.abc import Mapping
from datetime import datetime
from types import ModuleType

import msgspec

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import show
from liuhen.policy import explain
from liuhen.policy.clauses.registry import NUMBERS
from liuhen.policy.decision import Change, Cite, ClauseResult, Decision, Mark, Outcome, StepKind
from liuhen.policy.engine import effect_of
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.schema import field_of
from liuhen.policy.facts.standing import Side
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.selfcheck.question import Choice, Question
from liuhen.policy.selfcheck.said import Said, facts_of, verdict_of, without
from liuhen.policy.selfcheck.table import BY_KEY, QUESTIONS, SERVICES, UNKNOWN
from liuhen.policy.statement import Story
from liuhen.policy.whatif import MAX_BETTER, MAX_WORSE, MOVES
from liuhen.policy.words import check_en, check_zh, elsewhere
from liuhen.policy.words.fill import duration

_LANGS: dict[str, ModuleType] = {"zh": check_zh, "en": check_en}
_SLOT = re.compile(r"\{([a-z_]+)\}")
# Layers and clauses of the house alone: another shop owes nothing of it.
HOUSE_ONLY = frozenset(
    {
        "promise.instant",
        "promise.advance",
        "seller.deemed_approved",
        "seller.silent",
        "ruling.granted",
        "ruling.partly",
        "ruling.refused",
        "no_reason.voidable",
        "capacity.other_case",
        "procedure.human_asked",
        "procedure.human_else",
        "amount.to_balance",
        "delivery.cancel",
        "delivery.overdue",
        "procedure.human_refused",
        "procedure.human_part",
    }
)
# Moves that only mean something where our seal, our clock or our reviewers are.
OUR_MOVES = frozenset(
    {
        "seller_silent",
        "reviewer_grants",
        "human_asked",
        "seal_whole",
        "seal_broken",
        "claimed_in_window",
        "time_passes",
        "advance_due",
    }
)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A question with what was answered. text: the answer in words, "" when it was skipped."""

    key: str
    question: str
    text: str


def question_text(question: Question, lang: str) -> tuple[str, str]:
    """What is asked, and a line below it or "". Raises InvalidInput for another language."""
    words: tuple[str, str] = _words(lang).QUESTIONS[question.key]
    return words


def choice_text(question: Question, choice: Choice, said: Said, rulebook: Rulebook, lang: str) -> tuple[str, str]:
    """A choice, and a line below it or "". Times are those of the rulebook."""
    blanks = _limits(said, rulebook, lang)
    label, note = _words(lang).CHOICES[f"{question.key}.{choice.key}"]
    return _fill(label, blanks), _fill(note, blanks)


def number_text(question: Question, key: str, lang: str) -> str:
    """What the box of a number is called."""
    text: str = _words(lang).NUMBERS[f"{question.key}.{key}"]
    return text


def lines(said: Said, rulebook: Rulebook, lang: str) -> tuple[Line, ...]:
    """What was answered, in order."""
    found = []
    for question in QUESTIONS:
        if question.key not in said.answers:
            continue
        text = " / ".join(_typed(said, question.key).values())
        for choice in question.choices:
            if choice.key == said.answers[question.key]:
                text = choice_text(question, choice, said, rulebook, lang)[0]
        found.append(Line(key=question.key, question=question_text(question, lang)[0], text=text))
    return tuple(found)


def headline(said: Said, decision: Decision, lang: str) -> str:
    """The result in one line. Elsewhere it is what the law supports, not what anybody has decided."""
    if not said.elsewhere():
        return explain.headline(decision, lang)
    amount = decision.outside_fen or decision.amount_max_fen
    return _of(elsewhere.HEADLINES[lang], decision).replace("{amount}", show(amount))


def _of(table: Mapping[str, str], decision: Decision) -> str:
    """By the clause that decides, by outcome and next step, or by the outcome."""
    keys = (decision.ground, f"{decision.outcome.value}.{decision.next_step.kind.value}")
    return next((table[key] for key in keys if key in table), "") or table[decision.outcome.value]


def turn(said: Said, decision: Decision, lang: str) -> str:
    """Who must act now."""
    if not said.elsewhere():
        waits = decision.next_step.kind is StepKind.WAIT_DELIVERY
        return elsewhere.WAIT_HERE[lang] if waits else explain.step_text(decision.next_step, lang)
    return _of(elsewhere.TURNS[lang], decision)


def burden(decision: Decision, lang: str) -> str:
    """Who loses by what stays unproven, "" where nobody in particular does or nothing has to be proven any more."""
    if decision.outcome is Outcome.BLOCK or decision.next_step.kind is StepKind.PAY:
        return ""
    ground = next(one for one in decision.clauses if one.id == decision.ground)
    return elsewhere.BURDENS[lang].get(ground.burden.value, "")


def ground_result(said: Said, result: ClauseResult, lang: str) -> tuple[str, tuple[Cite, ...]]:
    """One clause in words with its articles: elsewhere a clause on our own procedure is put as what it means there.

    Times and windows that nobody said (they only stand in for a range) are not told: the rule is read out instead.
    """
    if said.elsewhere() and result.mark is Mark.MET and result.id in elsewhere.GROUNDS[lang]:
        return elsewhere.GROUNDS[lang][result.id], elsewhere.GROUND_CITES.get(result.id, result.cites)
    text = explain.sentence(result.id, result, lang)
    untimed = msgspec.structs.replace(result, facts=tuple(one for one in result.facts if not _is_time(one.path)))
    if explain.sentence(result.id, untimed, lang) != text:
        text = explain.title(result.id, lang, result.params)
    return text[:1].upper() + text[1:], result.cites


def _is_time(path: str) -> bool:
    return field_of(path).type is datetime or path.endswith("_window_seconds")


def claims(decision: Decision, lang: str) -> tuple[tuple[str, tuple[Cite, ...]], ...]:
    """What may be asked for besides, before a person alone; never by a machine. With its articles."""
    if decision.outcome is Outcome.BLOCK:
        return ()
    return tuple((elsewhere.CLAIMS[lang][name], CLAIM_CITES[name]) for name in decision.claims_for_human)


CLAIM_CITES: dict[str, tuple[Cite, ...]] = {
    "punitive_damages": (Cite("消法", 55, 1), Cite("民事证据规定", 86, 1)),
    "contract_penalty": (Cite("民法典", 585, 1),),
    "proven_loss": (Cite("民法典", 584),),
    "interest": (Cite("预付消费解释", 16, 1),),
}


def changes(said: Said, now: datetime, rulebook: Rulebook) -> tuple[Change, ...]:
    """What would change it where the house's own rules do not hold: the moves that mean something there."""
    facts, left_out = facts_of(said, now, rulebook), without(said)
    before = verdict_of(facts, rulebook, left_out)
    found: list[Change] = []
    for move in MOVES:
        moved = None if move.key in OUR_MOVES else move.make(facts, rulebook)
        if moved is None or moved == facts:
            continue
        after = verdict_of(moved, rulebook, left_out)
        effect = effect_of(after.ground)
        same = (after.outcome, after.low, after.high) == (before.outcome, before.low, before.high)
        if same:
            continue
        found.append(
            Change(
                keys=(move.key,),
                by=move.by,
                better=(after.low, after.high) > (before.low, before.high),
                outcome=after.outcome,
                amount_fen=after.low,
                amount_max_fen=after.high,
                decided_by=effect.decided_by,
            )
        )
    found.sort(key=lambda change: (change.by is Side.NOBODY, -change.amount_fen))
    better = [change for change in found if change.better]
    return tuple(better[:MAX_BETTER] + [change for change in found if not change.better][:MAX_WORSE])


def story(said: Said, decision: Decision, now: datetime, lang: str, *, typed: Mapping[str, str]) -> Story:
    """What was said, as a statement takes it. typed: item, shop, order_no and bought_on, each may be missing."""
    words = _words(lang)
    happened: list[str] = []
    for question in QUESTIONS:
        answer = said.answers.get(question.key)
        if answer is None:
            continue
        numbers = _typed(said, question.key)
        text = words.SAYS.get(f"{question.key}.{answer}" if question.choices else question.key, "")
        if text and answer != UNKNOWN and (numbers or not question.numbers):
            happened.append(_fill(text, numbers))
    enclosed = [
        words.ENCLOSED[name]
        for name in (f"{key}.{said.answers[key]}" for key in BY_KEY if key in said.answers)
        if name in words.ENCLOSED
    ]
    goods = words.CHOICES[f"kind.{said.answers.get('kind', 'card_key')}"][0]
    return Story(
        goods=goods,
        happened=tuple(dict.fromkeys(happened)),
        enclosed=tuple(enclosed),
        written_at=now,
        item=typed.get("item", ""),
        shop=typed.get("shop", ""),
        order_no=typed.get("order_no", ""),
        bought_on=typed.get("bought_on", ""),
        paid_fen=next((said.numbers[key] for key in _PAID if key in said.numbers), None),
        our_rule="" if said.elsewhere() else NUMBERS[decision.ground],
    )


_PAID = ("paid.paid", "prices.paid", "charges.paid", "sent.sent")


def paid_known(said: Said) -> bool:
    """Somebody said what was paid; else an example stands in for it."""
    return any(key in said.numbers for key in _PAID)


def goods_text(kind: GoodsKind, lang: str) -> str:
    """A product kind in words."""
    text: str = _words(lang).CHOICES[f"kind.{kind.value}"][0]
    return text


def reason_text(reason: ReasonCode, lang: str) -> str:
    """What somebody says who gives this reason."""
    says: dict[str, str] = _words(lang).SAYS
    return says[_SAYS_OF[reason]]


_SAYS_OF = {
    choice.sets["claim.reason"]: f"{question.key}.{choice.key}"
    for question in reversed(QUESTIONS)
    for choice in reversed(question.choices)
    if "claim.reason" in choice.sets
}


def _typed(said: Said, key: str) -> dict[str, str]:
    """The typed numbers of a question, as they are read."""
    found = {}
    for number in BY_KEY[key].numbers:
        value = said.numbers.get(f"{key}.{number.key}")
        if value is not None:
            found[number.key] = show(value) if number.money else str(value)
    return found


def _limits(said: Said, rulebook: Rulebook, lang: str) -> dict[str, str]:
    sealed = said.answers.get("where") == "here" and said.answers.get("kind") not in SERVICES
    grace = rulebook.value("grace_sealed" if sealed else "grace_by_hand")
    return {
        "grace": duration(grace, lang),
        "instant_window": duration(rulebook.value("instant_window"), lang),
        "seller_answer": duration(rulebook.value("seller_answer"), lang),
    }


def _words(lang: str) -> ModuleType:
    found = _LANGS.get(lang)
    if found is None:
        raise InvalidInput("no words for the self-check in this language", lang=lang)
    return found


def _fill(text: str, blanks: Mapping[str, str]) -> str:
    return _SLOT.sub(lambda match: blanks[match[1]], text)
