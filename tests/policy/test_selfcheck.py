"""The self-check's questions: every path ends within nine, nothing is asked for nothing, everything can be reached."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuhen.base.errors import InvalidInput
from liuhen.policy.clauses.follow import CLAIMS
from liuhen.policy.clauses.registry import BY_ID, PRECEDENCE
from liuhen.policy.facts.check import checked
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.schema import schema
from liuhen.policy.selfcheck import told, walk
from liuhen.policy.selfcheck.question import Question
from liuhen.policy.selfcheck.said import (
    EXAMPLE_FEN,
    Said,
    chosen,
    decision_of,
    facts_of,
    fault_of,
    holds,
    said_of,
    verdict_of,
    without,
)
from liuhen.policy.selfcheck.table import BY_KEY, QUESTIONS, UNKNOWN
from liuhen.policy.whatif import MOVES
from liuhen.policy.words import check_en, check_zh, elsewhere
from tests.policy.test_cites import resolve
from tests.policy.world import BOOK

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
WALKS = 250


def answer(said: Said, question: Question, dice: random.Random) -> Said:
    """One more answer, drawn by lot; numbers among those that a table of its own tries, or left open."""
    if question.numbers:
        which = dice.choice((0, 1, -1))
        numbers = {f"{question.key}.{n.key}": n.tries[which] for n in question.numbers} if which >= 0 else {}
        return Said(answers={**said.answers, question.key: ""}, numbers={**said.numbers, **numbers})
    word = dice.choice(walk.offered(question, said)).key
    return Said(answers={**said.answers, question.key: word}, numbers=said.numbers)


def walked(dice: random.Random) -> tuple[Said, list[tuple[Said, Question]]]:
    """A whole path: where it ended, and each question with what had been said before it."""
    said, steps = Said(), []
    while (question := walk.next_question(said, BOOK)) is not None:
        steps.append((said, question))
        said = answer(said, question, dice)
        assert len(steps) <= walk.MOST
    return said, steps


PATHS = [walked(random.Random(seed)) for seed in range(WALKS)]


def finished(said: Said, dice: random.Random) -> Said:
    """The rest of a path by lot, without asking what matters: any question that fits."""
    for question in QUESTIONS:
        if question.key not in said.answers and holds(question.when, said.answers) and dice.random() < 0.7:
            said = answer(said, question, dice)
    return said


def test_every_path_ends_after_four_to_nine_questions() -> None:
    lengths = {len(said.answers) for said, _ in PATHS}
    assert min(lengths) >= 4
    assert max(lengths) <= walk.MOST


def test_no_question_is_asked_whose_answer_cannot_change_the_decision() -> None:
    for seed, (_, steps) in enumerate(PATHS):
        for said, question in steps:
            dice = random.Random(seed)
            assert any(_differs(said, question, dice) for _ in range(400)), (question.key, said.answers)


def _differs(said: Said, question: Question, dice: random.Random) -> bool:
    """Two answers, and the same later ones: another decision?"""
    first, other = answer(said, question, dice), answer(said, question, dice)
    if first == other:
        return False
    later = finished(first, dice)
    given = {**later.answers, **other.answers}
    typed = {**later.numbers, **{k: v for k, v in other.numbers.items() if k.startswith(f"{question.key}.")}}
    if not all(key == question.key or holds(BY_KEY[key].when, given) for key in given):
        return walk.seen(first, BOOK) != walk.seen(other, BOOK) or _differs_apart(first, other, dice)
    if not all(holds(choice.only, given) for choice in chosen(Said(answers=given))):
        return _differs_apart(first, other, dice)
    return walk.seen(later, BOOK) != walk.seen(Said(answers=given, numbers=typed), BOOK)


def _differs_apart(first: Said, other: Said, dice: random.Random) -> bool:
    """The answers lead to other questions: then each goes its own way."""
    return walk.seen(finished(first, dice), BOOK) != walk.seen(finished(other, dice), BOOK)


def test_nothing_that_is_left_unasked_could_still_change_it() -> None:
    for said, _ in PATHS:
        if len(said.answers) >= walk.MOST:
            continue
        for question in QUESTIONS:
            if question.key in said.answers or not walk.can_ask(question, said):
                continue
            settled = {n.path for key in said.answers for n in BY_KEY[key].numbers}
            if {n.path for n in question.numbers} & (settled | {p for one in chosen(said) for p in one.sets}):
                continue
            found = {walk.seen(answer(said, question, random.Random(seed)), BOOK) for seed in range(8)}
            assert len(found) == 1, (question.key, said.answers)


def test_all_kinds_and_all_reasons_can_be_reached() -> None:
    kinds, reasons = set(), set()
    for kind in GoodsKind:
        said = said_of({"kind": kind.value, "where": "elsewhere"})
        for topic in walk.offered(BY_KEY["topic"], said):
            there = said_of({**said.answers, "topic": topic.key})
            details = walk.offered(BY_KEY["detail"], there) if walk.can_ask(BY_KEY["detail"], there) else ()
            assert details or topic.key in ("minor", "unwanted", "mistaken"), (kind, topic.key)
            for answers in [there.answers] if not details else [{**there.answers, "detail": d.key} for d in details]:
                facts = facts_of(said_of(answers), NOW, BOOK)
                kinds.add(facts.goods.kind)
                reasons.add(facts.claim.reason)
    assert kinds == set(GoodsKind)
    assert reasons == set(ReasonCode)


def test_no_question_has_a_single_choice() -> None:
    for said, steps in PATHS:
        for before, question in steps:
            assert question.numbers or len(walk.offered(question, before)) > 1, (question.key, said.answers)


def test_the_facts_can_be_true_together() -> None:
    for said, _ in PATHS:
        checked(facts_of(said, NOW, BOOK))


def test_every_choice_and_number_sets_facts_that_exist() -> None:
    for question in QUESTIONS:
        for choice in question.choices:
            assert choice.sets.keys() <= schema().keys(), (question.key, choice.key)
        for number in question.numbers:
            assert number.path in schema()
            assert number.least <= min(number.tries) <= max(number.tries) <= number.most
        for key, choices in (*question.when, *(one for choice in question.choices for one in choice.only)):
            known = {choice.key for choice in BY_KEY[key].choices} | {"*"}
            assert set(choices) <= known, (question.key, key)
            assert QUESTIONS.index(BY_KEY[key]) < QUESTIONS.index(question), "what it hangs on is asked before"


def test_elsewhere_the_house_promises_nothing() -> None:
    for said, _ in PATHS:
        moved = Said(answers={**said.answers, "where": "elsewhere"}, numbers=said.numbers)
        moved = said_of({**moved.answers})
        facts = facts_of(moved, NOW, BOOK)
        verdict = verdict_of(facts, BOOK, without(moved))
        assert verdict.ground.id not in {"promise.instant", "promise.advance", "seller.deemed_approved"}
        assert not facts.goods.sealed_delivery
        assert not facts.claim.seller.silence_agreed


def test_elsewhere_a_key_nobody_saw_goes_back_by_law_and_not_by_our_promise() -> None:
    answers = {"kind": "card_key", "topic": "unwanted", "stage": "unseen"}
    here = said_of({**answers, "where": "here", "when": "instant"})
    there = said_of({**answers, "where": "elsewhere", "when": "days", "confirmed": "none"})
    assert decision_of(here, NOW, BOOK).ground == "promise.instant"
    assert decision_of(there, NOW, BOOK).ground == "no_reason.seven_days"
    ticked = said_of({**there.answers, "confirmed": "ticked"})
    assert decision_of(ticked, NOW, BOOK).outcome == "NONE"


def test_elsewhere_late_means_urged_and_the_time_over() -> None:
    answers = {
        "kind": "card_key", "where": "elsewhere", "topic": "missing", "detail": "not_received", "arrived": "nothing",
    }  # fmt: skip
    decided = {how: decision_of(said_of({**answers, "urged": how}), NOW, BOOK) for how in ("never", "waiting", "over")}
    assert decided["over"].ground == "delivery.late"
    assert decided["never"].next_step.kind == decided["waiting"].next_step.kind == "wait_delivery"


@pytest.mark.parametrize("led", ["chat", "said", "own"])
def test_who_took_money_off_a_platform_owes_it_whoever_had_the_idea(led: str) -> None:
    answers = {
        "kind": "card_key", "where": "elsewhere", "topic": "fraud", "detail": "outside", "led": led,
        "sent": "", "sent.sent": "300",
    }  # fmt: skip
    decision = decision_of(said_of(answers), NOW, BOOK)
    assert decision.outcome == "FULL"
    assert decision.liable == "seller"
    assert max(decision.outside_fen, decision.amount_fen) == 30_000


def test_amounts_follow_what_was_typed() -> None:
    answers = {
        "kind": "membership", "where": "elsewhere", "topic": "stopped", "detail": "stopped",
        "ender": "seller_shown", "share": "", "share.total": "365", "share.had": "73", "paid": "", "paid.paid": "100",
    }  # fmt: skip
    decision = decision_of(said_of(answers), NOW, BOOK)
    assert (decision.outcome, decision.amount_fen) == ("PARTIAL", 8_000)
    assert decision_of(said_of({**answers, "paid.paid": ""}), NOW, BOOK).amount_fen == EXAMPLE_FEN * 292 // 365


def test_what_nobody_knows_is_named_when_it_would_change_the_decision() -> None:
    answers = {"kind": "card_key", "where": "elsewhere", "topic": "broken", "detail": "invalid", "official": UNKNOWN}
    (one,) = walk.still_open(said_of(answers), BOOK)
    assert one.key == "official"
    assert set(one.choices) == {"written", "denied"}


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"share.total": "365", "share.had": "30"}, ""),
        ({"share.total": "", "share.had": ""}, ""),
        ({"share.total": "365"}, "missing"),
        ({"share.total": "365", "share.had": "-1"}, "number"),
        ({"share.total": "３6５", "share.had": "1"}, ""),
        ({"share.total": "三", "share.had": "1"}, "number"),
        ({"share.total": "9" * 40, "share.had": "1"}, "number"),
        ({"share.total": "3", "share.had": "4"}, "order"),
    ],
)
def test_numbers_are_taken_or_refused_with_a_reason(typed: dict[str, str], fault: str) -> None:
    assert fault_of("share", typed) == fault


@pytest.mark.parametrize("text", ["98", "98.00", "¥98", "￥98", "98元", "９８．０", " 98 "])
def test_amounts_are_read_as_people_type_them(text: str) -> None:
    assert said_of({"kind": "card_key", "paid": "", "paid.paid": text}).numbers == {"paid.paid": 9_800}


@given(st.dictionaries(st.sampled_from([*BY_KEY, "share.total", "paid.paid", "x"]), st.text(max_size=30), max_size=12))
def test_any_address_is_read_without_a_fault(given_: dict[str, str]) -> None:
    said = said_of(given_)
    assert walk.seen(said, BOOK)
    assert said_of({**said.answers}).answers == said.answers


def test_a_changed_answer_takes_along_what_hung_on_it() -> None:
    answers = {"kind": "card_key", "where": "here", "topic": "broken", "detail": "invalid", "official": "page"}
    assert said_of({**answers, "topic": "unwanted"}).answers.keys() == {"kind", "where", "topic"}
    assert said_of({**answers, "kind": "boosting_service"}).answers.keys() == {"kind", "where"}


@pytest.mark.parametrize("words", [check_zh, check_en])
def test_every_question_and_choice_has_words(words: object) -> None:
    choices = {f"{q.key}.{c.key}" for q in QUESTIONS for c in q.choices}
    numbers = {f"{q.key}.{n.key}" for q in QUESTIONS for n in q.numbers}
    assert words.QUESTIONS.keys() == BY_KEY.keys()  # type: ignore[attr-defined]
    assert words.CHOICES.keys() == choices  # type: ignore[attr-defined]
    assert words.NUMBERS.keys() == numbers  # type: ignore[attr-defined]
    assert words.SAYS.keys() <= choices | BY_KEY.keys()  # type: ignore[attr-defined]
    assert words.ENCLOSED.keys() <= choices  # type: ignore[attr-defined]
    texts = [*words.SAYS.values(), *(t for pair in words.QUESTIONS.values() for t in pair)]  # type: ignore[attr-defined]
    assert not [text for text in texts if "!" in text or "！" in text]


def test_both_languages_say_the_same_things() -> None:
    assert check_zh.SAYS.keys() == check_en.SAYS.keys()
    assert check_zh.ENCLOSED.keys() == check_en.ENCLOSED.keys()
    for table in (elsewhere.HEADLINES, elsewhere.TURNS, elsewhere.BURDENS, elsewhere.CLAIMS, elsewhere.GROUNDS):
        assert table["zh"].keys() == table["en"].keys()
    for said, _ in PATHS[:60]:
        decision = decision_of(said, NOW, BOOK)
        for lang in ("zh", "en"):
            texts = [told.headline(said, decision, lang), told.turn(said, decision, lang), told.burden(decision, lang)]
            texts += [line.question + line.text for line in told.lines(said, BOOK, lang)]
            assert not [text for text in texts if "{" in text]
            assert texts[0]
            assert texts[1]


def test_what_may_be_claimed_besides_has_words_and_articles() -> None:
    assert told.CLAIM_CITES.keys() == {name for name, *_ in CLAIMS} == elsewhere.CLAIMS["zh"].keys()
    for cites in (*told.CLAIM_CITES.values(), *elsewhere.GROUND_CITES.values()):
        for cite in cites:
            assert cite.paragraph <= len(resolve(cite)["items"])
    lied = said_of({"kind": "card_key", "where": "elsewhere", "topic": "fraud", "detail": "lied", "purpose": "own"})
    assert "三倍" in told.claims(decision_of(lied, NOW, BOOK), "zh")[0][0]
    resale = said_of({**lied.answers, "purpose": "resale"})
    assert told.claims(decision_of(resale, NOW, BOOK), "zh") == ()


def test_what_is_left_out_elsewhere_are_clauses_and_moves_that_exist() -> None:
    left_out = {name for where in ("partner", "elsewhere") for name in without(said_of({"where": where}))}
    assert "promise.instant" in left_out
    assert left_out <= set(PRECEDENCE)
    assert set(told.HOUSE_ONLY) | set(elsewhere.GROUNDS["zh"]) <= set(BY_ID)
    assert set(told.OUR_MOVES) <= {move.key for move in MOVES}


def test_no_time_is_told_that_nobody_said() -> None:
    for said, _ in PATHS[:100]:
        decision = decision_of(said, NOW, BOOK)
        for lang in ("zh", "en"):
            texts = [told.ground_result(said, result, lang)[0] for result in decision.clauses]
            for text in [*texts, told.turn(said, decision, lang), told.headline(said, decision, lang)]:
                assert "11月" not in text, text
                assert " Nov " not in text, text


def test_another_language_is_refused() -> None:
    with pytest.raises(InvalidInput):
        told.question_text(BY_KEY["kind"], "fr")


def test_a_change_elsewhere_names_nothing_of_ours() -> None:
    answers = {"kind": "card_key", "where": "elsewhere", "topic": "broken", "detail": "invalid", "official": UNKNOWN}
    found = told.changes(said_of(answers), NOW, BOOK)
    keys = {key for change in found for key in change.keys}
    assert "issuer_confirms_fault" in keys
    assert not keys & {"reviewer_grants", "human_asked", "seller_silent", "seal_whole", "claimed_in_window"}
