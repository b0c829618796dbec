"""A claim over several units: one decision each, joined."""

from collections.abc import Sequence

from liuhen.base.errors import InvalidInput
from liuhen.policy.decision import (
    BillLine,
    ClaimDecision,
    ClauseResult,
    Decider,
    Decision,
    Group,
    JoinedClause,
    Mark,
    NextStep,
    Outcome,
)

MAX_UNITS = 25_000  # far above the largest order that lines x pieces allow


def combine(decisions: Sequence[Decision]) -> ClaimDecision:
    """A claim over several units: amounts summed exactly, clauses joined, units that go the same way grouped.

    Each group is one case with one deadline: a sealed unit is paid at once while its neighbour waits for the seller.
    Raises InvalidInput for no decision or more than MAX_UNITS.
    """
    if not 1 <= len(decisions) <= MAX_UNITS:
        raise InvalidInput("a claim covers at least one unit", units=len(decisions))
    return ClaimDecision(
        outcome=_joint_outcome({d.outcome for d in decisions}),
        amount_fen=sum(d.amount_fen for d in decisions),
        amount_max_fen=sum(d.amount_max_fen for d in decisions),
        bill=_joint_bill(decisions),
        groups=_groups(decisions),
        clauses=tuple(_joined(row) for row in zip(*(d.clauses for d in decisions), strict=True)),
        units=tuple(decisions),
    )


def _joint_outcome(outcomes: set[Outcome]) -> Outcome:
    if len(outcomes) == 1:
        return next(iter(outcomes))
    for open_one in (Outcome.REVIEW, Outcome.NEED_EVIDENCE):
        if open_one in outcomes:
            return open_one
    return Outcome.PARTIAL if outcomes & {Outcome.FULL, Outcome.PARTIAL} else Outcome.NONE


def _joint_bill(decisions: Sequence[Decision]) -> tuple[BillLine, ...]:
    sums: dict[str, int] = {"paid": 0}
    for line in (line for d in decisions for line in d.bill if line.key != "fee"):
        sums[line.key] = sums.get(line.key, 0) + line.fen
    return tuple(BillLine(key=key, fen=fen) for key, fen in [*sums.items(), ("fee", 0)])


def _groups(decisions: Sequence[Decision]) -> tuple[Group, ...]:
    places: dict[tuple[Outcome, Decider, bytes], list[int]] = {}
    for place, one in enumerate(decisions):
        places.setdefault((one.outcome, one.decided_by, _way(one.next_step)), []).append(place)
    return tuple(
        Group(
            outcome=outcome,
            decided_by=by,
            next_step=decisions[units[0]].next_step,
            units=tuple(units),
            amount_fen=sum(decisions[i].amount_fen for i in units),
            amount_max_fen=sum(decisions[i].amount_max_fen for i in units),
        )
        for (outcome, by, _), units in places.items()
    )


def _way(step: NextStep) -> bytes:
    return repr(step).encode()


def _joined(row: tuple[ClauseResult, ...]) -> JoinedClause:
    def where(mark: Mark) -> tuple[int, ...]:
        return tuple(place for place, result in enumerate(row) if result.mark is mark)

    first = row[0]
    return JoinedClause(
        id=first.id,
        number=first.number,
        layer=first.layer,
        met=where(Mark.MET),
        not_met=where(Mark.NOT_MET),
        unknown=where(Mark.UNKNOWN),
        decisive=tuple(place for place, result in enumerate(row) if result.decisive),
        cites=first.cites,
    )
