"""From answers to facts, and the laws that decide on them. Pure; nothing is kept.

Elsewhere there is no seal of ours, nobody agreed that silence means yes, and our rulebook promises nothing: the clauses
that are the house's own do not decide there (`NOT_ELSEWHERE`), and what is left is the law.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import parse
from liuhen.policy.clauses.make import DEFECT_OF
from liuhen.policy.decision import Decision
from liuhen.policy.engine import LAWS, Compiled, Laws, Verdict, expanded, judge
from liuhen.policy.facts.capacity import Capacity
from liuhen.policy.facts.claim import Claim, ReasonCode, SellerAnswer
from liuhen.policy.facts.goods import Goods, GoodsKind
from liuhen.policy.facts.order import OrderFacts
from liuhen.policy.facts.redemption import Seal, UsedBy, UseState
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import schema
from liuhen.policy.facts.standing import Fact, Side, Source, Standing, alleged, established
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.selfcheck.question import Ago, Choice, Number
from liuhen.policy.selfcheck.table import BY_KEY, QUESTIONS, SERVICES

EXAMPLE_FEN = 10_000  # where nobody said what was paid
NUMBER_MOST = 12  # characters of a typed number
_TICK = timedelta(minutes=10)
_DAY = 86_400
# The house's own rules: they bind who agreed to them, not another shop. A promise that a shop made itself does bind it.
NOT_ELSEWHERE = frozenset({"promise.instant", "promise.advance", "seller.deemed_approved", "no_reason.voidable"})
# To call off what has not come is a right of whoever orders work (民法典 787, 933), and else a rule of the house.
_NOT_OF_GOODS = frozenset({"delivery.cancel"})
# The seal is ours, so what follows from it at once holds only where we delivered.
_NOT_AT_PARTNERS = frozenset({"promise.instant"})


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered, each by the key of its question, and typed numbers by `question.number` (fen, or a count).

    A question that was left open with "I do not know" is among the answers; a number left open is "" there.
    """

    answers: dict[str, str] = {}
    numbers: dict[str, int] = {}

    @property
    def key(self) -> tuple[tuple[str, Any], ...]:
        """The same as something that can be a key."""
        return (*sorted(self.answers.items()), *sorted(self.numbers.items()))

    def elsewhere(self) -> bool:
        """Bought in a shop that has not agreed to our rules."""
        return self.answers.get("where") == "elsewhere"


def holds(conditions: tuple[tuple[str, tuple[str, ...]], ...], answers: Mapping[str, str]) -> bool:
    """All of them; the choice * means any answer at all."""
    return all(answers.get(key) in choices or ("*" in choices and key in answers) for key, choices in conditions)


def said_of(given: Mapping[str, str]) -> Said:
    """The answers that fit together, out of whatever stands in an address: what is not asked, not offered or not a
    number is left out, so that a changed answer takes along what hung on it. Never raises."""
    answers: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for question in QUESTIONS:
        text = given.get(question.key)
        if text is None or not holds(question.when, answers):
            continue
        if question.numbers:
            typed = {n.key: _number(n, given.get(f"{question.key}.{n.key}", "")) for n in question.numbers}
            complete = {f"{question.key}.{name}": value for name, value in typed.items() if value is not None}
            answers[question.key] = ""
            if len(complete) == len(typed) and _fits(question.key, complete):
                numbers |= complete
        elif any(choice.key == text and holds(choice.only, answers) for choice in question.choices):
            answers[question.key] = text
    return Said(answers=answers, numbers=numbers)


def fault_of(key: str, given: Mapping[str, str]) -> str:
    """Why typed numbers of a question cannot be taken: "", missing, number, or order (more had than bought)."""
    question = BY_KEY[key]
    texts = [given.get(f"{key}.{n.key}", "").strip() for n in question.numbers]
    if not any(texts):
        return ""
    if not all(texts):
        return "missing"
    typed = [_number(n, text) for n, text in zip(question.numbers, texts, strict=True)]
    if any(value is None for value in typed):
        return "number"
    values = {f"{key}.{n.key}": value or 0 for n, value in zip(question.numbers, typed, strict=True)}
    return "" if _fits(key, values) else "order"


_ORDER = {  # the first may not be less than the second
    "share": ("share.total", "share.had"),
    "work": ("work.total", "work.had"),
    "value": ("value.face", "value.actual"),
    "prices": ("prices.paid", "prices.shown"),
    "charges": ("charges.paid", "charges.twice"),
}


def _fits(key: str, values: Mapping[str, int]) -> bool:
    more, less = _ORDER.get(key, ("", ""))
    return not more or values[more] >= values[less]


_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，￥", "0123456789.,¥")  # as Chinese keyboards write them


def _number(number: Number, text: str) -> int | None:
    text = text.translate(_FULL_WIDTH).replace(",", "").strip().removeprefix("¥").removesuffix("元").strip()
    if not text or len(text) > NUMBER_MOST:
        return None
    if number.money:
        try:
            value = parse(text)
        except InvalidInput:
            return None
    elif text.isascii() and text.isdigit():
        value = int(text)
    else:
        return None
    return value if number.least <= value <= number.most else None


