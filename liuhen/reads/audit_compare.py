"""One order's rows against what its chain tells: a sentence for everything that does not agree. Pure."""

import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base.chain import commitment
from liuhen.base.crypto import sha256
from liuhen.catalog.model import delivery_of
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads.audit_told import CaseTold, Told, UnitTold
from liuhen.refunds.kept import ground_in

Row = Mapping[str, Any]
_PAYS = {"PAY", "HOLD", "CAPTURE", "CAPTURE_LATE", "REFUND_IN", "ARRIVED"}
_GIVES = {"GIVE_BACK", "GIVE_BACK_FEE", "TAKE_BACK", "OWE"}
_CASE_OPEN = {"AWAITING_SELLER", "UNDER_REVIEW", "ESCALATED", "AWAITING_BUYER"}
_UNIT_TIMES = ("delivered_at", "work_begun_at", "revealed_at", "released_at", "refunded_at")
_KEY_STATE = {"RESERVED": "RESERVED", "SEALED": "SEALED", "REVEALED": "REVEALED"}


@dataclass(frozen=True, slots=True)
class Rows:
    """What the tables hold of one order; order None when its row is gone."""

    order: Row | None
    lines: Sequence[Row]
    units: Sequence[Row]
    payments: Sequence[Row]
    refunds: Sequence[Row]
    cases: Sequence[Row]
    case_units: Sequence[Row]
    notes: Sequence[Row]
    pictures: Sequence[Row]
    deliveries: Sequence[Row]
    transfers: Sequence[Row]
    keys: Sequence[Row]
    uses: Sequence[Row]
    unfound: Sequence[Row]


def compare(rows: Rows, told: Told) -> Iterator[str]:
    """Yields one sentence per fault, naming the row. Amounts in fen."""
    if rows.order is None:
        yield "the order is gone, its record is still there"
        return
    if told.placed_at is None:
        yield "its record does not tell how it was placed"
        return
    for part in (_order, _lines, _units, _keys, _payments, _refunds, _cases, _texts, _pictures, _deliveries,
                 _uses, _transfers):  # fmt: skip
        yield from part(rows, told)


def _order(rows: Rows, told: Told) -> Iterator[str]:
    row = rows.order or {}
    yield from _differ("the order", row, {
        "order_no": told.order_no, "buyer_id": told.buyer_id, "created_at": told.placed_at,
        "total_fen": told.total_fen, "state": told.state, "paid_from": told.paid_from, "paid_at": told.paid_at,
        "closed_at": told.closed_at, "confirmed_at": told.confirmed_at,
    })  # fmt: skip
    paid = told.captured.get(told.paid_payment) if told.paid_payment else None
    for lost in rows.unfound:
        yield f"{lost['kind']} {lost['ext']} is in no directory: nobody finds it"
    if paid is not None and paid != told.total_fen:
        yield f"the record says that {told.total_fen} fen were due and {paid} fen paid"


def _lines(rows: Rows, told: Told) -> Iterator[str]:
    have = {row["line_no"]: row for row in rows.lines}
    yield from _missing("line", have, told.lines)
    for number, row in have.items():
        if (line := told.lines.get(number)) is None:
            continue
        name = f"line {number}"
        yield from _differ(name, row, {
            "product_id": UUID(line["product"]), "version": line["version"], "pieces": line["pieces"],
            "unit_price_fen": line["price_fen"], "total_fen": line["price_fen"] * line["pieces"],
            "no_reason_text_version": line["no_reason_text"],
            "no_reason_confirmed_at": None if line["no_reason_text"] is None else told.placed_at,
        })  # fmt: skip
        if row["snapshot_sha256"].hex() != line["snapshot_sha256"]:
            yield f"{name} has the snapshot hash {row['snapshot_sha256'].hex()}, its record {line['snapshot_sha256']}"
        if sha256(row["snapshot"]).hex() != line["snapshot_sha256"]:
            yield f"the snapshot of {name} was changed: its bytes do not have the hash on record"
        else:
            yield from _shown(name, row)
    total = sum(line["price_fen"] * line["pieces"] for line in told.lines.values())
    if total != told.total_fen:
        yield f"the lines on record cost {total} fen, the order on record {told.total_fen} fen"


def _shown(name: str, row: Row) -> Iterator[str]:
    """The line and the listing's version against what the buyer was shown, whose hash stands on record."""
    shown = msgspec.json.decode(row["snapshot"])
    content = shown["content"]
    delivery = delivery_of(GoodsKind(content["kind"]))
    yield from _differ(name, row, {"title": content["title"], "kind": content["kind"], "delivery": delivery})
    if row["version_sha256"] is None:
        yield f"version {row['version']} of product {row['product_id']}, shown in {name}, is gone"
    elif row["version_sha256"].hex() != shown["version_sha256"]:
        yield f"version {row['version']} of product {row['product_id']} is not the one that was shown in {name}"


