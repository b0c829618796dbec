"""A decision told whole, in one language: every text that an answer of the API or a line of the command needs.

Rendered from the data of the decision alone; nothing is decided here.
"""

from datetime import UTC, datetime

import msgspec

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import show
from liuhen.policy import explain, outside
from liuhen.policy.asking import Signal, signal_of
from liuhen.policy.decision import ClauseResult, Decision, Mark, NextStep
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Side
from liuhen.policy.law import cite_text
from liuhen.policy.outside import OutsideStep, Place
from liuhen.policy.words import told as words
from liuhen.timing.deadlines import due_at
from liuhen.timing.workdays import Calendar, CalendarMissing

LANGS = ("zh", "en")


class ToldClause(msgspec.Struct, frozen=True, kw_only=True):
    """One clause: its number, how it stands, what it says of these facts, and its articles."""

    number: str
    mark: Mark
    decisive: bool
    sentence: str
    cites: tuple[str, ...]


class ToldStep(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do next: whom one turns to, what to do there, what to have at hand, which times the law sets."""

    who: str
    what: str
    needs: tuple[str, ...]
    limits: tuple[str, ...]
    cites: tuple[str, ...]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The texts. sum: the amount with its numbers, "" where nothing is worked out; bill: label and amount, in order."""

    headline: str
    warning: str  # where money is demanded before a refund, as soon as anybody says so
    why: str
    sum: str
    bill: tuple[tuple[str, str], ...]
    remedies: tuple[str, ...]
    liable: str
    payer: str
    recover_from: str
    decided_by: str
    next_step: str
    due_at: datetime | None  # when its time is up, aware UTC
    orders: tuple[str, ...]
    claims: tuple[str, ...]
    outside: str
    cites: tuple[str, ...]  # the articles of the clause that decides
    clauses: tuple[ToldClause, ...]
    changes: tuple[str, ...]
    steps: tuple[ToldStep, ...]  # what can be done from here, the least effort first, inside and outside


def told(
    decision: Decision,
    facts: RefundFacts,
    lang: str,
    calendar: Calendar,
    *,
    reader: str = "other",
    place: Place = Place.HERE,
) -> Told:
    """The texts of a decision on these facts.

    Parameters: lang, zh or en; reader, buyer (spoken to) or other; place, where it was bought and how far it has gone
    there. Raises InvalidInput for another language.
    """
    if lang not in LANGS:
        raise InvalidInput("texts are in Chinese and English", path="lang", allowed=", ".join(LANGS))
    sides = words.SIDES[lang]
    label = words.LABELS[lang]
    due = deadline_of(decision.next_step, calendar)
    ground = next(one for one in decision.clauses if one.id == decision.ground)
    return Told(
        headline=explain.headline(decision, lang),
        warning="" if signal_of(facts) is Signal.NONE else words.WARNING[lang],
        why=explain.ground_sentence(decision, lang, reader),
        sum=explain.formula(decision, lang),
        bill=tuple((explain.bill_label(line.key, lang), show(line.fen)) for line in decision.bill),
        remedies=tuple(_remedy(decision, name, lang) for name in decision.remedies),
        liable=sides[decision.liable],
        payer=sides[decision.payer],
        recover_from=sides[decision.recover_from] if decision.recover_from is not Side.NOBODY else "",
        decided_by=words.DECIDERS[lang][decision.decided_by],
        next_step=explain.step_text(decision.next_step, lang, due),
        due_at=due,
        orders=tuple(words.ORDERS[lang][order] for order in decision.orders),
        claims=tuple(_claim(decision, name, lang) for name in decision.claims_for_human),
        outside=label["outside"].replace("{amount}", show(decision.outside_fen)) if decision.outside_fen else "",
        cites=tuple(cite_text(cite, lang) for cite in ground.cites),
        clauses=tuple(_clause(result, lang, reader) for result in decision.clauses),
        changes=tuple(explain.change_text(change, lang, reader) for change in decision.what_would_change),
        steps=tuple(_step(step, lang) for step in outside.next_steps(decision, facts, place)),
    )


def deadline_of(step: NextStep, calendar: Calendar) -> datetime | None:
    """When a step's time is up (aware UTC). None where no deadline runs, or where it lies beyond the known calendar."""
    if step.deadline is None or step.starts_at is None:
        return None
    try:
        return due_at(step.deadline, step.starts_at, calendar).astimezone(UTC)
    except CalendarMissing:  # facts of any year may be asked about; the length of the term is told all the same
        return None


def _remedy(decision: Decision, name: str, lang: str) -> str:
    text = words.REMEDIES[lang][name]
    fen = next((fen for remedy, fen in decision.remedy_fen.items() if remedy == name), None)
    return text if fen is None else f"{text} {show(fen)}"


def _claim(decision: Decision, name: str, lang: str) -> str:
    text = words.CLAIMS[lang][name]
    return f"{text} {show(decision.claim_fen[name])}" if name in decision.claim_fen else text


def _step(step: OutsideStep, lang: str) -> ToldStep:
    return ToldStep(
        who=outside.who(step, lang),
        what=outside.what(step, lang),
        needs=outside.needs(step, lang),
        limits=tuple(outside.limit_words(limit, lang) for limit in step.limits),
        cites=tuple(cite_text(cite, lang) for cite in step.cites),
    )


def _clause(result: ClauseResult, lang: str, reader: str) -> ToldClause:
    return ToldClause(
        number=result.number,
        mark=result.mark,
        decisive=result.decisive,
        sentence=explain.sentence(result.id, result, lang, reader),
        cites=tuple(cite_text(cite, lang) for cite in result.cites),
    )
