"""What its chain says an order has come to: the events replayed, without a look at any table. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base.chain import Link

_TEXTS = ("text", "reasons", "words", "reason")  # fields that hold the commitment to what a person wrote
Columns = dict[str, Any]

Use = tuple[UUID, str, str, int | None, datetime | None, str, int | None]
"""Unit, who says it, state, what is left in fen, when it happened (UTC), the event, its value in fen."""


@dataclass(slots=True)
class UnitTold:
    """One piece, since it was delivered or due. Amounts fen. times: column -> when, UTC; hand: its delivery by hand."""

    line: int
    price_fen: int
    state: str
    escrow: str = "HELD"
    refunded_fen: int = 0
    times: dict[str, datetime] = field(default_factory=dict)
    hand: UUID | None = None


@dataclass(slots=True)
class RefundTold:
    """One refund; case None for money that paid for nothing. Amount in fen, at UTC."""

    refund_no: str
    amount_fen: int
    route: str
    case: UUID | None
    at: datetime
    state: str = "APPROVED"


@dataclass(slots=True)
class CaseTold:
    """state is OPEN, APPROVED, REJECTED or WITHDRAWN; asked and approved: unit -> fen; answer: the seller's."""

    case_no: str
    reason: str
    route: str
    opened_by: str
    asked: dict[UUID, int]
    opened_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    state: str = "OPEN"
    by: str | None = None
    rulebook: str | None = None
    ground: str | None = None
    approved: dict[UUID, int] = field(default_factory=dict)


@dataclass(slots=True)
class Told:
    """The order as its chain tells it. captured: payment -> fen; released: unit -> fen that was left then; pictures and
    deliveries: id -> column -> value; texts: commitment -> column -> value."""

    state: str = ""
    order_no: str = ""
    buyer_id: UUID | None = None
    placed_at: datetime | None = None
    total_fen: int = 0
    lines: dict[int, dict[str, Any]] = field(default_factory=dict)
    paid_payment: UUID | None = None
    paid_from: str | None = None
    paid_at: datetime | None = None
    closed_at: datetime | None = None
    closings: int = 0
    confirmed_at: datetime | None = None
    started: dict[UUID, str] = field(default_factory=dict)
    captured: dict[UUID, int] = field(default_factory=dict)
    unused: dict[UUID, int] = field(default_factory=dict)
    units: dict[UUID, UnitTold] = field(default_factory=dict)
    released: dict[UUID, int] = field(default_factory=dict)
    net_fen: int = 0
    refunds: dict[UUID, RefundTold] = field(default_factory=dict)
    cases: dict[UUID, CaseTold] = field(default_factory=dict)
    pictures: dict[UUID, Columns] = field(default_factory=dict)
    deliveries: dict[UUID, Columns] = field(default_factory=dict)
    statements: dict[UUID, str] = field(default_factory=dict)
    texts: dict[str, Columns] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    erased: bool = False


