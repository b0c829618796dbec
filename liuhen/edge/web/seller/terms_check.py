"""What the lint of terms says about a listing's form: as cards to show, and an offer taken with one press.

It reads the form as it is typed, half-filled fields included; what counts is the flow, which reads what is published.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from liuhen.base.errors import InvalidInput, LiuhenError, UnlawfulTerms
from liuhen.catalog.model import DAY, MOST_REVEALED, MOST_SEALED, Delivery, delivery_of
from liuhen.edge.web.forms import Texts, prefilled
from liuhen.edge.web.seller.listing_form import AUTO_PROMISE, UNITS, promise_in_units
from liuhen.edge.web.translate import translate
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.lint.finding import Finding, Listing, Severity
from liuhen.policy.lint.lint import lint, mend
from liuhen.policy.words.lint import cites, span_text, title, why

HOUR = 3600
_MOST = 2_000_000_000  # a number in a half-filled field is no reason to fail
_AROUND = 14  # characters shown on each side of what was found


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


_LABELS = {
    "title": _("标题"),
    "description": _("商品说明"),
    "region": _("适用地区"),
    "target_label": _("要买家填什么"),
    "refund_terms": _("比规则更宽的退款承诺"),
    "activation_hint": _("怎么用"),
    "warnings": _("特别提醒"),
}
_BOX = (_("取消勾选“不适用七日无理由退货”"), _("勾选“不适用七日无理由退货”，并删掉这句"))
_SETS = {
    "revealed_window_seconds": _("把“拆封了没用，送达后多久内可退”改为 %(value)s"),
    "sealed_window_seconds": _("把“密封没拆几天内可退”改为 %(value)s"),
    "promised_delivery_seconds": _("把“承诺付款后多久交付”改为 %(value)s"),
    "min_validity_days": _("把“卡密至少还要有效”改为 %(value)s"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One finding as the form shows it. key: what the button sends; before, text, after: the quotation."""

    key: str
    blocks: bool
    field: str
    label: str
    title: str
    why: str
    cites: tuple[str, ...]
    before: str
    text: str
    after: str
    instead: str | None  # the lawful wording, "" to leave it out, None where a field is set or nothing is offered
    sets: str


@dataclass(frozen=True, slots=True)
class Check:
    """All findings of a form. mark: of the warnings shown, sent back with the form; "" where there are none."""

    cards: tuple[Card, ...]
    mark: str

    @property
    def blocked(self) -> int:
        """How many keep the listing from being published."""
        return sum(card.blocks for card in self.cards)


def check_of(begin: Texts, lang: str) -> Check:
    """For the page, in its language; the offered wording itself stays Chinese, as the listing is.

    begin.kind must be a kind of goods.
    """
    listing = _listing(begin)
    findings = lint(listing)
    cards = tuple(_card(finding, listing.texts[finding.field], lang) for finding in findings)
    return Check(cards, _mark(findings))


def _mark(findings: tuple[Finding, ...]) -> str:
    warned = sorted(f"{f.code} {f.field} {f.text}" for f in findings if f.severity is Severity.WARNS)
    return hashlib.sha256("\n".join(warned).encode()).hexdigest()[:16] if warned else ""


def unread(begin: Texts) -> InvalidInput | None:
    """What to say instead of publishing while warnings stand that were not on the page before; None if there are none.

    What blocks is refused by the flow itself.
    """
    findings = lint(_listing(begin))
    count = sum(finding.severity is Severity.WARNS for finding in findings)
    if not count or count < len(findings) or begin.warned == _mark(findings):
        return None
    return InvalidInput("read the warnings first", mistakes=[("terms", "", "terms_unread", {"n": count})])


def in_fields(error: LiuhenError) -> LiuhenError:
    """A refusal for void terms as mistakes of the fields where they stand."""
    if not isinstance(error, UnlawfulTerms):
        return error
    found = error.data["findings"]
    mistakes = [(item["field"], _LABELS[item["field"]], "unlawful_term", {"text": item["text"][:40]}) for item in found]
    return UnlawfulTerms(error.message, mistakes=mistakes)


