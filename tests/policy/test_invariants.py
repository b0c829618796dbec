"""What must hold for every case, on facts that nobody thought of."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from liuhen.policy.clauses.make import DEFECT_PATHS, KEEPS_UNIT
from liuhen.policy.combine import combine
from liuhen.policy.decide import decide
from liuhen.policy.decision import Decider, Mark, Outcome, StepKind
from liuhen.policy.engine import payable
from liuhen.policy.facts.capacity import Capacity
from liuhen.policy.facts.channel import ChannelFacts, PaidFrom
from liuhen.policy.facts.claim import AnswerKind, Claim, OpenedBy, ReasonCode, Ruling, SellerAnswer
from liuhen.policy.facts.defects import Defects
from liuhen.policy.facts.delivery import Delivery
from liuhen.policy.facts.goods import Goods, GoodsKind
from liuhen.policy.facts.history import History
from liuhen.policy.facts.order import OrderFacts
from liuhen.policy.facts.parties import Parties
from liuhen.policy.facts.promises import Promises
from liuhen.policy.facts.redemption import Redemption, Seal, UsedBy, UseState
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact, Source, Standing, established
from liuhen.policy.facts.terms import Exclusion, Terms
from tests.policy.world import BOOK, T0

MANY = settings(max_examples=300, deadline=None)
times = st.integers(-3 * 86_400, 12 * 86_400).map(lambda s: T0 + timedelta(seconds=s))
fen = st.integers(0, 1_000_000)
flags = st.booleans()


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def disputed(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Fact[Any]]:
    said = st.builds(
        Fact,
        value=values,
        source=st.sampled_from([s for s in Source if s is not Source.NOBODY]),
        standing=st.sampled_from([s for s in Standing if s is not Standing.UNKNOWN]),
    )
    return st.just(Fact()) | said


yes_no = disputed(flags)
defect_names = [path.removeprefix("defects.") for path in DEFECT_PATHS]
answers = st.builds(
    SellerAnswer,
    asked_at=maybe(times),
    kind=st.sampled_from(AnswerKind),
    answered_at=maybe(times),
    silence_agreed=flags,
)
claims = st.builds(
    Claim,
    reason=st.sampled_from(ReasonCode),
    requested_at=times,
    opened_by=st.sampled_from(OpenedBy),
    asked_fen=maybe(fen),
    wants_human=flags,
    seller=answers,
    ruling=st.just(Fact()) | st.sampled_from(Ruling).map(lambda r: established(r, Source.STAFF)),
    ruled_fen=maybe(fen),
)
redemptions = st.builds(
    Redemption,
    seal=st.sampled_from(Seal),
    revealed_at=maybe(times),
    use=disputed(st.sampled_from(UseState)),
    used_by=disputed(st.sampled_from(UsedBy)),
    first_used_at=disputed(times),
)
deliveries = st.builds(
    Delivery,
    promised_at=maybe(times),
    delivered_at=maybe(times),
    buyer_waits_until=maybe(times),
    started=yes_no,
)
worlds = st.builds(
    RefundFacts,
    now=times,
    goods=st.builds(
        Goods,
        kind=st.sampled_from(GoodsKind),
        sealed_delivery=flags,
        forbidden=yes_no,
        made_to_order=yes_no,
        digital_content=flags,
        face_value_fen=maybe(st.integers(1, 100_000)),
        issuer_can_void=flags,
    ),
    order=st.builds(OrderFacts, placed_at=times, escrow_released_at=maybe(times)),
    claim=claims,
    capacity=st.builds(
        Capacity,
        captured_fen=fen,
        refunded_fen=fen,
        in_flight_fen=fen,
        other_case_open=flags,
        duplicate_captured_fen=fen,
    ),
    parties=st.builds(Parties, buyer_age=disputed(st.integers(5, 80))),
    delivery=deliveries,
    redemption=redemptions,
    terms=st.builds(
        Terms,
        exclusion=st.builds(Exclusion, stated=flags, shown=flags, confirmed_at=maybe(times), preticked=flags),
        window_seconds=maybe(st.integers(1, 86_400)),
        window_shown=flags,
    ),
    promises=st.builds(
        Promises,
        sealed_window_seconds=maybe(st.integers(1, 300_000)),
        revealed_window_seconds=maybe(st.integers(1, 300_000)),
    ),
    defects=st.fixed_dictionaries({}, optional=dict.fromkeys(defect_names, yes_no)).flatmap(
        lambda found: st.builds(Defects, **{k: st.just(v) for k, v in found.items()}, actual_value_fen=disputed(fen))
    ),
    history=st.builds(History, settled=yes_no),
    channel=st.builds(ChannelFacts, paid_from=st.sampled_from(PaidFrom), balance_chosen=flags),
)


@MANY
@given(worlds)
def test_money_is_bounded_and_the_bill_sums(facts: RefundFacts) -> None:
    decision = decide(facts, BOOK)
    assert 0 <= decision.amount_fen <= decision.amount_max_fen <= payable(facts) <= facts.capacity.captured_fen
    assert [line.fen for line in decision.bill if line.key == "fee"] == [0]
    if facts.capacity.refunded_fen + facts.capacity.in_flight_fen <= facts.capacity.captured_fen:
        assert sum(line.fen for line in decision.bill) == decision.amount_max_fen


@MANY
@given(worlds)
def test_a_decision_is_whole(facts: RefundFacts) -> None:
    decision = decide(facts, BOOK)
    by_id = {clause.id: clause for clause in decision.clauses}
    assert by_id[decision.ground].decisive
    assert by_id[decision.ground].mark is Mark.MET
    paying = decision.next_step.kind is StepKind.PAY
    if decision.outcome in (Outcome.REVIEW, Outcome.NEED_EVIDENCE, Outcome.BLOCK):
        assert not paying
    else:
        assert paying or decision.outcome is Outcome.NONE or decision.decided_by is Decider.SELLER
    if decision.outcome is not Outcome.REVIEW:
        assert decision.amount_fen == decision.amount_max_fen
    if decision.outcome in (Outcome.NONE, Outcome.BLOCK):
        assert decision.amount_max_fen == 0
    if decision.outcome is Outcome.FULL:
        assert decision.amount_fen == payable(facts) > 0
    if decision.next_step.deadline is not None:
        assert decision.next_step.starts_at is not None
        assert decision.next_step.on_expiry


@MANY
@given(worlds)
def test_a_machine_that_refuses_offers_a_human(facts: RefundFacts) -> None:
    decision = decide(facts, BOOK)
    if decision.decided_by is Decider.MACHINE and decision.outcome is not Outcome.FULL:
        assert decision.human_offered


@MANY
@given(worlds, st.sampled_from([r for r in ReasonCode if r not in KEEPS_UNIT]), st.integers(0, 86_400))
def test_sealed_within_24_hours_is_full_for_any_reason(facts: RefundFacts, reason: ReasonCode, after: int) -> None:
    delivered = T0
    claimed = T0 + timedelta(seconds=after)
    facts = replace(
        facts,
        now=claimed,
        goods=replace(facts.goods, forbidden=Fact(), kind=GoodsKind.CARD_KEY),
        order=OrderFacts(placed_at=T0),
        claim=replace(
            facts.claim, reason=reason, requested_at=claimed, asked_fen=None, opened_by=OpenedBy.BUYER, ruling=Fact()
        ),
        capacity=Capacity(captured_fen=max(facts.capacity.captured_fen, 1)),
        delivery=replace(facts.delivery, delivered_at=delivered),
        redemption=replace(facts.redemption, seal=Seal.SEALED, revealed_at=None),
        history=History(),
    )
    decision = decide(facts, BOOK)
    assert (decision.outcome, decision.next_step.kind) == (Outcome.FULL, StepKind.PAY)


LADDER = (Standing.UNKNOWN, Standing.ALLEGED, Standing.ESTABLISHED)


@MANY
@given(worlds, st.sampled_from(defect_names), st.sampled_from([Source.BUYER, Source.ISSUER, Source.PLATFORM_LOG]))
def test_better_evidence_never_hurts_the_buyer_who_brings_it(facts: RefundFacts, name: str, source: Source) -> None:
    low = -1
    for standing in LADDER:
        value = None if standing is Standing.UNKNOWN else True
        fact: Fact[bool] = Fact(value=value, source=source, standing=standing)
        worth: Fact[int] = Fact()  # with a known value, more proof of short value turns a refund into a difference
        changed: dict[str, Any] = {name: fact, "actual_value_fen": worth}
        decision = decide(replace(facts, defects=replace(facts.defects, **changed)), BOOK)
        assert decision.amount_fen >= low
        low = decision.amount_fen


@MANY
@given(worlds)
def test_better_evidence_never_hurts_the_seller_who_brings_it(facts: RefundFacts) -> None:
    """Use on the buyer's side: the better it is shown, the less goes back."""
    high: int | None = None
    for standing in LADDER:
        known = standing is not Standing.UNKNOWN
        redemption = replace(
            facts.redemption,
            use=Fact(value=UseState.USED_UP if known else None, source=Source.SELLER, standing=standing),
            used_by=Fact(value=UsedBy.BUYER_SIDE if known else None, source=Source.SELLER, standing=standing),
            first_used_at=Fact(
                value=after(facts.redemption.revealed_at) if known else None,
                source=Source.SELLER,
                standing=standing,
            ),
            seal=Seal.BROKEN,
            revealed_at=facts.redemption.revealed_at or T0,
        )
        decision = decide(replace(facts, redemption=redemption), BOOK)
        assert high is None or decision.amount_fen <= high
        high = decision.amount_fen


