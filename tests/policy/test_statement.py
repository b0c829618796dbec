"""A statement says what was said, asks for what the decision supports, and nothing else; calm in both languages."""

import random
import re
from datetime import UTC, datetime

import pytest

from liuhen.base.errors import InvalidInput
from liuhen.policy.decide import decide
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.law import NAMES
from liuhen.policy.selfcheck import told
from liuhen.policy.selfcheck.said import decision_of, said_of
from liuhen.policy.selfcheck.told import reason_text
from liuhen.policy.statement import MAX_LINE, Story, dated, one_line, statement
from liuhen.policy.words import check_zh
from liuhen.policy.words.statement import WORDS
from tests.policy.test_selfcheck import walked
from tests.policy.world import BOOK, revealed

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
DEAD_KEY = {
    "kind": "card_key", "where": "elsewhere", "topic": "broken", "detail": "invalid", "official": "page",
    "proof": "recording", "seller": "silent", "paid": "", "paid.paid": "98",
}  # fmt: skip
UNCALM = (
    "!",
    "！",
    "骗子",
    "黑店",
    "曝光",
    "否则",
    "后果自负",
    "恶意",
    "必须立即",
    "scam",
    "or else",
    "immediately",
    "shame",
)


def written(answers: dict[str, str], lang: str = "zh", **typed: str) -> str:
    said = said_of(answers)
    decision = decision_of(said, NOW, BOOK)
    return statement(told.story(said, decision, NOW, lang, typed=typed), decision, lang)


def test_the_dead_key_in_another_shop() -> None:
    text = written(DEAD_KEY, order_no="A-1", shop="小店")
    for part in (
        "致：小店", "订单号：A-1", "商品：卡密", "实付：¥98.00", "提示不存在、已失效",
        "请在 2026年11月25日前，退还实付的 ¥98.00",
        "消费者权益保护法 第24条第1款", "从头到尾的连续录屏", "2026年11月22日",
    ):  # fmt: skip
        assert part in text, part
    assert "平台规则" not in text


def test_what_is_not_known_is_a_blank_and_not_invented() -> None:
    text = written({**DEAD_KEY, "paid.paid": ""})
    assert "实付：【金额】" in text
    assert "退还我支付的全部款项" in text
    assert "¥" not in text
    assert "【订单号】" in text
    assert "【哪一天】" in text


def test_the_seal_and_our_rule_are_named_only_here() -> None:
    here = written({"kind": "card_key", "where": "here", "topic": "unwanted", "stage": "unseen", "when": "instant"})
    assert "平台规则第" in here


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_part_is_asked_for_as_a_part(lang: str) -> None:
    answers = {
        "kind": "membership", "where": "elsewhere", "topic": "stopped", "detail": "stopped", "ender": "seller_shown",
        "share": "", "share.total": "365", "share.had": "73", "paid": "", "paid.paid": "100",
    }  # fmt: skip
    text = written(answers, lang)
    assert "¥80.00" in text
    assert "365" in text


def test_what_the_law_does_not_support_is_asked_as_a_question() -> None:
    answers = {"kind": "card_key", "where": "elsewhere", "topic": "unwanted", "stage": "seen", "opened": "yes"}
    text = written(answers)
    assert "说明不予退款的事实和理由" in text
    assert "依据" not in text, "no article that speaks against the writer is held out as his ground"


def test_a_fee_before_a_refund_is_reported() -> None:
    text = written({"kind": "card_key", "where": "elsewhere", "topic": "fraud", "detail": "fee", "fee": ""})
    assert "请核实并制止" in text
    assert "退还" not in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_path_gives_a_calm_statement_of_what_was_said(lang: str) -> None:
    for seed in range(120):
        said, _ = walked(random.Random(seed))
        decision = decision_of(said, NOW, BOOK)
        text = statement(told.story(said, decision, NOW, lang, typed={}), decision, lang)
        assert not [word for word in UNCALM if word in text.lower()], text
        assert "{" not in text
        assert len(text) < 3_000
        if not told.paid_known(said):
            figures = {v for k, v in said.numbers.items() if k.split(".")[0] in ("value", "fee", "list_price")}
            assert text.count("¥") <= len(figures), text
        if lang == "en":
            assert not re.search(r"[\u4e00-\u9fff]", text)


def test_only_what_was_chosen_is_said() -> None:
    said = said_of(DEAD_KEY)
    decision = decision_of(said, NOW, BOOK)
    story = told.story(said, decision, NOW, "zh", typed={})
    allowed = {check_zh.SAYS.get(f"{key}.{value}") for key, value in said.answers.items()}
    assert set(story.happened) <= allowed
    assert len(story.happened) == 3


def test_cites_are_laws_by_their_full_names() -> None:
    full = {zh for zh, _ in NAMES.values()}
    text = written(DEAD_KEY)
    grounds = text.split("依据\n")[1].split("\n\n")[0].splitlines()
    assert grounds
    assert all(any(name in line for name in full) for line in grounds)


def test_typed_words_stay_on_their_line() -> None:
    assert one_line(" a\n【b】\tc ") == "a b c"
    assert len(one_line("x" * 500)) == MAX_LINE
    assert "二、请求" not in written(DEAD_KEY, shop="x\n二、请求").split("一、经过")[0].replace("x 二、请求", "")


def test_both_languages_have_the_same_words_and_no_third_is_spoken() -> None:
    assert WORDS["zh"].keys() == WORDS["en"].keys()
    with pytest.raises(InvalidInput):
        written(DEAD_KEY, "fr")


def test_what_was_refused_here_is_put_before_a_body_outside() -> None:
    facts = revealed(ReasonCode.CHANGE_OF_MIND)
    happened = (dated("case_paid", NOW, "zh"), reason_text(ReasonCode.CHANGE_OF_MIND, "zh"))
    story = Story(
        goods="卡密",
        happened=happened,
        enclosed=(dated("case_record", None, "zh"),),
        written_at=NOW,
        paid_fen=9_800,
        asked_fen=9_800,
    )
    text = statement(story, decide(facts, BOOK), "zh")
    assert "请核实并调解。我的请求是退还 ¥98.00。" in text
    assert "2026年11月22日，我付款购买了这件商品。" in text
    assert "可以核验" in text


def test_every_reason_can_be_said() -> None:
    for reason in ReasonCode:
        for lang in ("zh", "en"):
            assert reason_text(reason, lang)
