"""The rules as pages: every clause and value is there and nothing else, every version is kept, changes have reasons."""

import re
from dataclasses import replace as with_fields
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from liuhen.edge.web.public import rule_words
from liuhen.edge.web.rule_stages import STAGES
from liuhen.edge.web.translate import translate
from liuhen.parties.model import Role
from liuhen.policy.clauses.clause import Amount
from liuhen.policy.clauses.registry import CLAUSES, NUMBERS, PRECEDENCE
from liuhen.policy.decision import Decider
from liuhen.policy.rulebook import REQUIRED, Rulebook, Words
from liuhen.policy.rulebook_line import Stage, check_line
from tests.edge.doors import Doors
from tests.edge.house import House
from tests.flows.world import World

DAY = timedelta(days=1)


@pytest.fixture
def house(doors: Doors, world: World) -> House:
    return House(doors, world)


class Printed(HTMLParser):
    """The ids of a page, and the text of each article that is a clause."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.articles: dict[str, str] = {}
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        id = dict(attrs).get("id")
        if id is not None:
            self.ids.append(id)
            if tag == "article" and id.startswith("clause-"):
                self._open = id.removeprefix("clause-")
                self.articles[self._open] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.articles[self._open] += data


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_clause_that_can_decide_is_on_the_page_and_the_reverse(house: House, lang: str) -> None:
    async with house.browser() as nobody:
        nobody.browser.client.cookies.set("lang", lang)
        printed = Printed(await nobody.get("/rules"))
        text = await nobody.get("/rules/2026-11-1/text")
    assert set(PRECEDENCE) <= printed.articles.keys()
    assert printed.articles.keys() == {clause.id for clause in CLAUSES}
    assert len(printed.ids) == len(set(printed.ids))
    decided = translate(lang, rule_words.TERMS["decider"])
    for clause in CLAUSES:
        said = printed.articles[clause.id]
        assert (decided in said) == (clause.id in PRECEDENCE), clause.id
        assert NUMBERS[clause.id] in said
        assert f"c-{NUMBERS[clause.id].replace('.', '-')}" in printed.ids
        assert f"\n{NUMBERS[clause.id]} " in text
    book = house.doors.app.rulebook(house.world.now)
    for name, param in book.params.items():
        assert f"value-{name}" in printed.ids and {"zh": param.source, "en": param.source_en}[lang] in text
    assert not re.search(r"\{|%\(|\bNone\b(?! of)", text)


def test_there_are_words_for_all_that_a_clause_can_say() -> None:
    assert REQUIRED.keys() <= rule_words.VALUES.keys()
    assert {name for name, limit in REQUIRED.items() if limit.unit == "switch"} <= rule_words.SWITCHES.keys()
    assert {amount.value for amount in Amount} == rule_words.AMOUNTS.keys()
    effects = [clause.effect for clause in CLAUSES if clause.effect is not None]
    assert {(one.outcome.value, one.step.kind.value) for one in effects} <= rule_words.RESULTS.keys()
    assert {one.step.on_expiry for one in effects} - {""} <= rule_words.EXPIRIES.keys()
    assert set(Decider) == rule_words.DECIDERS.keys()
    assert set(Stage) == STAGES.keys()


async def test_versions(house: House) -> None:
    async with house.browser() as nobody:
        assert "现行 2026-11-1" in await nobody.get("/rules/2026-11-1")
        for path in ("/rules/2020-1", "/rules/2020-1/text", "/rules/2026-11-1/diff/2020-1", "/rules/2020-1/diff/x"):
            await nobody.get(path, status=404)


async def test_a_version_to_come_is_announced_everywhere_until_it_is_in_force(house: House) -> None:
    said = "新版规则 2027-01-1 已公示"
    async with house.browser(await house.world.seller()) as seller:
        assert said in await seller.get("/seller")
    async with house.browser() as nobody:
        for path in ("/", "/rules", "/help", "/sign-in"):
            assert said in await nobody.get(path), path
        front = await nobody.get("/")
        assert front.index(said) < front.index("在售商品")  # a place that is seen, not the footer alone
        page = await nobody.get("/rules/2027-01-1")
        assert "这一版还没有生效，现在仍按 2026-11-1" in page and "48 小时内" in page
        house.world.now = datetime(2027, 1, 2, tzinfo=UTC)
        for path in ("/", "/rules"):
            assert said not in await nobody.get(path)
        assert "现行 2027-01-1" in await nobody.get("/rules")
        old = await nobody.get("/rules/2026-11-1")
        assert "这是旧版" in old and "24 小时内" in old


async def test_what_changes_is_told_with_reasons(house: House) -> None:
    async with house.browser() as nobody:
        page = await nobody.get("/rules/2026-11-1/diff/2027-01-1")
        assert "改了 3 个数值" in page and "对买家更宽" in page and "怎么过渡" in page
        for old, new in (("24 小时", "48 小时"), ("3 个工作日", "2 个工作日"), ("7 天", "8 天")):
            assert re.search(f"<del[^>]*>{old}</del>.*<ins[^>]*>{new}</ins>", page)
        assert "密封没拆的卡密可以重新上架" in page
        assert '/rules/2027-01-1#clause-promise.instant"' in page
        assert "退回旧版会怎样" in await nobody.get("/rules/2027-01-1/diff/2026-11-1")
        assert "两版的数值相同" in await nobody.get("/rules/2026-11-1/diff/2026-11-1")


async def test_the_rules_can_be_searched(house: House) -> None:
    async with house.browser() as nobody:
        printed = Printed(await nobody.get("/rules?q=密封 即时"))
        assert "promise.instant" in printed.articles and len(printed.articles) < len(CLAUSES)
        assert "没有找到" in await nobody.get("/rules?q=%01zz%3Cscript%3E")
        assert "<script>zz" not in await nobody.get("/rules?q=%3Cscript%3Ezz")
        await nobody.get("/rules?q=" + "密" * 201, status=422)
        assert len(Printed(await nobody.get("/rules?q=%20")).articles) == len(CLAUSES)


def _draft(book: Rulebook, now: datetime) -> Rulebook:
    return replace(
        book,
        version="2027-02-1",
        draft=True,
        weighty=False,
        transition=None,
        changes={"review_days": Words(zh="再快一天。", en="A day sooner.")},
        heard=Words(zh="有人说 2 天还是太慢。", en="Some found 2 days too slow."),
        params=book.params | {"review_days": replace(book.params["review_days"], value=1)},
        comment_from=now - DAY,
        comment_until=now + 7 * DAY,
        published_at=now + 10 * DAY,
        effective_from=datetime(2027, 2, 1, tzinfo=UTC),
    )


async def test_a_draft_can_be_read_and_commented_and_is_hidden_before(house: House) -> None:
    app, now = house.doors.app, house.world.now
    line = check_line([*app.rulebooks, _draft(app.rulebooks[-1], now)])
    house.doors.site.state["house"] = with_fields(
        app, rulebooks=line, settings=replace(app.settings, complaint_email="rules@example.com")
    )
    async with house.browser() as nobody:
        assert "新版规则 2027-02-1 正在征求意见" in await nobody.get("/")
        page = await nobody.get("/rules/2027-02-1")
        assert "mailto:rules@example.com" in page and "征求意见中" in page and "计划" in page
        assert "有人说 2 天还是太慢。" in page
        told = await nobody.get("/rules/2027-01-1/diff/2027-02-1")
        assert "再快一天。" in told and "有人说 2 天还是太慢。" in told
        house.world.now = now + 8 * DAY
        assert "意见整理中" in await nobody.get("/rules/2027-02-1")
        house.world.now = datetime(2027, 3, 1, tzinfo=UTC)
        assert "现行 2027-01-1" in await nobody.get("/rules")
        house.world.now = now - 2 * DAY
        await nobody.get("/rules/2027-02-1", status=404)
        assert "2027-02-1" not in await nobody.get("/")


async def test_words_on_a_version_to_come(house: House) -> None:
    world, path = house.world, "/rules/2027-01-1"
    buyer, admin = await world.party("林"), await world.party("安", Role.ADMIN)
    async with house.browser() as nobody:
        page = await nobody.get(path)
        assert "登录后在这里写" in page and "<textarea" not in page
    async with house.browser(buyer) as reader:
        assert "<textarea" not in await reader.get("/rules")
        refused = await reader.post(f"{path}/comments", {"text": " "}, 422)
        assert "意见" in refused.text
        await reader.post(f"{path}/comments", {"text": "第 6.1 条\n<b>再长些</b>", "once": "form-0001"})
        page = await reader.get(path)
        assert "&lt;b&gt;再长些&lt;/b&gt;" in page and "意见已记下" in page
        await reader.post("/rules/2026-11-1/comments", {"text": "太晚了", "once": "form-0002"}, 409)
        await reader.post("/rules/2020-1/comments", {"text": "没有这版", "once": "form-0003"}, 404)
    async with house.browser(admin) as staff:
        page = await staff.get("/admin/rules?version=2027-01-1")
        assert "再长些" in page and "林" in page and "公示中" in page
        assert "还没有意见" in await staff.get("/admin/rules?version=2026-11-1")


async def test_help_pages(house: House) -> None:
    async with house.browser() as nobody:
        assert "12315" in await nobody.get("/complaint")
        assert "个人信息保护法" in await nobody.get("/privacy")
        assert "24 小时内任何理由" in await nobody.get("/help")
