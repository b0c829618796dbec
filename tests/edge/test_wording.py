"""Dates, spans and amounts as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from liuhen.edge.web import wording
from liuhen.edge.web.render import environment
from liuhen.edge.web.translate import translate

NOW = datetime(2026, 11, 22, 12, 31, tzinfo=UTC)  # Sunday 20:31 in Shanghai
AT = datetime(2026, 11, 22, 12, 14, 11, tzinfo=UTC)


def test_dates_are_shanghai_time() -> None:
    assert wording.day_time(AT, NOW) == "11月22日 周日 20:14"
    assert wording.day_time(AT, NOW, "en") == "Sun 22 Nov, 20:14"
    assert wording.exact(AT, NOW) == "11-22 20:14:11"
    assert wording.exact(AT, NOW, "en") == "22 Nov 20:14:11"
    assert wording.month_day(AT, NOW) == "11月22日"


def test_another_year_is_named() -> None:
    later = datetime(2027, 1, 2, 16, 30, tzinfo=UTC)  # already 3 January in Shanghai
    assert wording.day_time(later, NOW) == "2027年1月3日 周日 00:30"
    assert wording.short(later, NOW) == "2027-01-03 00:30"
    assert wording.day(later, NOW, "en") == "Sun 3 Jan 2027"


def test_midnight_in_shanghai_divides_today_from_tomorrow() -> None:
    midnight = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    assert wording.near(midnight - timedelta(seconds=1), NOW) == "今天 23:59"
    assert wording.near(midnight, NOW) == "明天 00:00"
    assert wording.near(NOW - timedelta(days=1), NOW) == "昨天 20:31"
    assert wording.near(NOW + timedelta(days=2), NOW) == "11-24 20:31"
    assert wording.near(midnight, NOW, "en") == "tomorrow 00:00"


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (-5, "不到 1 分", "under 1 min"),
        (59, "不到 1 分", "under 1 min"),
        (60, "1 分", "1 min"),
        (3599, "59 分", "59 min"),
        (3600 + 360, "1 小时 06 分", "1 h 06 min"),
        (86400, "24 小时 00 分", "24 h 00 min"),
        (86400 + 3600, "1 天 1 小时", "1 day 1 h"),
        (2 * 86400 + 7200, "2 天 2 小时", "2 days 2 h"),
        (7 * 86400 + 5, "7 天", "7 days"),
    ],
)
def test_spans(seconds: int, zh: str, en: str) -> None:
    assert wording.span(timedelta(seconds=seconds)) == zh
    assert wording.span(timedelta(seconds=seconds), "en") == en


def test_share_of_time_left() -> None:
    start, at = NOW - timedelta(hours=12), NOW + timedelta(hours=12)
    assert wording.due(at, NOW, start) == wording.Due(left="12 小时 00 分", share=50, over=False, soon=False)
    assert wording.due(NOW + timedelta(hours=2), NOW).soon
    assert wording.due(NOW + timedelta(seconds=1), NOW).share == 1
    assert wording.due(NOW, NOW).over
    assert wording.due(NOW - timedelta(minutes=66), NOW).left == "1 小时 06 分"
    assert wording.due(NOW + timedelta(days=3), NOW, NOW + timedelta(days=1)).share == 100  # not begun yet


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "¥0.00"), (5, "¥0.05"), (9800, "¥98.00"), (99999999, "¥999,999.99"), (-120, "−¥1.20")]
)
def test_money(fen: int, text: str) -> None:
    assert wording.money_text(fen) == text


def test_counts() -> None:
    assert wording.percent(80) == "0.8%"
    assert wording.percent(210) == "2.1%"
    assert wording.percent(5) == "0.05%"
    assert wording.percent(10000) == "100.0%"
    assert wording.size(1_240_000) == "1.2 MB"
    assert wording.size(340_500) == "340 KB"
    assert wording.size(12) == "12 B"
    assert wording.iso(AT) == "2026-11-22T12:14:11Z"


@pytest.mark.parametrize(
    ("msgid", "one", "two"),
    [
        ("交付 %(n)s 件", "Deliver 1 piece", "Deliver 2 pieces"),
        ("等你发货 %(n)s 件", "1 piece waits for your delivery", "2 pieces wait for your delivery"),
        ("%(n)s 条消息没读", "1 unread message", "2 unread messages"),
        ("已完整显示 %(n)s 次", "Shown in full 1 time", "Shown in full 2 times"),
    ],
)
def test_one_thing_is_one_in_english(msgid: str, one: str, two: str) -> None:
    for n, wanted in ((1, one), (2, two)):
        assert translate("en", msgid, n=n) == wanted
        assert environment("en").from_string("{{ _(msgid, n=n|num) }}").render(msgid=msgid, n=n) == wanted


def test_values_of_a_sentence_are_escaped() -> None:
    text = environment("en").from_string('{{ _("规则 %(no)s", no="<b>") }}{{ _("100%%") }}').render()
    assert "&lt;b&gt;" in text and text.endswith("100%")