def after(revealed_at: datetime | None) -> datetime:
    return (revealed_at or T0) + timedelta(minutes=1)


@MANY
@given(worlds, st.integers(1, 86_400 * 30))
def test_a_term_never_lowers_what_goes_back_for_a_defect(facts: RefundFacts, window: int) -> None:
    facts = replace(facts, claim=replace(facts.claim, reason=ReasonCode.INVALID_KEY))
    bare = decide(replace(facts, terms=Terms()), BOOK)
    harsh = Terms(
        exclusion=Exclusion(stated=True, shown=True, confirmed_at=T0), window_seconds=window, window_shown=True
    )
    assert decide(replace(facts, terms=harsh), BOOK).amount_fen == bare.amount_fen


@MANY
@given(worlds, st.integers(1, 600_000), st.integers(1, 600_000))
def test_a_promise_only_adds(facts: RefundFacts, sealed_for: int, revealed_for: int) -> None:
    bare = decide(replace(facts, promises=Promises()), BOOK)
    more = Promises(sealed_window_seconds=sealed_for, revealed_window_seconds=revealed_for)
    rich = decide(replace(facts, promises=more), BOOK)
    assert rich.amount_fen >= bare.amount_fen
    assert rich.amount_max_fen >= bare.amount_max_fen


@MANY
@given(worlds)
def test_an_unconfirmed_or_preticked_exclusion_changes_nothing(facts: RefundFacts) -> None:
    bare = decide(replace(facts, terms=Terms()), BOOK)
    for term in (
        Exclusion(stated=True, shown=True),
        Exclusion(stated=True, confirmed_at=T0),
        Exclusion(stated=True, shown=True, confirmed_at=T0, preticked=True),
    ):
        decision = decide(replace(facts, terms=Terms(exclusion=term)), BOOK)
        assert (decision.ground, decision.amount_fen) == (bare.ground, bare.amount_fen)


@settings(max_examples=60, deadline=None)
@given(st.lists(worlds, min_size=1, max_size=6))
def test_a_claim_over_several_units_sums_exactly(many: list[RefundFacts]) -> None:
    decisions = [decide(facts, BOOK) for facts in many]
    claim = combine(decisions)
    assert claim.amount_fen == sum(d.amount_fen for d in decisions)
    assert claim.amount_max_fen == sum(g.amount_max_fen for g in claim.groups)
    assert sorted(place for g in claim.groups for place in g.units) == list(range(len(many)))
    for clause in claim.clauses:
        assert sorted((*clause.met, *clause.not_met, *clause.unknown)) == list(range(len(many)))