def _units(rows: Rows, told: Told) -> Iterator[str]:
    for number, line in told.lines.items():
        places = sorted(row["piece_no"] for row in rows.units if row["line_no"] == number)
        if places != list(range(1, line["pieces"] + 1)):
            yield f"line {number} has units {_brief(places)} and {line['pieces']} pieces on record"
    have = {row["id"]: row for row in rows.units}
    if told.state == "PAID":
        yield from _missing("unit", have, told.units)
    under_case = {unit for case in told.cases.values() if case.state == "OPEN" for unit in case.asked}
    for unit_id, row in have.items():
        name, unit = f"unit {unit_id}", told.units.get(unit_id)
        if unit is not None:
            yield from _differ(name, row, {
                "line_no": unit.line, "state": unit.state, "escrow": unit.escrow, "refunded_fen": unit.refunded_fen,
                "hand_delivery_id": unit.hand, **{name: unit.times.get(name) for name in _UNIT_TIMES},
            })  # fmt: skip
        elif told.state != "PAID":
            state = "RESERVED" if told.state == "AWAITING_PAYMENT" else "CANCELLED"
            yield from _differ(name, row, {"state": state, "escrow": "NONE", "refunded_fen": 0})
        line = told.lines.get(row["line_no"], {})
        yield from _differ(name, row, {"price_fen": line.get("price_fen"), "case_open": unit_id in under_case})
        if "fee_fen" in line:  # older records do not have it
            yield from _differ(name, row, {"fee_fen": line["fee_fen"]})


def _keys(rows: Rows, told: Told) -> Iterator[str]:
    """What a unit holds is the key that the key log handed to it, and nothing else."""
    units = {row["id"]: row for row in rows.units}
    automatic = {row["line_no"] for row in rows.lines if row["delivery"] == "AUTO"}
    product = {row["line_no"]: row["product_id"] for row in rows.lines}
    for row in rows.keys:
        unit = units[row["unit_id"]]
        if unit["line_no"] not in automatic:
            continue
        name, wanted = f"unit {row['unit_id']}", _KEY_STATE.get(unit["state"])
        if wanted is not None and row["key_id"] is None:
            yield f"{name} is {unit['state']} and holds no key"
        elif wanted is not None and row["state"] != wanted:
            yield f"{name} is {unit['state']}, its key {row['key_id']} is {row['state']}"
        if row["key_id"] is not None and row["delivered_key"] not in (None, row["key_id"]):
            yield f"{name} holds key {row['key_id']}, the key log says {row['delivered_key']}"
        if row["key_id"] is not None and row["product_id"] != product[unit["line_no"]]:
            yield f"{name} holds key {row['key_id']} of another product"
        if unit["state"] in ("SEALED", "REVEALED") and row["delivered_key"] is None:
            yield f"{name} is {unit['state']}, the key log tells of no delivery"
        yield from _key_log(name, Counter(row["log"] or ()), told.units.get(row["unit_id"]), told)


def _key_log(name: str, log: Counter[str], unit: UnitTold | None, told: Told) -> Iterator[str]:
    """How often a key was reserved, delivered, revealed and taken back for a unit."""
    wanted = {
        "GIVEN_BACK": told.closings,
        "DELIVERED": int(unit is not None),
        "REVEALED": int(unit is not None and "revealed_at" in unit.times),
        "RESTOCKED or RETIRED": int(unit is not None and unit.state == "REFUNDED"),
    }
    if log["RESERVED"] or told.closings or told.state != "PAID":  # what is paid at once is never reserved
        wanted["RESERVED"] = told.closings + (told.state in ("AWAITING_PAYMENT", "PAID"))
    for kinds, times in wanted.items():
        if (found := sum(log[kind] for kind in kinds.split(" or "))) != times:
            yield f"{name}: the key log says {found} times {kinds}, its record {times}"


