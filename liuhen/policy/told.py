"""A decision told whole, in one language: every text that an answer of the API or a line of the command needs.

Rendered from the data of the decision alone; nothing is decided here.
"""

import re
from collections.abc import Mapping

import msgspec

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import show
from liuhen.policy import explain
from liuhen.policy.clauses.amounts import FORMULAS
from liuhen.policy.decision import ClauseResult, Decision, Mark
from liuhen.policy.facts.standing import Side
from liuhen.policy.law import cite_text
from liuhen.policy.words import told as words

_SLOT = re.compile(r"\{([a-z_.]+)\}")
LANGS = ("zh", "en")


class ToldClause(msgspec.Struct, frozen=True, kw_only=True):
    """One clause: its number, how it stands, what it says of these facts, and its articles."""

    number: str
    mark: Mark
    decisive: bool
    sentence: str
    cites: tuple[str, ...]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The texts. sum: the amount with its numbers, "" where nothing is worked out; bill: label and amount, in order."""

    headline: str
    why: str
    sum: str
    bill: tuple[tuple[str, str], ...]
    remedies: tuple[str, ...]
    liable: str
    payer: str
    recover_from: str
    decided_by: str
    next_step: str
    orders: tuple[str, ...]
    claims: tuple[str, ...]
    outside: str
    cites: tuple[str, ...]  # the articles of the clause that decides
    clauses: tuple[ToldClause, ...]
    changes: tuple[str, ...]


def told(decision: Decision, lang: str, reader: str = "other") -> Told:
    """The texts of a decision. Parameters: lang, zh or en; reader, buyer (spoken to) or other. Raises InvalidInput."""
    if lang not in LANGS:
        raise InvalidInput("texts are in Chinese and English", path="lang", allowed=", ".join(LANGS))
    sides = words.SIDES[lang]
    label = words.LABELS[lang]
    ground = next(one for one in decision.clauses if one.id == decision.ground)
    return Told(
        headline=explain.headline(decision, lang),
        why=explain.ground_sentence(decision, lang, reader),
        sum=sum_text(decision),
        bill=tuple((explain.bill_label(line.key, lang), show(line.fen)) for line in decision.bill),
        remedies=tuple(_remedy(decision, name, lang) for name in decision.remedies),
        liable=sides[decision.liable],
        payer=sides[decision.payer],
        recover_from=sides[decision.recover_from] if decision.recover_from is not Side.NOBODY else "",
        decided_by=words.DECIDERS[lang][decision.decided_by],
        next_step=explain.step_text(decision.next_step, lang),
        orders=tuple(words.ORDERS[lang][order] for order in decision.orders),
        claims=tuple(_claim(decision, name, lang) for name in decision.claims_for_human),
        outside=label["outside"].replace("{amount}", show(decision.outside_fen)) if decision.outside_fen else "",
        cites=tuple(cite_text(cite, lang) for cite in ground.cites),
        clauses=tuple(_clause(result, lang, reader) for result in decision.clauses),
        changes=tuple(explain.change_text(change, lang, reader) for change in decision.what_would_change),
    )


def sum_text(decision: Decision) -> str:
    """¥100.00 × (365 − 73) ÷ 365 = ¥80.00: the amount with the numbers that went into it; "" for nothing or a range."""
    if decision.amount_fen != decision.amount_max_fen or decision.formula.name not in FORMULAS:
        return ""
    inputs = decision.formula.inputs
    for name in _candidates(decision):
        template = words.SUMS[name]
        if all(slot in inputs for slot in _SLOT.findall(template)) and _worth(name, inputs) == decision.amount_fen:
            return f"{_filled(template, inputs)} = {show(decision.amount_fen)}"
    return ""


_MIXED = ("missing_value", "remainder", "of_list", "promotion", "asked", "all")


def _candidates(decision: Decision) -> tuple[str, ...]:
    """The sums that may stand behind a formula: its own, or of those that choose by the facts each."""
    name = decision.formula.name
    return (name, *_MIXED) if name in words.SUMS and name not in ("asked", "all") else ("all", *_MIXED)


def _worth(name: str, inputs: Mapping[str, int]) -> int | None:
    """What a sum comes to, fen; None where it does not apply."""
    value = inputs.get
    captured, total, had = value("capacity.captured_fen", 0), value("measure.total", 0), value("measure.had", 0)
    match name:
        case "missing_value":
            face = inputs["goods.face_value_fen"]
            return _rounded(captured * (face - inputs["defects.actual_value_fen"]), face)
        case "remainder":
            return _rounded(captured * (total - had), total)
        case "remainder_at_list":
            return captured - had * inputs["measure.list_price_fen"]
        case "remainder_less_loss":
            share = _rounded(captured * (total - had), total)
            return None if share is None else share - inputs["measure.seller_loss_fen"]
        case "overcharge":
            return captured - inputs["order.shown_price_fen"]
        case "of_list":
            return _rounded(captured * inputs["claim.asked_fen"], inputs["order.list_price_fen"])
        case "promotion":
            return inputs["order.total_paid_fen"] - inputs["order.rest_price_fen"]
        case "duplicate":
            return inputs["capacity.duplicate_captured_fen"]
        case "ruled":
            return inputs["claim.ruled_fen"]
        case "asked":
            return inputs["claim.asked_fen"]
        case _:
            return captured - value("capacity.refunded_fen", 0) - value("capacity.in_flight_fen", 0)


def _rounded(part: int, whole: int) -> int | None:
    return (2 * part + whole) // (2 * whole) if whole > 0 else None


def _filled(template: str, inputs: Mapping[str, int]) -> str:
    def one(match: re.Match[str]) -> str:
        value = inputs[match[1]]
        return show(value) if match[1].endswith("_fen") else str(value)

    return _SLOT.sub(one, template).replace(f" − {show(0)}", "")


def _remedy(decision: Decision, name: str, lang: str) -> str:
    text = words.REMEDIES[lang][name]
    fen = next((fen for remedy, fen in decision.remedy_fen.items() if remedy == name), None)
    return text if fen is None else f"{text} {show(fen)}"


def _claim(decision: Decision, name: str, lang: str) -> str:
    text = words.CLAIMS[lang][name]
    return f"{text} {show(decision.claim_fen[name])}" if name in decision.claim_fen else text


def _clause(result: ClauseResult, lang: str, reader: str) -> ToldClause:
    return ToldClause(
        number=result.number,
        mark=result.mark,
        decisive=result.decisive,
        sentence=explain.sentence(result.id, result, lang, reader),
        cites=tuple(cite_text(cite, lang) for cite in result.cites),
    )