def facts_of(said: Said, now: datetime, rulebook: Rulebook) -> RefundFacts:
    """The facts as they stand if all of it is so. Parameters: now, aware UTC; rulebook, for times that it sets.

    What nobody was asked stands as it usually is: paid an hour before delivery, 100 yuan, delivered within the day.
    """
    values: dict[str, Any] = {"goods.kind": GoodsKind.CARD_KEY, "claim.reason": ReasonCode.NOT_AS_DESCRIBED}
    for choice in chosen(said):
        values |= choice.sets
    for name, value in said.numbers.items():
        values[_PATHS[name]] = _as_fact(_PATHS[name], value)
    _house(said, values)
    _times(said, values, rulebook)
    _faults(said, values)
    _seller(said, values, rulebook)
    plain = {path: now - timedelta(seconds=v.seconds) if isinstance(v, Ago) else v for path, v in values.items()}
    _use(said, plain)
    return _built(plain, now)


_PATHS = {f"{question.key}.{number.key}": number.path for question in QUESTIONS for number in question.numbers}
_CHOICE = {(question.key, choice.key): choice for question in QUESTIONS for choice in question.choices}


def chosen(said: Said) -> tuple[Choice, ...]:
    """The choices behind the answers, in the order of the questions. The answers fit together (`said_of`)."""
    keys = [question.key for question in QUESTIONS if question.choices and question.key in said.answers]
    return tuple(_CHOICE[key, said.answers[key]] for key in keys)


def _as_fact(path: str, value: int) -> Any:
    """A count that decides is settled (it is what was agreed, or speaks against the speaker); a loss is a saying."""
    if not schema()[path].disputed:
        return value
    return alleged(value, Source.BUYER) if path == "claim.loss_fen" else established(value, Source.BUYER)


def _house(said: Said, values: dict[str, Any]) -> None:
    here = said.answers.get("where") == "here"
    kind = values["goods.kind"]
    values["goods.sealed_delivery"] = here and kind.value not in SERVICES
    values["claim.seller.silence_agreed"] = not said.elsewhere()
    opened = values.get("redemption.seal") is Seal.BROKEN
    values["goods.digital_content"] = kind is GoodsKind.SOFTWARE_LICENCE and opened
    if said.elsewhere() and said.answers.get("led") in ("said", "own"):
        # No platform of ours holds the money: whoever took it owes the goods or the money back (民法典 577).
        values["capacity.captured_fen"] = values.pop("capacity.paid_outside_fen", EXAMPLE_FEN)
    if said.answers.get("topic") in ("unwanted", "mistaken") and "work" in said.answers:
        values["measure.ended_by"] = established(Side.BUYER, Source.BUYER)


_DELIVERED = ("broken", "differs", "stopped", "money", "minor", "fraud")


def _times(said: Said, values: dict[str, Any], rulebook: Rulebook) -> None:
    """When it came, when it was promised, and the limits that were set."""
    answers = said.answers
    if answers.get("order") == "none":  # only money was taken: nothing was promised and nothing came
        return
    came = values.get("delivery.delivered_at")
    instant, week = rulebook.value("instant_window"), rulebook.value("no_reason_window")
    ages = {"instant": instant - 3_600, "week": week - 3_600, "days": week - 3_600, "more": week + 30 * _DAY}
    if "when" in answers:
        came = Ago(ages[answers["when"]])
    elif answers.get("topic") in _DELIVERED and answers.get("detail") != "outside":
        came = Ago(20 * 3_600)
    promised = came or _promised(said, values, rulebook)
    if answers.get("arrived") == "after_claim":  # the wish to have the money back was there first (民法典 565)
        came, values["claim.requested_at"] = Ago(3_600), Ago(7_200)
    if answers.get("arrived") == "useless":
        values["delivery.needed_by"] = Ago(came.seconds + 3_600) if came else None
    if came is not None:
        values["delivery.delivered_at"] = came
    values["delivery.promised_at"] = promised
    placed = Ago(max(promised.seconds, 0) + 3_600)
    values["order.placed_at"] = values["order.paid_at"] = placed
    if answers.get("promise") in ("within", "over") and came is not None:
        window = came.seconds + 3_600 if answers["promise"] == "within" else max(came.seconds - 3_600, 1)
        values["promises.revealed_window_seconds"] = values["promises.sealed_window_seconds"] = window
    stated = answers.get("confirmed") in ("ticked", "preticked", "written")
    values["terms.exclusion.stated"] = values["terms.exclusion.shown"] = stated
    if answers.get("confirmed") in ("ticked", "preticked"):
        values["terms.exclusion.confirmed_at"] = placed
        values["terms.exclusion.preticked"] = answers["confirmed"] == "preticked"


def _promised(said: Said, values: dict[str, Any], rulebook: Rulebook) -> Ago:
    """The promised time of what has not come."""
    grace = rulebook.value("grace_sealed" if values["goods.sealed_delivery"] else "grace_by_hand")
    how = said.answers.get("due") or said.answers.get("urged") or "not_yet"
    if said.answers.get("detail") == "outside":
        how = "over"
    if how == "over":
        return Ago(grace + _DAY)
    if how == "grace":
        return Ago(max(grace - 60, 0))
    if how == "waiting":  # urged, and the time that was set has not run out
        values["delivery.buyer_waits_until"] = Ago(-2 * _DAY)
        return Ago(grace + 3_600)
    return Ago(-_DAY)


