"""Refund cases that nobody had: drawn by the calculator from a seed, realistic ones and odd ones.

Seven rows of eight are usual. Kinds, reasons, use and answers have the weights below; times follow each other (placed,
paid, promised, delivered, revealed, claimed, now) by steps of which about half lie on a limit of the rules or one
microsecond beside it; the defect that a reason is about is claimed, the others mostly not; a fact without a line of its
own is silent 31 times in 32. One row of eight is odd: every fact is drawn for itself, every word, source and standing
alike, every time anywhere, every empty cell as likely as a full one. The same seed gives the same cases.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from liuhen.policy.clauses.make import DEFECT_OF
from liuhen.policy.facts.claim import AnswerKind, OpenedBy, Proof, ReasonCode
from liuhen.policy.facts.codes import NOTHING, SECOND, SOURCES, STANDINGS, Column, columns, states
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.redemption import Seal, UseState
from liuhen.policy.facts.schema import Field, schema
from liuhen.policy.facts.standing import Standing

ODD = 8  # one row of so many is odd
_SCALE = 1024
_DAY = 86_400
_START = 1_767_196_800 * SECOND  # 2026-01-01 in Shanghai
_SPAN = 28_000_000  # seconds, most of a year
Weights = Mapping[Any, int]

_KINDS: Weights = {
    GoodsKind.CARD_KEY: 400, GoodsKind.PREPAID_CARD: 120, GoodsKind.VOUCHER: 100, GoodsKind.SOFTWARE_LICENCE: 90,
    GoodsKind.CUSTOM_VOUCHER: 30, GoodsKind.ACCOUNT_HANDOVER: 70, GoodsKind.MEMBERSHIP: 90,
    GoodsKind.DIRECT_TOP_UP: 64, GoodsKind.VIRTUAL_COIN: 20, GoodsKind.BOOSTING_SERVICE: 40,
}  # fmt: skip
_REASONS: Weights = {
    ReasonCode.CHANGE_OF_MIND: 190, ReasonCode.WRONG_PURCHASE: 90, ReasonCode.NOT_RECEIVED: 130,
    ReasonCode.LATE_DELIVERY: 70, ReasonCode.INVALID_KEY: 140, ReasonCode.DUPLICATE_KEY: 30,
    ReasonCode.ALREADY_REDEEMED: 80, ReasonCode.INCORRECT_AMOUNT: 50, ReasonCode.WRONG_REGION: 40,
    ReasonCode.NOT_AS_DESCRIBED: 50, ReasonCode.SHORT_VALIDITY: 20, ReasonCode.DEFECTIVE: 30,
    ReasonCode.SERVICE_STOPPED: 10, ReasonCode.UNFINISHED: 20, ReasonCode.RECOVERED_BY_SELLER: 10,
    ReasonCode.UNDISCLOSED_RENEWAL: 10, ReasonCode.OVERCHARGED: 10, ReasonCode.DUPLICATE_CHARGE: 12,
    ReasonCode.PLATFORM_FAILURE: 10, ReasonCode.MINOR: 16, ReasonCode.FRAUD_ALLEGED: 6,
}  # fmt: skip
_WORDS: dict[str, Weights] = {
    "goods.kind": _KINDS,
    "claim.reason": _REASONS,
    "claim.opened_by": {OpenedBy.BUYER: 940, OpenedBy.SELLER: 24, OpenedBy.WORKER: 40, OpenedBy.STAFF: 20},
    "claim.proof": {Proof.PLAIN: 620, Proof.RECORDING: 160, Proof.NONE: 150, Proof.DOUBTFUL: 94},
    "claim.seller.kind": {AnswerKind.NONE: 760, AnswerKind.REFUSED: 170, AnswerKind.AGREED: 94},
}
_FLAGS = {
    "goods.digital_content": 90, "goods.issuer_can_void": 200, "claim.wants_human": 40,
    "claim.seller.silence_agreed": 860, "capacity.other_case_open": 4, "terms.exclusion.stated": 500,
    "terms.exclusion.shown": 800, "terms.exclusion.preticked": 40, "terms.window_shown": 512,
    "promises.advance_payment": 100, "channel.balance_chosen": 60, "parties.seller_identified": 1000,
}  # fmt: skip
# Steps in seconds that end on a limit of some rulebook, or nowhere in particular.
_LATE = (-50, -30, 0, 600, 1_800, _DAY)
_SHORT = (0, 30, 600, 1_800, 3_600, 7_200)
_LONG = (0, 3_600, _DAY, _DAY, 2 * _DAY, 3 * _DAY, 7 * _DAY, 8 * _DAY, 8 * _DAY, 9 * _DAY, 14 * _DAY, 30 * _DAY)
_COUNTS = (0, 1, 2, 3, 7, 8, 17, 18, 300, 500, 1_000, _DAY, 3 * _DAY)
_ANSWER = (0, 3_600, 43_200, _DAY, _DAY, 2 * _DAY, 3 * _DAY, 3 * _DAY, 7 * _DAY, 8 * _DAY)


class _Dice:
    """Hands out bits of hashes of the row's number; every call gives fresh ones."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.words = 0
        self._left = 0

    def bits(self, n: int = 10) -> str:
        """A whole number from 0 to 2^n - 1."""
        if self._left < n:
            self.words += 1
            self._left = 64
        self._left -= n
        return f"(h{self.words - 1} >> {self._left} & {2**n - 1})::INTEGER"

    def hashes(self) -> str:
        """The select list of the hashes."""
        return ", ".join(f"hash(n, {self.seed * 4096 + k}) AS h{k}" for k in range(self.words))


