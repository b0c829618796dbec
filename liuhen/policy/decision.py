"""What a decision is: data, from which pages, flows and the API take everything they say and do."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from liuhen.policy.facts.claim import Remedy
from liuhen.policy.facts.standing import Side, Source, Standing
from liuhen.timing.deadlines import DeadlineRule


class Outcome(StrEnum):
    """One vocabulary everywhere."""

    FULL = "FULL"
    PARTIAL = "PARTIAL"
    NONE = "NONE"
    REVIEW = "REVIEW"
    NEED_EVIDENCE = "NEED_EVIDENCE"
    BLOCK = "BLOCK"


class Decider(StrEnum):
    """Who may decide now."""

    MACHINE = "machine"
    SELLER = "seller"
    HUMAN = "human"


class StepKind(StrEnum):
    """What happens next."""

    NONE = "none"  # nothing more to decide: carry the decision out
    PAY = "pay"  # the refund is approved: pay it
    SELLER_ANSWER = "seller_answer"  # the seller owes an answer
    HUMAN_REVIEW = "human_review"  # a reviewer owes a decision
    BUYER_EVIDENCE = "buyer_evidence"  # the buyer may add what is missing
    WAIT_DELIVERY = "wait_delivery"  # the promised time has not come yet


class RefundRoute(StrEnum):
    """Where the money goes."""

    ORIGINAL = "original"
    BALANCE = "balance"


class Order(StrEnum):
    """What a flow carries out besides the payment."""

    RESTOCK = "restock"  # a sealed or undelivered key returns to stock
    VOID_KEY = "void_key"  # never sold again; the seller gets a to-do to void it at the issuer
    REFUSE_LATE_DELIVERY = "refuse_late_delivery"  # what comes now is not accepted and stays in stock
    CANCEL_WORK = "cancel_work"  # the seller stops: hand delivery and services
    DELIST = "delist"  # forbidden goods
    SANCTION_CANDIDATE = "sanction_candidate"  # a human looks at the seller


class Mark(StrEnum):
    """What a clause gives on these facts. Met is not the same as good for you."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


# gc=False on the parts of a trace: a decision makes 500 of them, none of which can be part of a circle.
class Cite(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An article of law. Short name as in the alias table of policy/law.py; numbers from 1, 0 where there is none."""

    law: str
    article: int
    paragraph: int = 0
    item: int = 0


class UsedFact(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A fact that a clause looked at. `value` is a plain JSON value; standing is None for facts nobody disputes."""

    path: str
    value: Any
    source: Source | None = None
    standing: Standing | None = None


class ClauseResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One clause on these facts. `decisive`: the outcome rests on it."""

    id: str
    number: str  # as printed on the rules page, for example 2.1
    layer: str
    mark: Mark
    decisive: bool
    burden: Side  # who loses if it stays unproven
    facts: tuple[UsedFact, ...] = ()
    cites: tuple[Cite, ...] = ()
    params: dict[str, int] = {}  # rulebook values it used (fen, seconds, days, permille)


class BillLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the small bill. The lines sum to `amount_max_fen`; the fee line is always there and always 0."""

    key: str  # paid, refunded_before, in_flight, kept, not_due, fee
    fen: int


class Formula(msgspec.Struct, frozen=True, kw_only=True):
    """How the amount was worked out: the name of the formula, and what was put into it (paths and rulebook values).

    Numbers, and the words and settled yes or no by which a formula chooses between two ways. `explain.formula` says it.
    """

    name: str
    inputs: dict[str, int | str | bool] = {}


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    """Who must act, how long, and what happens when the time is up."""

    kind: StepKind
    actor: Side = Side.NOBODY
    deadline: DeadlineRule | None = None
    starts_at: datetime | None = None  # the deadline is timing.deadlines.due_at(deadline, starts_at, calendar)
    on_expiry: str = (
        ""  # deemed_approved, to_human, escalate_to_admin, refund_by_machine, case_lapses; "" if no deadline
    )


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest change of facts that leads elsewhere."""

    keys: tuple[str, ...]  # one or two of whatif.MOVES, or shown:path=value
    at: datetime | None = None  # when it will be so, or by when it had to be (UTC)
    by: Side  # who could bring it about; NOBODY when it lies in the past
    better: bool  # for the asker
    outcome: Outcome
    amount_fen: int
    amount_max_fen: int
    decided_by: Decider


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """The decision on one unit without its trace. Amounts fen; in REVIEW a range, else both ends equal."""

    outcome: Outcome
    amount_fen: int
    amount_max_fen: int
    bill: tuple[BillLine, ...]
    formula: Formula = Formula(name="nothing")
    remedies: tuple[Remedy, ...]
    remedy_fen: dict[Remedy, int] = {}  # what those of them that are money come to
    chooser: Side  # who chooses among several remedies
    decided_by: Decider
    next_step: NextStep
    route: RefundRoute
    liable: Side
    payer: Side
    recover_from: Side
    orders: tuple[Order, ...]
    claims_for_human: tuple[str, ...]  # punitive_damages, contract_penalty, proven_loss, interest
    claim_fen: dict[str, int] = {}  # how much those of them are where that can be worked out
    outside_fen: int = 0  # owed by the liable side outside the platform, which cannot pay it
    ground: str  # id of the clause that decides
    human_offered: bool  # the asker may demand a human now
    rulebook_version: str


class Decision(Finding, frozen=True, kw_only=True):
    """The whole decision on one unit, as it is shown and served."""

    clauses: tuple[ClauseResult, ...]  # all of them, in layer order
    what_would_change: tuple[Change, ...]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Units of one claim that go the same way: one case, one deadline. `units` are places in the given sequence."""

    outcome: Outcome
    decided_by: Decider
    next_step: NextStep
    units: tuple[int, ...]
    amount_fen: int
    amount_max_fen: int


class JoinedClause(msgspec.Struct, frozen=True, kw_only=True):
    """One clause over several units: in which places it is met, not met, not known, and where it decides."""

    id: str
    number: str
    layer: str
    met: tuple[int, ...]
    not_met: tuple[int, ...]
    unknown: tuple[int, ...]
    decisive: tuple[int, ...]
    cites: tuple[Cite, ...]


class ClaimDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A claim over several units, in the given order: amounts summed, clauses joined, units grouped by their way."""

    outcome: Outcome
    amount_fen: int
    amount_max_fen: int
    bill: tuple[BillLine, ...]
    groups: tuple[Group, ...]
    clauses: tuple[JoinedClause, ...]
    units: tuple[Decision, ...]
