"""The rulebook as a page: every clause has its anchor, every value its source, and the help pages are there."""

import pytest

from liuhen.policy.clauses.registry import CLAUSES, NUMBERS
from tests.edge.doors import Doors
from tests.edge.house import House
from tests.flows.world import World


@pytest.fixture
def house(doors: Doors, world: World) -> House:
    return House(doors, world)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_clause_and_value_is_on_the_page(house: House, lang: str) -> None:
    async with house.browser() as nobody:
        nobody.browser.client.cookies.set("lang", lang)
        page = await nobody.get("/rules")
        text = await nobody.get("/rules/2026-11-1/text")
    for clause in CLAUSES:
        anchor = NUMBERS[clause.id].replace(".", "-")
        assert f'id="c-{anchor}"' in page
        assert f"\n{NUMBERS[clause.id]} " in text
    book = house.doors.app.rulebook(house.world.now)
    for param in book.params.values():
        assert param.source in text
    assert "{" not in text and "None" not in text


async def test_versions(house: House) -> None:
    async with house.browser() as nobody:
        assert "现行版本 2026-11-1" in await nobody.get("/rules/2026-11-1")
        await nobody.get("/rules/2020-1", status=404)
        await nobody.get("/rules/2020-1/text", status=404)


async def test_help_pages(house: House) -> None:
    async with house.browser() as nobody:
        assert "12315" in await nobody.get("/complaint")
        assert "个人信息保护法" in await nobody.get("/privacy")
        assert "24 小时内任何理由" in await nobody.get("/help")