def synthetic(rounds: str, seed: int) -> str:
    """The query that gives the cases: "case", "seller" and the columns of the facts.

    Parameters: rounds, a table whose column k counts from 0: each row gives eight cases; seed, 0 or more.
    """
    places = ", ".join(f"({n})" for n in range(ODD - 1))
    usual = _select(f"{rounds}, (VALUES {places}) u(j)", f"k * {ODD} + j", seed, _usual)
    odd = _select(rounds, f"k * {ODD} + {ODD - 1}", seed, _odd)
    return f"{usual} UNION ALL {odd}"


Cells = dict[str, str]
Draw = Callable[[_Dice], tuple[list[Cells], Cells]]


def _select(rows: str, number: str, seed: int, draw: Draw) -> str:
    """number: the row's number by `k`; draw: layers of helping columns over the hashes, and each column by name."""
    dice = _Dice(seed)
    seller = f"(least({dice.bits(12)}, {dice.bits(12)}))::BIGINT AS seller"  # few sellers have many cases
    layers, cells = draw(dice)
    inner = f"SELECT *, {dice.hashes()} FROM (SELECT ({number})::BIGINT AS n FROM {rows})"
    for layer in layers:
        inner = f"SELECT *, {', '.join(f'{sql} AS {name}' for name, sql in layer.items())} FROM ({inner})"
    listed = ", ".join(f'{_cell(column, cells[column.name])} AS "{column.name}"' for column in columns())
    return f'SELECT n AS "case", {seller}, {listed} FROM ({inner})'


def _cell(column: Column, sql: str) -> str:
    return f"({sql})::{column.type}" if column.nothing is None else f"coalesce({sql}, {column.nothing})::{column.type}"


def _odd(dice: _Dice) -> tuple[list[Cells], Cells]:
    return [], {column.name: _anything(dice, column) for column in columns()}


def _anything(dice: _Dice, column: Column) -> str:
    """Any value of a column, every one alike; empty one time in four where it may be."""
    value = _any_value(dice, column)
    if column.nothing is None:
        return value
    return f"CASE WHEN {dice.bits(2)} > 0 THEN {value} ELSE {column.nothing} END"


def _any_value(dice: _Dice, column: Column) -> str:
    if column.type == "BIGINT" and column.name.endswith("_fen"):
        return _one_of(dice, (0, 1, 99, 100, 3_333, 5_000, 9_800, 10_000, 10_001, 20_000))
    if column.type == "BIGINT":
        return f"{_START} + {_one_of(dice, _LONG)} * {SECOND} + {dice.bits(8)}::BIGINT % 3 - 1"
    if column.type == "INTEGER":
        return _one_of(dice, [number for number in _COUNTS if number <= column.most])
    if column.type == "BOOLEAN":
        return f"{dice.bits(1)} = 1"
    return f"{dice.bits(16)} % {column.most + 1}"