def _payments(rows: Rows, told: Told) -> Iterator[str]:
    have = {row["id"]: row for row in rows.payments}
    yield from _missing("payment", have, {*told.captured, *told.started})
    payment_of = {row["id"]: row["payment_id"] for row in rows.refunds}
    back: dict[UUID, int] = {}
    for refund_id, refund in told.refunds.items():
        if refund_id in payment_of:
            back[payment_of[refund_id]] = back.get(payment_of[refund_id], 0) + refund.amount_fen
    for payment_id, row in have.items():
        name, amount = f"payment {payment_id}", told.captured.get(payment_id)
        wanted: dict[str, Any] = {"refunded_fen": back.get(payment_id, 0)}
        if amount is not None:
            wanted |= {"amount_fen": amount, "state": "CAPTURED"}
        elif row["state"] == "CAPTURED":
            yield f"{name} is CAPTURED, the record does not tell of this money"
        else:
            wanted |= {"amount_fen": told.total_fen}
        wanted |= {"party_id": told.buyer_id, "purpose": "ORDER"}
        if payment_id in told.started:
            wanted |= {"channel": told.started[payment_id]}
        yield from _differ(name, row, wanted)


def _refunds(rows: Rows, told: Told) -> Iterator[str]:
    have = {row["id"]: row for row in rows.refunds}
    yield from _missing("refund", have, told.refunds)
    for refund_id, row in have.items():
        if (refund := told.refunds.get(refund_id)) is None:
            continue
        name = f"refund {refund.refund_no}"
        yield from _differ(name, row, {
            "refund_no": refund.refund_no, "amount_fen": refund.amount_fen, "route": refund.route,
            "case_id": refund.case, "party_id": told.buyer_id, "payment_book_id": row["book_id"],
            "approved_at": refund.at,
        })  # fmt: skip
        # A channel that had forgotten a refund gets it again: that is no event.
        if row["state"] != refund.state and (refund.state, row["state"]) != ("SENT", "APPROVED"):
            yield f"{name} has state {row['state']}, its record {refund.state}"


def _cases(rows: Rows, told: Told) -> Iterator[str]:
    have = {row["id"]: row for row in rows.cases}
    yield from _missing("case", have, told.cases)
    parts: dict[UUID, dict[UUID, Row]] = {}
    for row in rows.case_units:
        parts.setdefault(row["case_id"], {})[row["unit_id"]] = row
    for case_id, row in have.items():
        case = told.cases.get(case_id)
        if case is not None:
            yield from _case(f"case {case.case_no}", row, case, told)
            yield from _case_units(f"case {case.case_no}", parts.get(case_id, {}), case)
            yield from _paid_out(case_id, case, told)


def _case(name: str, row: Row, case: CaseTold, told: Told) -> Iterator[str]:
    yield from _differ(name, row, {
        "case_no": case.case_no, "reason": case.reason, "route": case.route, "opened_by": case.opened_by,
        "asked_fen": sum(case.asked.values()), "decided_by": case.by,
        "approved_fen": sum(case.approved.values()) if case.state == "APPROVED" else None,
        "buyer_id": told.buyer_id, "opened_at": case.opened_at, "decided_at": case.closed_at,
        "seller_answer": case.answer, "seller_answered_at": case.answered_at,
    })  # fmt: skip
    if case.state == "APPROVED":
        yield from _differ(name, row, {"ground": case.ground})
    if case.state in ("APPROVED", "REJECTED"):
        ground = _ground(row["decision"])
        if (row["rulebook_version"], ground) != (case.rulebook, case.ground):
            yield f"{name} rests on {ground} of {row['rulebook_version']}, on record {case.ground} of {case.rulebook}"
    state = "OPEN" if row["state"] in _CASE_OPEN else row["state"]
    if state != case.state:
        yield f"{name} has state {row['state']}, its record {case.state}"


def _ground(decision: bytes) -> str:
    try:
        return ground_in(decision)
    except (msgspec.DecodeError, zlib.error):
        return "what nobody can read"


def _case_units(name: str, have: Mapping[UUID, Row], case: CaseTold) -> Iterator[str]:
    yield from _missing(f"{name}: unit", have, case.asked)
    for unit_id, row in have.items():
        if unit_id in case.asked:
            yield from _differ(f"{name}: unit {unit_id}", row, {
                "asked_fen": case.asked[unit_id], "approved_fen": case.approved.get(unit_id),
                "open": case.state == "OPEN",
            })  # fmt: skip


def _paid_out(case_id: UUID, case: CaseTold, told: Told) -> Iterator[str]:
    paid = sum(refund.amount_fen for refund in told.refunds.values() if refund.case == case_id)
    if paid != sum(case.approved.values()):
        yield f"case {case.case_no} on record grants {sum(case.approved.values())} fen and gives back {paid} fen"


