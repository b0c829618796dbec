"""What would change it: the smallest changes of facts that lead to another decision, with the moment they turn on.

One change, or two together, from a listed set; and whatever somebody says and nobody has shown, shown.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import combinations
from operator import attrgetter
from typing import Any

import msgspec
from msgspec.structs import replace

from liuhen.policy.clauses.make import DEFECT_OF, KEY_REASONS, NO_REASON
from liuhen.policy.decision import Change, Decider, Decision, Outcome, StepKind
from liuhen.policy.engine import effect_of, judge
from liuhen.policy.facts.claim import AnswerKind, Proof, ReasonCode, Ruling
from liuhen.policy.facts.redemption import Seal, UsedBy, UseState
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import schema
from liuhen.policy.facts.standing import Fact, Side, Source, Standing, established
from liuhen.policy.facts.terms import Exclusion
from liuhen.policy.rulebook import Rulebook

MAX_BETTER = 4
MAX_WORSE = 2
_TICK = timedelta(seconds=1)


class Move(msgspec.Struct, frozen=True):
    """One change of facts: who could bring it about, and the facts after it, or None where it does not apply."""

    key: str
    by: Side
    make: Callable[[RefundFacts, Rulebook], RefundFacts | None]


class _Seen(msgspec.Struct, frozen=True):
    outcome: Outcome
    low: int
    high: int
    by: Decider
    step: StepKind


def with_changes(decision: Decision, facts: RefundFacts, rulebook: Rulebook) -> Decision:
    """The same decision with `what_would_change` filled, for a page. Costs some dozens of evaluations, no trace."""
    return replace(decision, what_would_change=what_would_change(facts, rulebook))


def what_would_change(facts: RefundFacts, rulebook: Rulebook) -> tuple[Change, ...]:
    """Changes that lead elsewhere: at most MAX_BETTER better ones for the asker, then at most MAX_WORSE others.

    A pair is listed only when it is better than the decision and neither of its halves is. Nothing is listed for a
    decision that already gives everything.
    """
    now = _see(facts, rulebook)
    if now.step is StepKind.PAY and now.outcome is Outcome.FULL:
        return ()
    singles = [(move, changed, _see(changed, rulebook)) for move, changed in _moved(facts, rulebook)]
    found = [_change((move,), seen, now, _when(facts, changed)) for move, changed, seen in singles if seen != now]
    if not any(change.better for change in found):
        found += _pairs(facts, rulebook, now)
    found.sort(key=lambda change: (change.by is Side.NOBODY, -change.amount_fen))
    better = [change for change in found if change.better]
    worse = [change for change in found if not change.better]
    return tuple(better[:MAX_BETTER] + worse[:MAX_WORSE])


def _pairs(facts: RefundFacts, rulebook: Rulebook, now: _Seen) -> list[Change]:
    found: list[Change] = []
    for first, second in combinations(MOVES, 2):
        halfway = first.make(facts, rulebook)
        both = None if halfway is None else second.make(halfway, rulebook)
        if both is not None and _better(seen := _see(both, rulebook), now):
            found.append(_change((first, second), seen, now, _when(facts, both)))
    return found


def _see(facts: RefundFacts, rulebook: Rulebook) -> _Seen:
    verdict = judge(facts, rulebook)
    effect = effect_of(verdict.ground)
    return _Seen(verdict.outcome, verdict.low, verdict.high, effect.decided_by, effect.step.kind)


def _better(seen: _Seen, now: _Seen) -> bool:
    if now.outcome is Outcome.NEED_EVIDENCE and seen.outcome is Outcome.REVIEW:
        return True  # it can go on
    return (seen.low, seen.high) > (now.low, now.high)


def _when(facts: RefundFacts, changed: RefundFacts) -> datetime | None:
    """The moment that a change turns on: when it will be so, or by when it had to be."""
    if changed.now > facts.now:
        return changed.now
    asked = changed.claim.requested_at
    return asked if asked < facts.claim.requested_at else None


def _change(moves: tuple[Move, ...], seen: _Seen, now: _Seen, at: datetime | None) -> Change:
    return Change(
        at=at,
        keys=tuple(move.key for move in moves),
        by=moves[0].by,
        better=_better(seen, now) or (seen.step is StepKind.PAY and (seen.low, seen.high) >= (now.low, now.high)),
        outcome=seen.outcome,
        amount_fen=seen.low,
        amount_max_fen=seen.high,
        decided_by=seen.by,
    )


def _moved(facts: RefundFacts, rulebook: Rulebook) -> Iterator[tuple[Move, RefundFacts]]:
    for move in (*MOVES, *_sayings(facts)):
        changed = move.make(facts, rulebook)
        if changed is not None and changed != facts:
            yield move, changed


def _defect(facts: RefundFacts, fact: Fact[bool]) -> RefundFacts | None:
    path = DEFECT_OF.get(facts.claim.reason)
    if path is None or facts.delivery.delivered_at is None or facts.defects.issuer_shutdown.holds:
        return None
    name = path.removeprefix("defects.")
    if getattr(facts.defects, name).standing in (Standing.ESTABLISHED, Standing.REBUTTED):
        return None
    changed: dict[str, Any] = {name: fact}
    return replace(facts, defects=replace(facts.defects, **changed))


def _issuer_confirms(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    return _defect(facts, established(True, Source.ISSUER))


def _issuer_denies(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    return _defect(facts, Fact(value=True, source=Source.ISSUER, standing=Standing.REBUTTED))


def _withholds(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    return _defect(facts, Fact(value=True, source=Source.BUYER, standing=Standing.WITHHELD))


def _used(facts: RefundFacts, before: bool) -> RefundFacts | None:
    seen = facts.redemption.revealed_at
    if seen is None or facts.claim.reason not in KEY_REASONS or facts.redemption.use.holds:
        return None
    by = UsedBy.OTHER if before else UsedBy.BUYER_SIDE
    return replace(
        facts,
        redemption=replace(
            facts.redemption,
            use=established(UseState.USED_UP, Source.ISSUER),
            used_by=established(by, Source.ISSUER),
            first_used_at=established(seen - _TICK if before else seen + _TICK, Source.ISSUER),
        ),
    )


def _unused(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    if facts.redemption.use.holds or facts.promises.revealed_window_seconds is None:
        return None
    use = established(UseState.UNUSED, Source.ISSUER)
    return replace(facts, redemption=replace(facts.redemption, use=use))


def _answered(facts: RefundFacts, rulebook: Rulebook, kind: AnswerKind) -> RefundFacts | None:
    """Only where the seller is being asked, or would be."""
    seller = facts.claim.seller
    if seller.kind is not AnswerKind.NONE or _see(facts, rulebook).step is not StepKind.SELLER_ANSWER:
        return None
    asked = seller.asked_at or facts.claim.requested_at
    limit = timedelta(seconds=rulebook.value("seller_answer"))
    later = max(facts.now, asked + limit + _TICK) if kind is AnswerKind.NONE else facts.now
    answered = None if kind is AnswerKind.NONE else asked + _TICK
    changed = replace(seller, asked_at=asked, kind=kind, answered_at=answered)
    return replace(facts, now=later, claim=replace(facts.claim, seller=changed))


def _granted(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    if _see(facts, rulebook).step is not StepKind.HUMAN_REVIEW or facts.claim.ruling.holds:
        return None
    return replace(facts, claim=replace(facts.claim, ruling=established(Ruling.GRANTED, Source.STAFF)))


def _human(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    seen = _see(facts, rulebook)
    refused = seen.outcome is Outcome.NONE and seen.by is Decider.MACHINE
    return replace(facts, claim=replace(facts.claim, wants_human=True)) if refused else None


def _time_passes(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    promised = facts.delivery.promised_at
    if promised is None or facts.delivery.delivered_at is not None:
        return None
    grace = rulebook.value("grace_sealed" if facts.goods.sealed_delivery else "grace_by_hand")
    end = max(promised + timedelta(seconds=grace), facts.delivery.buyer_waits_until or promised)
    return replace(facts, now=max(facts.now, end + _TICK))


def _seal_whole(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    if facts.claim.reason not in NO_REASON or facts.redemption.seal is not Seal.BROKEN or facts.redemption.use.holds:
        return None  # against a fault the seal means nothing, and what is past helps nobody
    return replace(facts, redemption=replace(facts.redemption, seal=Seal.SEALED, revealed_at=None))


def _seal_broken(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    if facts.redemption.seal is not Seal.SEALED:
        return None
    return replace(facts, redemption=replace(facts.redemption, seal=Seal.BROKEN, revealed_at=facts.now))


def _in_window(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    delivered = facts.delivery.delivered_at
    if facts.claim.reason not in NO_REASON or delivered is None or facts.claim.requested_at < delivered:
        return None
    end = delivered + timedelta(seconds=rulebook.value("instant_window"))
    return replace(facts, claim=replace(facts.claim, requested_at=min(facts.claim.requested_at, end)))


def _not_confirmed(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    if facts.claim.reason not in NO_REASON:
        return None
    return replace(facts, terms=replace(facts.terms, exclusion=Exclusion()))


def _fault_claimed(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    if facts.claim.reason not in NO_REASON:
        return None
    return replace(facts, claim=replace(facts.claim, reason=ReasonCode.NOT_AS_DESCRIBED))


def _better_proof(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    if facts.claim.proof is Proof.RECORDING:
        return None
    return replace(facts, claim=replace(facts.claim, proof=Proof.RECORDING))


def _advance_due(facts: RefundFacts, rulebook: Rulebook) -> RefundFacts | None:
    if not facts.promises.advance_payment:
        return None
    due = facts.claim.requested_at + timedelta(seconds=rulebook.value("advance_payment")) + _TICK
    return replace(facts, now=max(facts.now, due))


def _sayings(facts: RefundFacts) -> Iterator[Move]:
    """What somebody says and nobody has shown yet, each shown by a reviewer. The key names the fact and its value."""
    for path, field in schema().items():
        if not field.disputed or not field.values or path in DEFECT_OF.values():
            continue
        fact = attrgetter(path)(facts)
        if fact.standing is Standing.ALLEGED and fact.value is not None:
            yield Move(f"{SHOWN}{path}={fact.value}", Side.PLATFORM, partial(_shown, path=path))


def _shown(facts: RefundFacts, rulebook: Rulebook, *, path: str) -> RefundFacts | None:
    topic, _, name = path.partition(".")
    struct = getattr(facts, topic)
    proven: dict[str, Any] = {name: established(getattr(struct, name).value, Source.STAFF)}
    changed: dict[str, Any] = {topic: replace(struct, **proven)}
    return replace(facts, **changed)


SHOWN = "shown:"  # how the key of a change begins that is not in MOVES: shown:path=value
MOVES: tuple[Move, ...] = (
    Move("seller_agrees", Side.SELLER, lambda f, v: _answered(f, v, AnswerKind.AGREED)),
    Move("seller_silent", Side.SELLER, lambda f, v: _answered(f, v, AnswerKind.NONE)),
    Move("seller_refuses", Side.SELLER, lambda f, v: _answered(f, v, AnswerKind.REFUSED)),
    Move("issuer_confirms_fault", Side.ISSUER, _issuer_confirms),
    Move("used_before_reveal", Side.ISSUER, lambda f, v: _used(f, before=True)),
    Move("seller_withholds", Side.SELLER, _withholds),
    Move("unused_confirmed", Side.ISSUER, _unused),
    Move("better_proof", Side.BUYER, _better_proof),
    Move("advance_due", Side.PLATFORM, _advance_due),
    Move("reviewer_grants", Side.PLATFORM, _granted),
    Move("fault_claimed", Side.BUYER, _fault_claimed),
    Move("time_passes", Side.NOBODY, _time_passes),
    Move("human_asked", Side.BUYER, _human),
    Move("issuer_denies_fault", Side.ISSUER, _issuer_denies),
    Move("used_by_buyer", Side.ISSUER, lambda f, v: _used(f, before=False)),
    Move("seal_broken", Side.BUYER, _seal_broken),
    Move("seal_whole", Side.NOBODY, _seal_whole),
    Move("claimed_in_window", Side.NOBODY, _in_window),
    Move("not_confirmed", Side.NOBODY, _not_confirmed),
)