def _usual(dice: _Dice) -> tuple[list[Cells], Cells]:
    cells: Cells = {}
    for path, field in schema().items():
        cells |= _silent(dice, path, field)
    cells |= {path: f"{dice.bits()} < {share}" for path, share in _FLAGS.items()}
    cells |= {path: _weighed(dice, path, weights) for path, weights in _WORDS.items()}
    cells |= _claimed_defects(dice) | _money(dice) | _use(dice) | _parts(dice)
    steps, moments = _moments(dice)
    price = _one_of(dice, (100, 990, 1_000, 3_333, 5_000, 9_800, 10_000, 64_800))
    first = {
        "kind": cells["goods.kind"],
        "reason": cells["claim.reason"],
        "answer": cells["claim.seller.kind"],
        "price": f"CASE WHEN {dice.bits(2)} = 0 THEN {dice.bits(16)}::BIGINT + 1 ELSE {price} END",
    }
    second = {"captured": f"CASE WHEN {dice.bits()} < 10 THEN 0 ELSE price END"}
    third = {"refunded": f"CASE WHEN {dice.bits(5)} = 0 THEN captured * {dice.bits(2)} // 3 ELSE 0 END"}
    known = {
        "goods.kind": "kind",
        "claim.reason": "reason",
        "claim.seller.kind": "answer",
        "order.unit_price_fen": "price",
        "capacity.captured_fen": "captured",
        "capacity.refunded_fen": "refunded",
    }
    return [first, second, third, *steps], cells | moments | known


def _silent(dice: _Dice, path: str, field: Field) -> Cells:
    """What holds when nobody says anything, 31 times in 32; else anything that can be."""
    rare = f"{dice.bits(5)} = 0"
    column = next(one for one in columns() if one.name == path)
    if field.disputed:
        return _told(dice, path, rare, _at_random(dice, path) if field.values else _any_value(dice, column))
    anything = _anything(dice, column)
    if field.type is datetime:
        anything = f"least({anything}, n0)"
    nothing = _default(field) if column.nothing is None else str(column.nothing)
    return {path: f"CASE WHEN {rare} THEN {anything} ELSE {nothing} END"}


def _told(dice: _Dice, path: str, when: str, said: str) -> Cells:
    """A disputed fact that somebody tells `when`; else nobody does. said: value and standing, or the bare number."""
    nobody = len(SOURCES) - 1
    cells = {f"{path}.source": f"CASE WHEN {when} THEN {dice.bits(16)} % {nobody} ELSE {nobody} END"}
    if schema()[path].values:
        return cells | {path: f"CASE WHEN {when} THEN {said} ELSE 0 END"}
    standing = f"CASE WHEN {when} THEN 1 + {dice.bits(16)} % {len(STANDINGS) - 1} ELSE 0 END"
    return cells | {path: f"CASE WHEN {when} THEN {said} ELSE {NOTHING} END", f"{path}.standing": standing}


def _at_random(dice: _Dice, path: str) -> str:
    """Any value and standing that somebody tells."""
    told = [n for n, (value, how) in enumerate(states(path)) if value is not None and how is not Standing.UNKNOWN]
    return f"{told[0]} + {dice.bits(16)} % {len(told)}"  # they stand side by side, after all others


def _default(field: Field) -> str:
    if field.values and field.type is not bool:
        return str(field.values.index(field.default) if field.default is not None else 0)
    return str(int(field.default or 0))


def _claimed_defects(dice: _Dice) -> Cells:
    """The defect that the reason is about: alleged, shown by somebody, shown to be wrong, or held back."""
    cells: Cells = {}
    reasons = tuple(ReasonCode)
    shares = {
        (True, Standing.ALLEGED): 400, (True, Standing.ESTABLISHED): 250, (True, Standing.REBUTTED): 110,
        (True, Standing.WITHHELD): 60, (False, Standing.ESTABLISHED): 80,
    }  # fmt: skip
    for path in dict.fromkeys(DEFECT_OF.values()):
        about = _among("reason", [reasons.index(one) for one, of in DEFECT_OF.items() if of == path])
        bits = dice.bits()
        said = _thresholds(bits, {states(path).index(state): share for state, share in shares.items()})
        cells |= _told(dice, path, f"{about} AND {bits} < {sum(shares.values())} OR {dice.bits(7)} = 0", said)
    return cells


