"""What is kept of a decision is little, and all of it comes back: after new editions of the clauses, from old rows."""

import os
import zlib
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import msgspec
import pytest

from liuhen.base.errors import Unavailable
from liuhen.policy.clauses.registry import CLAUSES, NUMBERS
from liuhen.policy.combine import combine
from liuhen.policy.decide import decide, find
from liuhen.policy.decision import Mark
from liuhen.policy.expr import paths, refs
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact
from liuhen.policy.law import articles_of, standing_on
from liuhen.policy.trace import digest_of, form_digest, form_text, marked
from liuhen.refunds.kept import FORMS, ground_in, pack, unpack
from tests.policy.test_clauses import DECIDES
from tests.policy.world import BOOK

CASES = [pytest.param(facts, id=name) for name, facts in DECIDES.items()]


def test_the_form_of_these_clauses_is_frozen() -> None:
    """After a change of the clauses or of what they cite: LIUHEN_WRITE_FORM=1 pytest tests/policy/test_trace.py"""
    place = FORMS / f"{form_digest()}.json"
    if os.environ.get("LIUHEN_WRITE_FORM"):
        place.write_bytes(form_text())
    assert place.is_file(), "the clauses have changed: freeze their form beside the older ones"


def test_no_frozen_form_was_changed() -> None:
    for place in FORMS.glob("*.json"):
        assert digest_of(place.read_bytes()) == place.stem


@pytest.mark.parametrize("facts", CASES)
def test_the_trace_says_every_clause_with_the_facts_it_looked_at(facts: RefundFacts) -> None:
    decision = decide(facts, BOOK)
    rests_on = next(refs(clause.when) for clause in CLAUSES if clause.id == decision.ground)
    day = (facts.order.placed_at or facts.order.paid_at or facts.claim.requested_at).date()
    for clause, told in zip(CLAUSES, decision.clauses, strict=True):
        assert (told.id, told.number, told.layer) == (clause.id, NUMBERS[clause.id], clause.layer.value)
        assert told.burden is clause.burden and told.cites == standing_on(articles_of(clause.cites), day)
        assert told.decisive == (clause.id == decision.ground or clause.id in rests_on)
        looked_at = [(path, said(facts, path)) for path in paths(clause.when)]
        assert [(one.path, one.value) for one in told.facts] == looked_at
        assert told.params == {name: BOOK.value(name) for name in told.params}


def said(facts: RefundFacts, path: str) -> Any:
    value = attrgetter(path)(facts)
    value = value.value if isinstance(value, Fact) else value
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("facts", CASES)
def test_what_a_case_keeps_is_the_whole_decision(facts: RefundFacts) -> None:
    finding, trace = find(facts, BOOK)
    packed = pack([(finding, trace)])
    kept = unpack(packed)
    assert msgspec.json.encode(kept.first) == msgspec.json.encode(decide(facts, BOOK))
    assert ground_in(packed) == finding.ground
    assert len(packed) < 2_000, "a row that fits its page"


@pytest.mark.parametrize("facts", CASES)
def test_the_record_names_what_was_met_and_what_is_not_known(facts: RefundFacts) -> None:
    finding, trace = find(facts, BOOK)
    told, whole = marked(trace, finding.ground), decide(facts, BOOK).clauses
    assert told.met == [one.id for one in whole if one.mark is Mark.MET]
    assert told.unknown == [one.id for one in whole if one.mark is Mark.UNKNOWN]
    assert told.decisive == [one.id for one in whole if one.decisive]
    assert told.form == form_digest()


def test_units_are_joined_clause_by_clause() -> None:
    both = [find(facts, BOOK) for facts in list(DECIDES.values())[:2]]
    kept = unpack(pack([*both, both[0]]))
    first, second = (decide(facts, BOOK) for facts in list(DECIDES.values())[:2])
    joined = combine([first, second, first])
    assert kept.joined.units == () and kept.joined.groups == joined.groups and kept.joined.bill == joined.bill
    assert kept.joined.clauses == joined.clauses


@pytest.mark.parametrize("old", [lambda text: text, lambda text: zlib.compress(text, 1)], ids=["plain", "packed"])
def test_rows_from_before_hold_the_trace_written_out(old: Any) -> None:
    decision = decide(next(iter(DECIDES.values())), BOOK)
    row = old(msgspec.json.encode({"first": decision, "joined": None}))
    assert msgspec.json.encode(unpack(row).first) == msgspec.json.encode(decision)
    assert ground_in(row) == decision.ground


def test_a_decision_of_a_newer_program_is_there_in_a_moment() -> None:
    """Two processes are restarted one after the other: the older one cannot read what the newer one decides."""
    finding, trace = find(next(iter(DECIDES.values())), BOOK)
    newer = pack([(finding, msgspec.structs.replace(trace, form="0" * 64))])
    with pytest.raises(Unavailable):
        unpack(newer)