def taken(begin: Texts) -> Texts:
    """The form with the offer that was pressed; as it was where the text has changed since."""
    listing = _listing(begin)
    finding = next((finding for finding in lint(listing) if key_of(finding) == begin.take), None)
    if finding is None:
        return begin
    made = mend(listing, finding)
    values: dict[str, Any] = {name: begin.all_of(name) for name in begin if name != "take"}
    values[finding.field] = made.texts[finding.field]
    values |= _as_typed(*made.sets) if made.sets else {}
    if made.sets and made.sets[0] == "revealed_window_seconds":  # a whole seal is worth no less
        values["sealed_days"] = max(_number(begin.sealed_days, 1), -(-made.sets[1] // DAY))
    return prefilled(**values)


def key_of(finding: Finding) -> str:
    """Names a finding within one state of the form."""
    return f"{finding.field} {finding.start} {finding.end} {finding.code}"


def _listing(begin: Texts) -> Listing:
    kind = GoodsKind(begin.kind)
    sealed = delivery_of(kind) is Delivery.AUTO
    promise = _number(begin.promise, 30) * UNITS.get(begin.promise_unit, 60)
    return Listing(
        kind=kind,
        texts={name: begin[name].replace("\r\n", "\n").strip() for name in _LABELS},
        sealed_delivery=sealed,
        excludes_no_reason=bool(begin.excludes_no_reason),
        sealed_window_seconds=max(1, _number(begin.sealed_days, 1)) * DAY if sealed else None,
        most_sealed_seconds=MOST_SEALED,
        revealed_window_seconds=_number(begin.revealed_hours, 0) * HOUR or None,
        most_revealed_seconds=MOST_REVEALED,
        delivery_seconds=AUTO_PROMISE if sealed else max(1, promise),
        min_validity_days=_number(begin.min_validity_days, 7),
        asks_buyer=bool(begin.target_label.strip()),
    )


def _number(typed: str, otherwise: int) -> int:
    text = typed.strip()
    return min(int(text), _MOST) if text.isascii() and text.isdecimal() and len(text) < 12 else otherwise


def _card(finding: Finding, whole: str, lang: str) -> Card:
    left, right = max(0, finding.start - _AROUND), finding.end + _AROUND
    return Card(
        key=key_of(finding),
        blocks=finding.severity is Severity.BLOCKS,
        field=finding.field,
        label=translate(lang, _LABELS[finding.field]),
        title=title(finding.code, lang),
        why=why(finding, lang),
        cites=tuple(cites(finding, lang)),
        before=("…" if left else "") + whole[left : finding.start],
        text=finding.text,
        after=whole[finding.end : right] + ("…" if right < len(whole) else ""),
        instead=None if finding.offer.sets else finding.offer.text,
        sets=_set_text(*finding.offer.sets, lang) if finding.offer.sets else "",
    )


def _set_text(field: str, value: int | bool, lang: str) -> str:
    if field == "excludes_no_reason":
        return translate(lang, _BOX[int(value)])
    seconds = value * DAY if field == "min_validity_days" else value
    return translate(lang, _SETS[field], value=span_text(seconds, lang))


def _as_typed(field: str, value: int | bool) -> dict[str, Any]:
    """A field of the content as the form's own fields."""
    if field == "excludes_no_reason":
        return {"excludes_no_reason": "1" if value else ""}
    if field == "sealed_window_seconds":
        return {"sealed_days": value // DAY}
    if field == "revealed_window_seconds":
        return {"revealed_hours": value // HOUR}
    if field == "promised_delivery_seconds":
        number, unit = promise_in_units(value)
        return {"promise": number, "promise_unit": unit}
    return {field: value}