def _moments(dice: _Dice) -> tuple[list[Cells], Cells]:
    """Times in layers, each after the ones it follows."""
    tick = f"({dice.bits(8)}::BIGINT % 4 - 2) % 2 * ({dice.bits(1)}::BIGINT)"  # a microsecond before or after, or none
    by_hand = _among("kind", [list(GoodsKind).index(kind) for kind in _BY_HAND])
    gone, opened = f"{dice.bits()} >= 80", f"{dice.bits(2)} > 0"  # delivered at all; looked at
    steps: list[Cells] = [
        {"placed": f"{_START} + ({dice.bits(25)}::BIGINT % {_SPAN}) * {SECOND}", "by_hand": by_hand, "tick": tick},
        {"paid": f"placed + {_one_of(dice, (0, 5, 30, 60, 600))} * {SECOND}"},
        {"promised": f"paid + (CASE WHEN by_hand THEN {_one_of(dice, _SHORT)} ELSE 60 END) * {SECOND}"},
        {"delivered": f"CASE WHEN {gone} THEN promised + {_one_of(dice, _LATE)} * {SECOND} END"},
        {"revealed": f"CASE WHEN {opened} AND NOT by_hand THEN delivered + {_one_of(dice, _SHORT)} * {SECOND} END"},
        {"requested": f"coalesce(revealed, delivered, promised) + {_one_of(dice, _LONG)} * {SECOND} + abs(tick)"},
        {"owed": f"CASE WHEN {dice.bits(1)} = 0 THEN requested END"},
        {"answered": f"owed + {_one_of(dice, _ANSWER)} * {SECOND}"},
        {"n0": f"greatest(coalesce(answered, requested) + {_one_of(dice, _ANSWER)} * {SECOND} + tick, requested)"},
    ]
    cells = {
        "order.placed_at": "placed",
        "order.paid_at": "paid",
        "delivery.promised_at": "promised",
        "delivery.delivered_at": "delivered",
        "delivery.buyer_waits_until": f"CASE WHEN {dice.bits(5)} = 0 THEN promised + {_DAY * SECOND} END",
        "redemption.revealed_at": "revealed",
        "redemption.seal": f"CASE WHEN by_hand OR delivered IS NULL THEN {_seal(Seal.NONE)}"
        f" WHEN revealed IS NULL THEN {_seal(Seal.SEALED)} ELSE {_seal(Seal.BROKEN)} END",
        "goods.sealed_delivery": "NOT by_hand",
        "claim.requested_at": "requested",
        "claim.seller.asked_at": "owed",
        "claim.seller.answered_at": "CASE WHEN answer > 0 THEN least(answered, n0) END",
        "claim.evidence_asked_at": f"CASE WHEN {dice.bits(2)} = 0 THEN requested END",
        "terms.exclusion.confirmed_at": f"CASE WHEN {dice.bits()} < 700 THEN placed END",
        "now": "n0",
    }
    return steps, cells


def _money(dice: _Dice) -> Cells:
    few = f"{dice.bits(4)}"
    return {
        "capacity.in_flight_fen": f"CASE WHEN {dice.bits(6)} = 0 THEN (captured - refunded) // 2 ELSE 0 END",
        "capacity.duplicate_captured_fen": f"CASE WHEN {_among('reason', [_reason(ReasonCode.DUPLICATE_CHARGE)])}"
        f" THEN captured // 2 ELSE 0 END",
        "claim.asked_fen": f"CASE WHEN {dice.bits(2)} = 0 THEN price * {dice.bits(3)} // 4 + 1 END",
        "order.list_price_fen": f"CASE WHEN {dice.bits(3)} = 0 THEN price * 3 // 2 END",
        "order.shown_price_fen": f"CASE WHEN {dice.bits(3)} = 0 THEN greatest(price - {dice.bits(6)}, 0) END",
        "order.units_in_order": f"{few} + 1",
        "order.bad_units": f"CASE WHEN {dice.bits(3)} = 0 THEN {few} // 2 ELSE 0 END",
        "order.total_paid_fen": f"CASE WHEN {dice.bits(4)} = 0 THEN price * 3 END",
        "order.rest_price_fen": f"CASE WHEN {dice.bits(2)} > 0 THEN price * {dice.bits(2)} END",
        "goods.face_value_fen": f"CASE WHEN {dice.bits(2)} > 0 THEN price + {dice.bits(8)} END",
        **_told(dice, "defects.actual_value_fen", f"{dice.bits(1)} = 0", "price // 2"),
    }


