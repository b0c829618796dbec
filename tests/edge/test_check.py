"""The self-check: a question at a time, then the answer of the rules, here and elsewhere; nothing is kept."""

import html
import re

import pytest

from liuhen.edge.limits import PREVIEWS
from tests.edge.doors import Doors

INVALID = "kind=card_key&where=elsewhere&topic=broken&detail=invalid&official=page&proof=recording&seller=silent"
ANSWERS = [
    (
        "kind=card_key&where=here&topic=unwanted&stage=unseen&when=instant&seller=not_asked&paid=&paid.paid=98",
        ("全额退 ¥98.00", "密封完好", "打开那一单"),
    ),
    (
        f"{INVALID}&paid=&paid.paid=98",
        (
            "卖家拿不出相反的记录，就应全额退 ¥98.00",
            "市场监管部门（12315）",
            "第24条",
            "只在留痕算数",
            "退还实付的 ¥98.00",
        ),
    ),
    (
        "kind=card_key&where=elsewhere&topic=broken&detail=invalid&official=unknown&proof=recording"
        "&seller=not_asked&paid=",
        ("要看能不能证明", "以 100 元为例", "官方怎么说？"),
    ),
    (
        "kind=membership&where=elsewhere&topic=stopped&detail=stopped&ender=seller_shown"
        "&share=&share.total=365&share.had=73&seller=refused&paid=&paid.paid=100",
        ("退 ¥80.00", "365", "请在"),
    ),
    (
        "kind=card_key&where=elsewhere&topic=fraud&detail=fee&fee=&fee.fee=50",
        ("先停下来，不要再付钱", "110", "不要给验证码"),
    ),
    (
        "kind=direct_top_up&where=here&topic=minor&age=under8&acted=shown&guardian=no&seller=not_asked"
        "&paid=&paid.paid=3000",
        ("¥3,000.00", "由监护人出面"),
    ),
]


@pytest.mark.parametrize(("query", "words"), ANSWERS)
async def test_answers(doors: Doors, query: str, words: tuple[str, ...]) -> None:
    page = await (await doors.browser()).get(f"/check?{query}")
    assert page.status_code == 200
    text = html.unescape(page.text)
    for word in words:
        assert word in text


async def test_elsewhere_nothing_of_ours_is_promised(doors: Doors) -> None:
    browser = await doors.browser()
    for query, _ in ANSWERS:
        if "where=elsewhere" in query:
            text = (await browser.get(f"/check?{query}")).text
            for ours in (
                "平台马上退",
                "审核员",
                "平台规则 ",
                "视为同意，全额退。",
                "当场全额退",
                "24 小时内没有答复",
                "自动全额退",
            ):
                assert ours not in text, (query, ours)


async def test_one_question_at_a_time_and_back(doors: Doors) -> None:
    browser = await doors.browser()
    page = (await browser.get("/check")).text
    assert "买的是什么？" in page
    assert "什么都不保存" in page
    page = (await browser.get("/check?kind=card_key&where=elsewhere")).text
    assert "出了什么事？" in page
    assert "第 3 题，一共不超过 9 题" in page
    assert 'type="hidden" name="where" value="elsewhere"' in page
    assert "/check?kind=card_key&amp;where=elsewhere&amp;edit=where" in page


async def test_what_was_not_answered_is_asked_again(doors: Doors) -> None:
    browser = await doors.browser()
    assert "请选一项" in (await browser.get("/check?kind=card_key&of=where")).text
    share = "kind=membership&where=elsewhere&topic=stopped&detail=stopped&ender=seller_shown&share="
    assert "都要填" in (await browser.get(f"/check?{share}&share.total=365&share.had=")).text
    assert "请填数字" in (await browser.get(f"/check?{share}&share.total=x&share.had=1")).text
    assert "不能比第一个大" in (await browser.get(f"/check?{share}&share.total=3&share.had=5")).text
    skipped = (await browser.get(f"/check?{share}&share.total=x&share.had=1&skip=share")).text
    assert 'name="of" value="share"' not in skipped
    assert 'name="share" value=""' in skipped


async def test_a_changed_answer_keeps_what_still_fits(doors: Doors) -> None:
    browser = await doors.browser()
    asked = (await browser.get(f"/check?{INVALID}&edit=official")).text
    assert re.search(r'value="page"[^>]*checked', asked)
    assert 'name="seller" value="silent"' in asked
    other = (await browser.get("/check?kind=boosting_service&where=elsewhere&topic=broken&detail=invalid")).text
    assert "出了什么事？" in other  # a service has no key that could be invalid


async def test_what_is_typed_stands_in_the_statement_and_nowhere_else(doors: Doors) -> None:
    browser = await doors.browser()
    typed = "bought_on=2026-11-20&order_no=A-1%0A%0A2&shop=%3Cb%3E%E5%B0%8F%E5%BA%97&item=x"
    text = (await browser.get(f"/check?{INVALID}&paid=&paid.paid=98&{typed}")).text
    assert "订单号：A-1 2" in text
    assert "购买时间：2026-11-20" in text
    assert "&lt;b&gt;小店" in text


async def test_junk_is_a_question_not_an_error(doors: Doors) -> None:
    browser = await doors.browser()
    for query in ("kind=nonsense", "where=here&topic=%01", "x=1&" * 200, f"kind={'k' * 5000}", "edit=paid", "skip=x"):
        page = await browser.get(f"/check?{query}")
        assert page.status_code == 200, query
        assert "买的是什么？" in page.text or "paid" in query


async def test_english(doors: Doors) -> None:
    browser = await doors.browser()
    browser.client.cookies.set("lang", "en")
    for query, _ in ANSWERS:
        text = (await browser.get(f"/check?{query}")).text
        body = re.sub(r"<header.*?</header>|<footer.*?</footer>", "", text, flags=re.S)
        assert not re.search(r"[\u4e00-\u9fff]", body), query
    assert "What did you buy?" in (await browser.get("/check")).text


async def test_a_flood_is_slowed_down(doors: Doors) -> None:
    browser = await doors.browser()
    codes = [(await browser.get("/check?kind=card_key")).status_code for _ in range(PREVIEWS.burst + 1)]
    assert codes[0] == 200
    assert codes[-1] == 429