def _faults(said: Said, values: dict[str, Any]) -> None:
    """What the asker says is wrong: confirmed in writing, denied, or merely said."""
    path = DEFECT_OF.get(values["claim.reason"])
    if path is None or "delivery.delivered_at" not in values or path in values:
        return
    word = said.answers.get("official") or said.answers.get("operator")
    if word == "written":
        values[path] = established(True, Source.ISSUER)
    elif word == "denied":
        values[path] = Fact(value=True, source=Source.ISSUER, standing=Standing.REBUTTED)
    else:
        values[path] = alleged(True, Source.BUYER)
    if values["claim.reason"] is ReasonCode.SERVICE_STOPPED and "defects.issuer_shutdown" in values:
        values[path] = Fact()


def _seller(said: Said, values: dict[str, Any], rulebook: Rulebook) -> None:
    limit = rulebook.value("seller_answer")
    asked = {"waiting": limit // 2, "silent": limit + 3_600, "refused": limit // 2, "agreed": limit // 2}
    how = said.answers.get("seller", "")
    if how in asked:
        values["claim.seller.asked_at"] = Ago(asked[how])
    if how in ("refused", "agreed"):
        values["claim.seller.answered_at"] = Ago(asked[how] // 2)


def _use(said: Said, values: dict[str, Any]) -> None:
    """When it was looked at and used, beside the moment in which it came."""
    came = values.get("delivery.delivered_at")
    if came is None:
        return
    if "redemption.seal" not in values and values["goods.kind"].value not in SERVICES:
        values["redemption.seal"] = Seal.BROKEN
    seen = came + _TICK
    if values.get("redemption.seal") is Seal.BROKEN:
        values["redemption.revealed_at"] = seen
    trace = said.answers.get("trace")
    if trace in ("before", "other", "mine"):
        first = seen - _TICK if trace == "before" else seen + _TICK
        values["redemption.first_used_at"] = established(first, Source.ISSUER)
    if "yes" in (said.answers.get(key) for key in ("spent", "opened", "played")):
        used = {"use": UseState.USED_UP, "used_by": UsedBy.BUYER_SIDE, "first_used_at": seen + _TICK}
        for name, value in used.items():
            values[f"redemption.{name}"] = established(value, Source.BUYER)


def _built(values: dict[str, Any], now: datetime) -> RefundFacts:
    """The structs, group by group."""
    paid = values.setdefault("capacity.captured_fen", EXAMPLE_FEN)
    values.setdefault("order.unit_price_fen", paid)
    needed = values.get("delivery.needed_by")
    if isinstance(needed, datetime):
        values["delivery.needed_by"] = established(needed, Source.SELLER)
    base: RefundFacts = RefundFacts(
        now=now,
        goods=Goods(kind=values["goods.kind"], sealed_delivery=values["goods.sealed_delivery"]),
        order=OrderFacts(),
        claim=Claim(reason=values["claim.reason"], requested_at=now, seller=SellerAnswer()),
        capacity=Capacity(captured_fen=paid),
    )
    facts: RefundFacts = _with(base, values)
    return facts


def _with(struct: Any, values: Mapping[str, Any]) -> Any:
    """The struct with the values at their dotted paths."""
    groups: dict[str, dict[str, Any]] = {}
    plain: dict[str, Any] = {}
    for path, value in values.items():
        head, _, rest = path.partition(".")
        if rest:
            groups.setdefault(head, {})[rest] = value
        else:
            plain[head] = value
    below = {name: _with(getattr(struct, name), inner) for name, inner in groups.items()}
    return msgspec.structs.replace(struct, **plain, **below)


def without(said: Said) -> frozenset[str]:
    """Clauses that do not decide where it was bought."""
    where = said.answers.get("where")
    if where == "partner":
        return _NOT_AT_PARTNERS
    if where != "elsewhere":
        return frozenset()
    of_goods = said.answers.get("kind") not in SERVICES
    return NOT_ELSEWHERE | _NOT_OF_GOODS if of_goods else NOT_ELSEWHERE


@lru_cache(maxsize=64)
def _rules(values: tuple[tuple[str, int], ...], left_out: frozenset[str]) -> Compiled:
    precedence = tuple(name for name in LAWS.precedence if name not in left_out)
    return Compiled(Laws(LAWS.clauses, precedence, LAWS.formulas), dict(values))


def verdict_of(facts: RefundFacts, rulebook: Rulebook, left_out: frozenset[str]) -> Verdict:
    """The verdict by all laws but those that do not decide there."""
    return judge(facts, rulebook, _rules(rulebook.pairs, left_out) if left_out else None)


def decision_of(said: Said, now: datetime, rulebook: Rulebook) -> Decision:
    """The whole decision, if all of it is so."""
    return expanded(verdict_of(facts_of(said, now, rulebook), rulebook, without(said)))