def _use(dice: _Dice) -> Cells:
    """Whether it was used: known of half, by an issuer's record mostly."""
    known = states("redemption.use")
    shares = {
        (UseState.UNUSED, Standing.ESTABLISHED): 200, (UseState.USED_UP, Standing.ESTABLISHED): 140,
        (UseState.PARTLY_USED, Standing.ESTABLISHED): 60, (UseState.UNUSED, Standing.ALLEGED): 100,
        (UseState.USED_UP, Standing.ALLEGED): 60, (UseState.USED_UP, Standing.WITHHELD): 44,
    }  # fmt: skip
    bits = dice.bits()
    said = _thresholds(bits, {known.index(state): share for state, share in shares.items()})
    first = "least(coalesce(revealed, delivered, requested) + tick, n0)"
    return {
        **_told(dice, "redemption.use", f"{bits} < {sum(shares.values())}", said),
        **_told(dice, "redemption.used_by", f"{dice.bits(1)} = 0", _at_random(dice, "redemption.used_by")),
        **_told(dice, "redemption.first_used_at", f"{dice.bits(1)} = 0", first),
        "promises.sealed_window_seconds": f"CASE WHEN {dice.bits(1)} = 0 THEN {_one_of(dice, _LONG)} END",
        "promises.revealed_window_seconds": f"CASE WHEN {dice.bits(2)} = 0 THEN {_one_of(dice, _LONG)} END",
    }


def _parts(dice: _Dice) -> Cells:
    """Days and stages: of memberships and services mostly."""
    counted = f"{_among('kind', [list(GoodsKind).index(one) for one in _COUNTED])} AND {dice.bits(2)} > 0"
    minor = _among("reason", [_reason(ReasonCode.MINOR)])
    ages = _one_of(dice, (6, 7, 8, 12, 16, 17, 18, 40))
    cells = {
        "measure.total": f"CASE WHEN {counted} THEN 30 END",
        **_told(dice, "measure.had", f"{counted} AND {dice.bits(3)} > 0", f"least({dice.bits(5)}, 30)"),
        "measure.list_price_fen": f"CASE WHEN {dice.bits(1)} = 0 THEN price // 20 END",
        **_told(dice, "parties.buyer_age", minor, ages),
    }
    for path in ("parties.minor_acted", "parties.fits_age", "parties.guardian_consented", "parties.guardian_at_fault"):
        cells |= _told(dice, path, f"{minor} AND {dice.bits(2)} > 0", _at_random(dice, path))
    for path in ("measure.ended_by", "measure.benefit_cut"):
        cells |= _told(dice, path, f"{counted} AND {dice.bits(2)} > 0", _at_random(dice, path))
    return cells


_BY_HAND = (GoodsKind.DIRECT_TOP_UP, GoodsKind.VIRTUAL_COIN, GoodsKind.BOOSTING_SERVICE)
_COUNTED = (GoodsKind.MEMBERSHIP, GoodsKind.BOOSTING_SERVICE, GoodsKind.ACCOUNT_HANDOVER)


def _weighed(dice: _Dice, path: str, weights: Weights) -> str:
    values = schema()[path].values
    return _thresholds(dice.bits(), {values.index(value): share for value, share in weights.items()})


def _thresholds(bits: str, weights: Mapping[int, int]) -> str:
    """One of the numbers by its share of 1024; what is left over goes to the last."""
    tests, total = [], 0
    for value, share in list(weights.items())[:-1]:
        total += share
        tests.append(f"WHEN {bits} < {total} THEN {value}")
    return f"(CASE {' '.join(tests)} ELSE {list(weights)[-1]} END)"


def _one_of(dice: _Dice, numbers: Sequence[int]) -> str:
    """One of these numbers, each alike as far as 1024 divides."""
    share = _SCALE // len(numbers)
    return f"{_thresholds(dice.bits(), _shares(numbers, share))}::BIGINT"


def _shares(numbers: Sequence[int], share: int) -> dict[int, int]:
    shares: dict[int, int] = {}
    for number in numbers:
        shares[number] = shares.get(number, 0) + share
    return shares


def _among(name: str, places: Sequence[int]) -> str:
    return "(" + " OR ".join(f"{name} = {place}" for place in places) + ")"


def _reason(reason: ReasonCode) -> int:
    return list(ReasonCode).index(reason)


def _seal(seal: Seal) -> int:
    return list(Seal).index(seal)
