"""What would change it: true, small, and better ones first."""

from datetime import timedelta

from hypothesis import given, settings
from msgspec.structs import replace

from liuhen.policy import explain
from liuhen.policy.decide import decide
from liuhen.policy.decision import Outcome
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.promises import Promises
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Side, Source, alleged, established
from liuhen.policy.whatif import MAX_BETTER, MAX_WORSE, MOVES, what_would_change, with_changes
from tests.policy.test_clauses import DECIDES
from tests.policy.test_invariants import worlds
from tests.policy.world import BOOK, DAY, HOUR, T0, asked, confirmed_exclusion, revealed, sealed


def keys(facts: RefundFacts) -> list[tuple[str, ...]]:
    return [change.keys for change in what_would_change(facts, BOOK)]


def test_a_dead_key_is_decided_by_issuer_seller_or_silence() -> None:
    found = {change.keys: change for change in what_would_change(revealed(), BOOK)}
    for one in ("seller_agrees", "seller_silent", "issuer_confirms_fault"):
        assert (found[one,].outcome, found[one,].amount_fen, found[one,].better) == (Outcome.FULL, 9_800, True)
    assert found["seller_refuses",].outcome is Outcome.REVIEW
    assert found["issuer_denies_fault",].outcome is Outcome.NONE


def test_an_unwanted_revealed_key_shows_a_person_and_the_right_reason() -> None:
    assert ("human_asked",) in keys(revealed(ReasonCode.CHANGE_OF_MIND))
    assert ("fault_claimed",) in keys(revealed(ReasonCode.CHANGE_OF_MIND))


def test_what_lies_in_the_past_is_said_to_be_nobodys() -> None:
    found = what_would_change(confirmed_exclusion(sealed(after=2 * DAY)), BOOK)
    by_key = {change.keys: change for change in found}
    assert by_key["not_confirmed",].by is Side.NOBODY
    assert by_key["claimed_in_window",].by is Side.NOBODY


def test_what_gives_everything_needs_no_change() -> None:
    assert what_would_change(sealed(), BOOK) == ()


def test_a_pair_is_shown_only_when_no_single_change_helps() -> None:
    for facts in DECIDES.values():
        found = what_would_change(facts, BOOK)
        singles = [c for c in found if len(c.keys) == 1 and c.better]
        pairs = [c for c in found if len(c.keys) == 2]
        assert not (singles and pairs)


def test_pairs_are_found() -> None:
    facts = replace(sealed(after=20 * DAY), promises=Promises())
    facts = asked(facts, passed=DAY)
    assert all(len(one) <= 2 for one in keys(facts))


def test_with_changes_changes_nothing_else() -> None:
    decision = decide(revealed(), BOOK)
    full = with_changes(decision, revealed(), BOOK)
    assert replace(full, what_would_change=()) == decision


def test_a_change_says_when() -> None:
    by_key = {change.keys: change for change in what_would_change(asked(revealed()), BOOK)}
    assert by_key["seller_silent",].at == T0 + HOUR + DAY + timedelta(seconds=1)
    late = {change.keys: change for change in what_would_change(sealed(after=10 * DAY), BOOK)}
    assert late["claimed_in_window",].at == T0 + DAY
    assert "11月23日 12:00" in explain.change_text(late["claimed_in_window",], "zh")


def test_what_somebody_says_is_tried_as_shown() -> None:
    facts = DECIDES["capacity.minor"]
    said = alleged(True, Source.BUYER)
    facts = replace(facts, parties=replace(facts.parties, minor_acted=said, buyer_age=established(7, Source.STAFF)))
    by_key = {change.keys: change for change in what_would_change(facts, BOOK)}
    shown = by_key["shown:parties.minor_acted=True",]
    assert (shown.outcome, shown.amount_fen, shown.by) == (Outcome.FULL, 9_800, Side.PLATFORM)
    assert "{" not in explain.change_text(shown, "zh") + explain.change_text(shown, "en")


def test_keys_are_unique() -> None:
    assert len({move.key for move in MOVES}) == len(MOVES)


@settings(max_examples=80, deadline=None)
@given(worlds)
def test_never_more_than_fits_and_never_the_same(facts: RefundFacts) -> None:
    decision = decide(facts, BOOK)
    found = what_would_change(facts, BOOK)
    assert len(found) <= MAX_BETTER + MAX_WORSE
    for change in found:
        if change.better:
            assert change.amount_max_fen >= decision.amount_fen