def _texts(rows: Rows, told: Told) -> Iterator[str]:
    """Words of people against their commitments; without their salt they must have been erased on record."""
    if not told.erased and not all(row["salt"] for row in (*rows.cases, *rows.notes)):
        yield "words were erased, and no erasure is on record"
    for row in rows.cases:
        kept = told.statements.get(row["id"])
        if row["salt"] and kept is not None and commitment(row["salt"], row["statement"]) != kept:
            yield f"the statement of case {row['case_no']} was changed"
    for row in rows.notes:
        if not row["salt"]:
            continue
        wanted = told.texts.get(commitment(row["salt"], row["text"]))
        if wanted is None:
            yield f"the words of note {row['id']} are not those on record"
        else:
            yield from _differ(f"note {row['id']}", row, wanted)
    if len(rows.notes) < len(told.texts):
        yield f"{len(told.texts) - len(rows.notes)} notes are gone"


def _pictures(rows: Rows, told: Told) -> Iterator[str]:
    have = {row["id"]: row for row in rows.pictures}
    yield from _missing("picture", have, told.pictures)
    for picture_id, row in have.items():
        yield from _differ(f"picture {picture_id}", row, told.pictures.get(picture_id, {}))


def _deliveries(rows: Rows, told: Told) -> Iterator[str]:
    have = {row["id"]: row for row in rows.deliveries}
    yield from _missing("delivery by hand", have, told.deliveries)
    for delivery_id, row in have.items():
        yield from _differ(f"delivery by hand {delivery_id}", row, told.deliveries.get(delivery_id, {}))


def _uses(rows: Rows, told: Told) -> Iterator[str]:
    """What people and issuers said about use decides refunds."""
    names = ("unit_id", "source", "state", "remaining_fen", "occurred_at", "event", "value_fen")
    have = Counter(tuple(row[name] for name in names) for row in rows.uses)
    for use in sorted((have - Counter(told.uses)).elements(), key=str):
        yield f"unit {use[0]}: what {use[1]} said about its use is not on record: {use[2]}, {use[3]} fen left"
    for use in sorted((Counter(told.uses) - have).elements(), key=str):
        yield f"unit {use[0]}: what {use[1]} said about its use is gone: {use[2]}, {use[3]} fen left"


def _transfers(rows: Rows, told: Told) -> Iterator[str]:
    """What the ledger moved for this order is what its record says, movement by movement."""
    moved: dict[tuple[str, UUID], int] = {}
    net = 0
    for row in rows.transfers:
        net += row["amount_fen"] if row["kind"] == "RELEASE" else 0
        if (kind := _group(row["kind"])) is not None:
            key = (kind, row["ref_id"])
            moved[key] = moved.get(key, 0) + row["amount_fen"]
    wanted = _wanted(told)
    for key in sorted(moved.keys() | wanted.keys(), key=str):
        if moved.get(key, 0) != wanted.get(key, 0):
            kind, ref = key
            yield (f"transfers {kind} for {ref} move {moved.get(key, 0)} fen, the record says {wanted.get(key, 0)} fen")
    if net != told.net_fen:
        yield f"transfers RELEASE pay the seller {net} fen, the record says {told.net_fen} fen"


def _group(kind: str) -> str | None:
    """Kinds that share one amount on record; a seller's debt (RECOVER) is between him and the platform."""
    if kind in ("RELEASE", "FEE"):
        return "RELEASE and FEE"
    if kind in _GIVES:
        return "GIVE_BACK"
    return kind if kind in _PAYS else None


def _wanted(told: Told) -> dict[tuple[str, UUID], int]:
    found: dict[tuple[str, UUID], int] = {}
    for payment_id, fen in told.captured.items():
        if payment_id in told.unused:
            found["CAPTURE_LATE", payment_id] = fen
        elif told.paid_from == "BALANCE":
            found["PAY", payment_id] = found["HOLD", payment_id] = fen
        else:
            found["CAPTURE", payment_id] = fen
    for unit_id, fen in told.released.items():
        found["RELEASE and FEE", unit_id] = fen
    for refund_id, refund in told.refunds.items():
        if refund.case is not None:
            found["GIVE_BACK", refund_id] = refund.amount_fen
        if refund.state == "ARRIVED":
            kind = "REFUND_IN" if refund.route == "BALANCE" else "ARRIVED"
            found[kind, refund_id] = refund.amount_fen
    return found


def _differ(name: str, row: Row, wanted: Mapping[str, Any]) -> Iterator[str]:
    for column, value in wanted.items():
        if row[column] != value:
            yield f"{name} has {column} {row[column]}, its record {value}"


def _missing(name: str, have: Collection[Any], told: Collection[Any]) -> Iterator[str]:
    for key in sorted(set(told) - set(have)):
        yield f"{name} {key} is on record, its row is gone"
    for key in sorted(set(have) - set(told)):
        yield f"{name} {key} is not on record"


def _brief(places: list[int]) -> str:
    return ", ".join(map(str, places[:10])) + (", …" if len(places) > 10 else "") or "none"
