"""Every clause, result, step and change has words in both languages, and every blank can be filled."""

import re
from datetime import timedelta

import pytest

from liuhen.base.errors import InvalidInput
from liuhen.policy import explain
from liuhen.policy.clauses.registry import BY_ID, CLAUSES
from liuhen.policy.decide import decide
from liuhen.policy.decision import Mark, NextStep, Outcome, StepKind
from liuhen.policy.expr import paths
from liuhen.policy.trace import values_of
from liuhen.policy.whatif import MOVES, with_changes
from liuhen.policy.words import common, en, zh
from liuhen.timing.deadlines import natural, workdays
from tests.policy.test_clauses import DECIDES
from tests.policy.world import BOOK, DAY, T0, asked, revealed, sealed

LANGS = ("zh", "en")
SLOT = re.compile(r"\{([^}]*)\}")


@pytest.mark.parametrize("module", [zh, en])
def test_each_clause_has_its_words_and_no_words_lack_a_clause(module: object) -> None:
    assert module.CLAUSES.keys() == {c.id for c in CLAUSES}  # type: ignore[attr-defined]


@pytest.mark.parametrize("module", [zh, en])
def test_every_blank_is_something_the_clause_looks_at(module: object) -> None:
    for name, words in module.CLAUSES.items():  # type: ignore[attr-defined]
        tree = BY_ID[name].when
        allowed = {*paths(tree), *values_of(BY_ID[name]), "you"}
        assert set(SLOT.findall(words[0])) <= allowed
        for text in words:
            assert set(SLOT.findall(text)) <= allowed, f"{name}: {text}"


def test_titles_need_rulebook_values_only_for_the_rules_page() -> None:
    for clause in CLAUSES:
        for lang in LANGS:
            text = explain.title(clause.id, lang, BOOK.values)
            assert "{" not in text
            assert text


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("reader", ["buyer", "other"])
def test_all_sentences_of_all_ways_render(lang: str, reader: str) -> None:
    for facts in DECIDES.values():
        decision = with_changes(decide(facts, BOOK), facts, BOOK)
        texts = [explain.sentence(c.id, c, lang, reader) for c in decision.clauses]
        texts += [explain.change_text(change, lang, reader) for change in decision.what_would_change]
        texts += [explain.headline(decision, lang), explain.step_text(decision.next_step, lang)]
        texts += [explain.bill_label(line.key, lang) for line in decision.bill]
        texts.append(explain.ground_sentence(decision, lang, reader))
        for text in texts:
            assert text
            assert "{" not in text
        if reader == "other" and lang == "zh":
            assert not [text for text in texts if "你" in text]


def test_a_decision_reads_calmly() -> None:
    for table in (zh.CLAUSES, en.CLAUSES):
        for words in table.values():
            assert not [text for text in words if "!" in text or "！" in text]


def test_words_for_every_table() -> None:
    for lang in LANGS:
        assert common.STEPS[lang].keys() == {kind.value for kind in StepKind}
        assert common.HEADLINES[lang].keys() >= {outcome.value for outcome in Outcome}
        assert common.CHANGES[lang].keys() == {move.key for move in MOVES}
    assert common.SITUATIONS["zh"].keys() == common.SITUATIONS["en"].keys()
    assert common.BILL["zh"].keys() == common.BILL["en"].keys()
    assert common.EXPIRIES["zh"].keys() == common.EXPIRIES["en"].keys()


def test_every_deadline_says_what_happens_when_it_passes() -> None:
    for facts in DECIDES.values():
        step = decide(facts, BOOK).next_step
        if step.deadline is not None:
            assert step.on_expiry in common.EXPIRIES["zh"]


def test_sentences_carry_the_figures() -> None:
    decision = decide(sealed(), BOOK)
    words = {c.id: explain.sentence(c.id, c, "zh") for c in decision.clauses}
    assert words["promise.instant"] == "密封完好，而且在送达后 24 小时之内，当场全额退。"
    assert words["delivery.done"] == "申请之前已经送达：11月22日 12:00。"
    assert explain.headline(decision, "zh") == "全额退 ¥98.00"


def test_what_is_not_known_is_said_to_be_not_known() -> None:
    result = next(c for c in decide(revealed(), BOOK).clauses if c.id == "redemption.used")
    assert result.mark is Mark.UNKNOWN
    assert explain.sentence(result.id, result, "zh") == "还不能确定：有记录确认已经使用或部分使用。"


def test_steps_name_the_deadline() -> None:
    step = decide(asked(revealed()), BOOK).next_step
    assert explain.step_text(step, "zh") == "轮到卖家答复，限 24 小时。到时没有答复，按约定视为同意。"
    due = T0 + DAY
    assert "11月23日 12:00" in explain.step_text(step, "zh", due)
    assert explain.step_text(step, "en", due).startswith("It is the seller's turn to answer, at the latest 23 Nov")
    review = NextStep(kind=StepKind.HUMAN_REVIEW, deadline=workdays(3), on_expiry="escalate_to_admin")
    assert "3 个工作日" in explain.step_text(review, "zh")
    waiting = NextStep(kind=StepKind.WAIT_DELIVERY, deadline=natural(0), starts_at=T0, on_expiry="refund_by_machine")
    assert "11月22日 12:00" in explain.step_text(waiting, "zh")


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (86_400, "24 小时", "24 hours"),
        (172_800, "48 小时", "48 hours"),
        (259_200, "3 天", "3 days"),
        (604_800, "7 天", "7 days"),
        (3_600, "1 小时", "1 hour"),
        (600, "10 分钟", "10 minutes"),
        (61, "61 秒", "61 seconds"),
        (0, "0 秒", "0 second"),
    ],
)
def test_durations(seconds: int, chinese: str, english: str) -> None:
    assert explain.duration(seconds, "zh") == chinese
    assert explain.duration(seconds, "en") == english


def test_unknown_clause_or_language_is_refused() -> None:
    result = decide(sealed(), BOOK).clauses[0]
    with pytest.raises(InvalidInput):
        explain.sentence("no.such", result, "zh")
    with pytest.raises(InvalidInput):
        explain.sentence(result.id, result, "fr")
    with pytest.raises(InvalidInput):
        explain.duration(-1, "zh")
    assert timedelta(0) == DAY - DAY