class Unreadable(Exception):
    """An event that cannot be followed: its number."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"link {seq} cannot be followed")
        self.seq = seq


def replay(links: Iterable[Link]) -> Told:
    """Follows a chain from its first link. Raises Unreadable at an event that is not in the documented form."""
    told = Told()
    for link in links:
        try:
            event = msgspec.json.decode(link.payload)
            data = event["data"]
            act = _ACTS.get(event["kind"])
            if act is not None:
                act(told, event, data)
            if "case" in data and event["kind"] != "REFUND_REQUESTED":
                told.texts |= {data[name]: _said(event) for name in _TEXTS if data.get(name)}
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise Unreadable(link.seq) from error
    return told


def _at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["at"])


def _by(event: dict[str, Any]) -> UUID:
    return UUID(event["actor"]["id"])


def _said(event: dict[str, Any]) -> Columns:
    """Whose words they are: what an admin says in a case he says as its reviewer."""
    role = "REVIEWER" if event["actor"]["role"] == "ADMIN" else event["actor"]["role"]
    case = UUID(event["data"]["case"])
    return {"author_id": _by(event), "author_role": role, "case_id": case, "at": _at(event)}


def _ids(data: dict[str, Any]) -> list[UUID]:
    return [UUID(text) for text in data["units"]]


def _parts(data: dict[str, Any], name: str) -> dict[UUID, int]:
    return {UUID(part["unit"]): part[name] for part in data["units"]}


def _placed(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
    told.state, told.order_no, told.total_fen = "AWAITING_PAYMENT", data["order_no"], data["total_fen"]
    told.buyer_id, told.placed_at = UUID(event["actor"]["id"]), _at(event)
    told.lines = {line["line"]: line for line in data["lines"]}


def _closed(told: Told, event: dict[str, Any], _: dict[str, Any]) -> None:
    told.state, told.closed_at = event["kind"].removeprefix("ORDER_"), _at(event)
    told.closings += 1


def _started(told: Told, _: dict[str, Any], data: dict[str, Any]) -> None:
    told.started[UUID(data["payment"])] = data["channel"]


def _paid(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
    told.state, told.paid_payment, told.paid_from = "PAID", UUID(data["payment"]), data["from"]
    told.paid_at, told.closed_at = _at(event), None
    told.captured[told.paid_payment] = data["amount_fen"]


def _not_used(told: Told, _: dict[str, Any], data: dict[str, Any]) -> None:
    told.captured[UUID(data["payment"])] = told.unused[UUID(data["payment"])] = data["amount_fen"]


def _delivered(state: str) -> "Act":
    def act(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
        for unit_id in _ids(data):
            line = data["line"]
            unit = told.units.setdefault(unit_id, UnitTold(line, told.lines[line]["price_fen"], state))
            unit.state = state
            if state != "TO_DELIVER":
                unit.times["delivered_at"] = _at(event)

    return act


def _begun(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
    for unit_id in _ids(data):
        told.units[unit_id].times["work_begun_at"] = _at(event)


def _by_hand(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
    _delivered("HANDED_OVER")(told, event, data)
    delivery = UUID(data["delivery"])
    for unit_id in _ids(data):
        told.units[unit_id].hand = delivery
    told.deliveries[delivery] = {
        "line_no": data["line"], "receipt_no": data["receipt_no"], "delivered_by": _by(event), "at": _at(event),
    }  # fmt: skip


def _broken(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
    at = _at(event)
    for unit_id in _ids(data):
        unit = told.units[unit_id]
        unit.state, unit.times["revealed_at"] = "REVEALED", at
        told.uses.append((unit_id, "PLATFORM", "UNKNOWN", None, at, "SEAL_BROKEN", None))


def _confirmed(told: Told, event: dict[str, Any], _: dict[str, Any]) -> None:
    told.confirmed_at = _at(event)


def _released(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
    told.net_fen += data["net_fen"]
    for unit_id in _ids(data):
        unit = told.units[unit_id]
        unit.escrow, unit.times["released_at"] = "RELEASED", _at(event)
        told.released[unit_id] = unit.price_fen - unit.refunded_fen


def _requested(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
    case_id = UUID(data["case"])
    told.statements[case_id] = data["statement"]
    told.cases[case_id] = CaseTold(
        data["case_no"], data["reason"], data["route"], data["opened_by"], _parts(data, "asked_fen"), _at(event)
    )


def _answered(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
    case = told.cases[UUID(data["case"])]
    case.answer, case.answered_at = data["answer"], _at(event)


def _decided(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
    case = told.cases[UUID(data["case"])]
    case.closed_at = _at(event)
    case.state, case.by, case.rulebook = data["outcome"], data["by"], data["rulebook"]
    case.ground = data["ground"]
    case.approved = _parts(data, "fen") if case.state == "APPROVED" else {}


def _reopened(told: Told, _: dict[str, Any], data: dict[str, Any]) -> None:
    case = told.cases[UUID(data["case"])]
    case.state, case.by, case.closed_at = "OPEN", None, None


def _withdrawn(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
    case = told.cases[UUID(data["case"])]
    case.state, case.closed_at = "WITHDRAWN", _at(event)


def _refund(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
    case, at = data.get("case"), _at(event)
    told.refunds[UUID(data["refund"])] = RefundTold(
        data["refund_no"], data["amount_fen"], data["route"], UUID(case) if case else None, at
    )
    for unit_id, fen in (_parts(data, "fen") if case else {}).items():
        unit = told.units[unit_id]
        unit.refunded_fen, unit.times["refunded_at"] = unit.refunded_fen + fen, at
        if unit.refunded_fen == unit.price_fen:
            unit.state = "REFUNDED"
            unit.escrow = "GIVEN_BACK" if unit.escrow == "HELD" else unit.escrow


def _moved(state: str) -> "Act":
    def act(told: Told, _: dict[str, Any], data: dict[str, Any]) -> None:
        told.refunds[UUID(data["refund"])].state = state

    return act


def _use(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
    at = data["occurred_at"]
    when = datetime.fromisoformat(at) if at is not None else None
    what, value = data.get("event", "STATED"), data.get("value_fen")
    told.uses.append(
        (UUID(data["unit"]), event["actor"]["role"], data["state"], data["remaining_fen"], when, what, value)
    )


def _picture(told: Told, event: dict[str, Any], data: dict[str, Any]) -> None:
    case, delivery = data.get("case"), data.get("delivery")
    told.pictures[UUID(data["picture"])] = {
        "sha256": bytes.fromhex(data["sha256"]), "size_bytes": data["bytes"], "media_type": data["media_type"],
        "uploaded_by": _by(event), "uploader_role": event["actor"]["role"],
        "at": datetime.fromisoformat(data["uploaded_at"]),
        "case_id": UUID(case) if case else None, "hand_delivery_id": UUID(delivery) if delivery else None,
    }  # fmt: skip


def _erased(told: Told, _: dict[str, Any], data: dict[str, Any]) -> None:
    told.erased = data["days"] > 0


Act = Callable[[Told, dict[str, Any], dict[str, Any]], None]
_ACTS: dict[str, Act] = {
    "ORDER_PLACED": _placed,
    "ORDER_CANCELLED": _closed,
    "ORDER_EXPIRED": _closed,
    "PAYMENT_STARTED": _started,
    "PAID": _paid,
    "MONEY_NOT_USED": _not_used,
    "DELIVERED_SEALED": _delivered("SEALED"),
    "DELIVERY_DUE": _delivered("TO_DELIVER"),
    "WORK_BEGUN": _begun,
    "DELIVERED_BY_HAND": _by_hand,
    "SEAL_BROKEN": _broken,
    "RECEIPT_CONFIRMED": _confirmed,
    "ESCROW_RELEASED": _released,
    "REFUND_REQUESTED": _requested,
    "SELLER_ANSWERED": _answered,
    "CASE_DECIDED": _decided,
    "REVIEW_DUE": _reopened,
    "REQUEST_WITHDRAWN": _withdrawn,
    "REFUND_APPROVED": _refund,
    "REFUND_SENT": _moved("SENT"),
    "REFUND_ARRIVED": _moved("ARRIVED"),
    "REFUND_FAILED": _moved("FAILED"),
    "REFUND_RETRIED": _moved("APPROVED"),
    "PICTURE_KEPT": _picture,
    "USE_STATED": _use,
    "ISSUER_SAID": _use,
    "ERASED": _erased,
}
