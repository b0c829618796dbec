"""All clauses, in the order in which they are read, and the order in which they decide.

Every clause always runs. The decision is taken by the first clause of `PRECEDENCE` that is met: what blocks, then
what gives without anybody's word, then what people have agreed or ruled, then who must act now, then what refuses;
the last clause is always met, so there is exactly one decision. Why: docs/decisions.
"""

from liuhen.policy.clauses import (
    amount,
    capacity,
    defect,
    delivery,
    lawful,
    no_reason,
    procedure,
    promises,
    redemption,
    terms,
)
from liuhen.policy.clauses.clause import Clause, Layer

CLAUSES: tuple[Clause, ...] = (
    *lawful.CLAUSES,
    *capacity.CLAUSES,
    *delivery.CLAUSES,
    *redemption.CLAUSES,
    *defect.CLAUSES,
    *promises.CLAUSES,
    *terms.CLAUSES,
    *no_reason.CLAUSES,
    *procedure.CLAUSES,
    *amount.CLAUSES,
)

PRECEDENCE: tuple[str, ...] = (
    # what blocks or has been dealt with
    "goods.forbidden",
    "goods.fee_scam",
    "capacity.paid_outside",
    "capacity.nothing_captured",
    "capacity.already_refunded",
    "capacity.other_case",
    # what is certain from our own records
    "capacity.charged_twice",
    "capacity.no_order",
    "capacity.overcharged",
    "goods.barred",
    "delivery.late",
    "delivery.cancel",
    "delivery.purpose_missed",
    "procedure.human_refused",
    "capacity.settled",
    # what undoes the whole contract, whatever was agreed afterwards or had before
    "defect.harm_done",
    "defect.fraud",
    # what people have agreed or ruled
    "no_reason.ended_early",
    "seller.agreed",
    "ruling.granted",
    "ruling.partly",
    "seller.deemed_approved",
    # what is shown about the buyer and the thing itself
    "capacity.minor_void",
    "defect.two_years_over",
    "procedure.human_part",
    "defect.remedy_chosen",
    "defect.short_value_used",
    "defect.cut_short",
    "defect.by_record",
    "defect.foreign_use",
    "defect.foreign_use_here",
    "defect.by_staff",
    "defect.renewal_unnoticed",
    # what was promised without a reason
    "no_reason.promotion_lost",
    "promise.instant",
    "promise.revealed_unused",
    "ruling.refused",
    "seller.unrebutted",
    "promise.advance",
    # who must act now: a person first where the asker wants one
    "procedure.human_asked",
    "capacity.minor_bound",
    "capacity.minor_unused",
    "capacity.minor_used",
    "capacity.minor_unproven",
    "capacity.minor",
    "defect.renewal_noticed",
    "capacity.not_overcharged",
    "procedure.human_reason",
    "defect.rest_worthless",
    "defect.rebutted",
    "defect.all_had",
    "defect.risk_passed",
    "seller.refused",
    "seller.silent_unagreed",
    "delivery.work_part",
    "delivery.work_begun",
    "delivery.price_error",
    "promise.sealed_window",
    "promise.revealed_window",
    "no_reason.seven_days",
    "no_reason.voidable",
    "defect.unproven",
    "defect.more_proof",
    "defect.open",
    # what refuses, with a way to a person
    "delivery.not_due",
    "no_reason.not_consumer",
    "no_reason.service_done",
    "no_reason.made_to_order",
    "no_reason.digital_unsealed",
    "no_reason.used",
    "no_reason.excluded",
    "no_reason.revealed",
    "no_reason.too_late",
    # whatever is left
    "procedure.human_else",
)

BY_ID: dict[str, Clause] = {clause.id: clause for clause in CLAUSES}


def _numbers() -> dict[str, str]:
    """Numbers as printed: layer, then place in the layer."""
    layers = list(Layer)
    seen: dict[Layer, int] = {}
    numbers: dict[str, str] = {}
    for clause in CLAUSES:
        seen[clause.layer] = seen.get(clause.layer, 0) + 1
        numbers[clause.id] = f"{layers.index(clause.layer) + 1}.{seen[clause.layer]}"
    return numbers


NUMBERS: dict[str, str] = _numbers()
