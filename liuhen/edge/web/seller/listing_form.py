"""The form of a listing: what a seller types, as the content of a version and back; and its refund table."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from liuhen.base.errors import InvalidInput, LiuhenError
from liuhen.catalog.model import DAY, MOST_REVEALED, Content, Delivery, delivery_of
from liuhen.edge.web import wording
from liuhen.edge.web.forms import Texts, Yuan, prefilled
from liuhen.edge.web.seller.todo import Say
from liuhen.policy.clauses.registry import NUMBERS
from liuhen.policy.explain import row_text
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.rulebook import REVEALED_WINDOW, Rulebook
from liuhen.policy.terms_table import ProductTerms, terms_table
from liuhen.reads.seller_products import Listing

HOUR = 3600
MOST_DAYS = 90
MOST_REVEALED_HOURS = MOST_REVEALED // HOUR
_Hours = Annotated[int, Meta(ge=1, le=MOST_REVEALED_HOURS)]
_OFFERED_HOURS = {24, 48, 72, 168, 360, 720}
UNITS = {"minutes": 60, "hours": 3600, "days": DAY}
AUTO_PROMISE = Content(kind=GoodsKind.CARD_KEY, title="", price_fen=1).promised_delivery_seconds


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


class ListingForm(Struct, kw_only=True):
    """As typed. price and face_value arrive as fen; *_days and *_hours are whole ones; warned: which warnings were on
    the page."""

    kind: GoodsKind
    title: Annotated[str, Meta(title=_("标题"), min_length=2, max_length=200)]
    price: Annotated[Yuan, Meta(title=_("价格"))]
    face_value: Annotated[Yuan | None, Meta(title=_("面额"))] = None
    region: Annotated[str, Meta(title=_("适用地区"), max_length=60)] = ""
    description: Annotated[str, Meta(title=_("商品说明"), max_length=10_000)] = ""
    activation_hint: Annotated[str, Meta(title=_("怎么用"), max_length=4000)] = ""
    warnings: Annotated[str, Meta(title=_("特别提醒"), max_length=2000)] = ""
    refund_terms: Annotated[str, Meta(title=_("比规则更宽的退款承诺"), max_length=4000)] = ""
    valid_until: Annotated[date | None, Meta(title=_("有效期至"))] = None
    min_validity_days: Annotated[int, Meta(title=_("卡密至少还要有效"), ge=0, le=3650)] = 7
    promise: Annotated[int, Meta(title=_("承诺多久交付"), ge=1, le=43_200)] = 30
    promise_unit: Literal["minutes", "hours", "days"] = "minutes"
    escrow_days: Annotated[int, Meta(title=_("担保期"), ge=1, le=MOST_DAYS)]
    sealed_days: Annotated[int, Meta(title=_("密封没拆可退"), ge=1, le=MOST_DAYS)] = 1
    revealed_hours: Annotated[_Hours | None, Meta(title=_("拆封没用可退"))] = None
    issuer_can_void: bool = False
    excludes_no_reason: bool = False
    case_sensitive: bool = False
    min_pieces: Annotated[int, Meta(title=_("一单最少"), ge=1, le=500)] = 1
    max_pieces: Annotated[int, Meta(title=_("一单最多"), ge=1, le=500)] = 100
    low_stock_at: Annotated[int, Meta(title=_("库存提醒"), ge=0, le=10_000)] = 5
    target_label: Annotated[str, Meta(title=_("买家要填什么"), max_length=60)] = ""
    issuer_id: UUID | None = None
    base_version: int | None = None
    warned: Annotated[str, Meta(max_length=40)] = ""


def content_of(given: ListingForm, *, least_escrow: int) -> Content:
    """What is typed as content. Parameters: least_escrow, days that the rulebook asks for. Raises InvalidInput."""
    by_hand = delivery_of(given.kind) is Delivery.BY_HAND
    if given.escrow_days < least_escrow:
        raise InvalidInput("escrow is too short", fields={"escrow_seconds": ("range", least_escrow * DAY, 0)})
    return Content(
        kind=given.kind,
        title=given.title,
        price_fen=given.price,
        description=given.description,
        face_value_fen=given.face_value,
        region=given.region,
        valid_until=given.valid_until,
        min_validity_days=given.min_validity_days,
        promised_delivery_seconds=given.promise * UNITS[given.promise_unit] if by_hand else AUTO_PROMISE,
        escrow_seconds=given.escrow_days * DAY,
        sealed_window_seconds=given.sealed_days * DAY,
        revealed_window_seconds=given.revealed_hours * HOUR if given.revealed_hours and not by_hand else None,
        issuer_can_void=given.issuer_can_void and not by_hand,
        excludes_no_reason=given.excludes_no_reason,
        case_sensitive=given.case_sensitive,
        min_pieces=given.min_pieces,
        max_pieces=given.max_pieces,
        target_label=given.target_label if by_hand else "",
        refund_terms=given.refund_terms,
        activation_hint=given.activation_hint,
        warnings=given.warnings,
        issuer_id=None if by_hand else given.issuer_id,
    )


def typed_of(found: Listing) -> Texts:
    """What the edit form begins with."""
    content = found.content
    promise, unit = promise_in_units(content.promised_delivery_seconds)
    return prefilled(
        kind=content.kind,
        title=content.title,
        price=wording.yuan(content.price_fen).replace(",", ""),
        face_value=wording.yuan(content.face_value_fen).replace(",", "") if content.face_value_fen else "",
        region=content.region,
        description=content.description,
        activation_hint=content.activation_hint,
        warnings=content.warnings,
        refund_terms=content.refund_terms,
        valid_until=content.valid_until.isoformat() if content.valid_until else "",
        min_validity_days=content.min_validity_days,
        promise=promise,
        promise_unit=unit,
        escrow_days=content.escrow_seconds // DAY,
        sealed_days=content.sealed_window_seconds // DAY,
        revealed_hours=-(-content.revealed_window_seconds // HOUR) if content.revealed_window_seconds else "",
        issuer_can_void="1" if content.issuer_can_void else "",
        excludes_no_reason="1" if content.excludes_no_reason else "",
        case_sensitive="1" if content.case_sensitive else "",
        min_pieces=content.min_pieces,
        max_pieces=content.max_pieces,
        low_stock_at=found.low_stock_at,
        target_label=content.target_label,
        issuer_id=content.issuer_id or "",
        base_version=found.version,
    )


def typed_new(kind: GoodsKind, *, escrow_days: int) -> Texts:
    """What the form for a new listing begins with. Nothing that binds anybody is ticked."""
    return prefilled(
        kind=kind,
        min_validity_days=7,
        promise=30,
        promise_unit="minutes",
        escrow_days=escrow_days,
        sealed_days=1,
        min_pieces=1,
        max_pieces=100,
        low_stock_at=5,
    )


def promise_in_units(seconds: int) -> tuple[int, str]:
    """A promised time as the form's number and unit, never less than a minute."""
    for unit in ("days", "hours"):
        if seconds % UNITS[unit] == 0:
            return seconds // UNITS[unit], unit
    return max(1, seconds // 60), "minutes"


_FIELDS = {
    "price_fen": ("price", _("价格")),
    "face_value_fen": ("face_value", _("面额")),
    "escrow_seconds": ("escrow_days", _("担保期")),
    "sealed_window_seconds": ("sealed_days", _("密封没拆可退")),
    "revealed_window_seconds": ("revealed_hours", _("拆封没用可退")),
    "promised_delivery_seconds": ("promise", _("承诺多久交付")),
    "max_pieces": ("max_pieces", _("一单最多")),
    "min_pieces": ("min_pieces", _("一单最少")),
    "low_stock_at": ("low_stock_at", _("库存提醒")),
    "issuer_id": ("issuer_id", _("发行方")),
    "title": ("title", _("标题")),
}


def in_form_words(error: LiuhenError) -> LiuhenError:
    """An error whose faults name columns and fen, as one that names fields of the form, yuan and days."""
    faults = error.data.get("fields")
    if not isinstance(error, InvalidInput) or not faults:
        return error
    mistakes = []
    for name, (reason, least, most) in faults.items():
        field, label = _FIELDS.get(name, (name, ""))
        mistakes.append((field, label, *_limits(name, reason, least, most)))
    return InvalidInput(error.message, mistakes=mistakes)


def _limits(name: str, reason: str, least: int, most: int) -> tuple[str, dict[str, Any]]:
    if reason == "range" and most < least:
        reason = "too_small"
    if name.endswith("_fen"):
        return reason, {"least": wording.money_text(least), "most": wording.money_text(most)}
    if name in ("escrow_seconds", "sealed_window_seconds"):
        return reason, {"least": -(-least // DAY), "most": most // DAY}
    if name == "revealed_window_seconds":
        return reason, {"least": -(-least // HOUR), "most": most // HOUR}
    return reason, {"least": least, "most": most}


@dataclass(frozen=True, slots=True)
class TermsRow:
    """One row of the refund table. number: the deciding clause as printed on the rules page."""

    situation: str
    result: str
    how_long: str
    number: str


def revealed_choices(kind: GoodsKind, typed: str, rulebook: Rulebook, say: Say) -> list[tuple[str, str]]:
    """Hours to choose from for a key that was looked at and not used, "" for no promise; what is typed is among them.

    The rulebook's time for this kind is the shortest; it is named, and not chosen for anybody.
    """
    usual = rulebook.value(REVEALED_WINDOW[kind]) // HOUR
    hours_typed = {_within(typed, 0, MOST_REVEALED_HOURS)} - {0}
    found = [("", say(_("不承诺")))]
    for hours in sorted({hours for hours in _OFFERED_HOURS if hours > usual} | {usual} | hours_typed):
        text = say(_("%(n)s 天"), n=hours // 24) if hours >= 72 and hours % 24 == 0 else say(_("%(n)s 小时"), n=hours)
        found.append((str(hours), say(_("%(time)s（这类商品常用）"), time=text) if hours == usual else text))
    return found


def refund_rows(begin: Texts, *, silence_agreed: bool, rulebook: Rulebook, lang: str) -> tuple[TermsRow, ...]:
    """What a buyer will read on the product page: the rules themselves run on the terms that are typed so far.

    Parameters: begin, the form, half-filled fields included; its kind must be a kind of goods.
    """
    kind = GoodsKind(begin.kind)
    sealed = delivery_of(kind) is Delivery.AUTO
    terms = ProductTerms(
        kind=kind,
        sealed_delivery=sealed,
        sealed_window_seconds=_within(begin.sealed_days, 1, MOST_DAYS) * DAY if sealed else None,
        revealed_window_seconds=_within(begin.revealed_hours, 0, MOST_REVEALED_HOURS) * HOUR or None
        if sealed
        else None,
        excludes_no_reason=bool(begin.excludes_no_reason),
        issuer_can_void=sealed and bool(begin.issuer_can_void),
        digital_content=kind is GoodsKind.SOFTWARE_LICENCE,
        silence_agreed=silence_agreed,
    )
    return tuple(TermsRow(*row_text(row, lang), NUMBERS[row.ground]) for row in terms_table(terms, rulebook))


def _within(typed: str, least: int, most: int) -> int:
    """A whole number that is typed, kept within bounds; the least where it is none."""
    text = typed.strip()
    return min(max(int(text), least), most) if text.isascii() and text.isdecimal() and len(text) < 12 else least
