"""Key files over the seller's pages: preview, yes, progress, result; masks everywhere; taking keys off the shelf."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from liuhen.base.db import Database
from liuhen.flows.trade.import_stock import import_stock
from tests.edge.doors import KEYS, Browser, Doors
from tests.edge.shop_story import Shop

SAMPLES = Path(__file__).parents[1] / "rooms" / "samples" / "keys"


@pytest.fixture
async def shop(db: Database, now: datetime) -> Shop:
    made = Shop(db, now, keys=KEYS)
    await made.people()
    made.products["card"] = await made.listing(made.seller_id)
    return made


@pytest.fixture
async def mine(shop: Shop, doors: Doors) -> Browser:
    return await doors.browser(shop.seller_id)


async def _upload(mine: Browser, product: UUID, name: str, data: bytes | None = None) -> tuple[int, str]:
    """(status, where it leads or the page)."""
    content = data if data is not None else (SAMPLES / name).read_bytes()
    path = f"/seller/products/{product}/stock"
    answer = await mine.post(path, {"shape": ""}, files={"file": (name, content, "text/plain")})
    return answer.status_code, answer.headers.get("location", answer.text)


def _seal(page: str) -> str:
    return page.split('name="seal" value="')[1].split('"', maxsplit=1)[0]


async def test_from_the_file_to_the_shelf(shop: Shop, mine: Browser, doors: Doors) -> None:
    product = shop.products["card"]
    status, path = await _upload(mine, product, "steam_100.txt")
    assert status == 303
    preview = (await mine.get(path)).text
    assert "预览：可以入库 200 张" in preview and "和第 4 行一样" in preview and "空行：第 31、92 行" in preview
    first = (SAMPLES / "steam_100.txt").read_text().splitlines()[0].strip()
    assert first not in preview, "masks only"
    assert await shop.key_states(product) == {}, "nothing is stored before the yes"
    assert (await mine.post(f"{path}/confirm", {"seal": "00"})).status_code == 422
    assert (await mine.post(f"{path}/confirm", {"seal": _seal(preview)})).headers["location"] == path
    running = (await mine.get(path)).text
    assert "正在导入" in running and "hx-trigger" in running and 'http-equiv="refresh"' in running
    await import_stock(shop.db, shop.seller_id, UUID(path.rsplit("/", 1)[1]), keys=KEYS, now=shop.now)
    assert "200 张已加密入库" in (await mine.get(path)).text
    shelf = (await mine.get(f"/seller/products/{product}/stock")).text
    assert "在库 200 件" in shelf and first not in shelf
    following = re.search(r'href="([^"]*after=[^"]*)"', shelf)
    assert following and "steam_100.txt" in (await mine.get(following[1].replace("&amp;", "&"))).text
    status, again = await _upload(mine, product, "steam_100.txt")
    assert "这个文件里没有新的卡密" in (await mine.get(again)).text


async def test_half_an_hour_without_a_yes(shop: Shop, mine: Browser, doors: Doors) -> None:
    _, path = await _upload(mine, shop.products["card"], "steam_100.txt")
    seal = _seal((await mine.get(path)).text)
    doors.clock.at += timedelta(minutes=31)
    late = (await mine.get(path)).text
    assert "没有确认，文件已删除" in late and 'name="seal"' not in late
    assert (await mine.post(f"{path}/confirm", {"seal": seal})).status_code == 409


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.txt", None, "这个文件是空的"),
        ("not_a_key_list.txt", None, "没法读出卡密"),
        ("book.xlsx", b"PK\x03\x04" + bytes(100), "另存为 CSV"),
        ("big.txt", b"K" * (20 * 1024 * 1024 + 10), "文件超过 20 MB"),
    ],
)
async def test_files_that_are_none(shop: Shop, mine: Browser, name: str, data: bytes | None, words: str) -> None:
    status, page = await _upload(mine, shop.products["card"], name, data)
    assert status in (413, 422) and words in page and "没有存任何卡密" in page


async def test_no_file_and_goods_without_keys(shop: Shop, mine: Browser) -> None:
    answer = await mine.post(f"/seller/products/{shop.products['card']}/stock", {"shape": ""})
    assert answer.status_code == 422 and "请填写" in answer.text
    by_hand = await shop.listing(shop.seller_id, kind="direct_top_up", title="话费")  # type: ignore[arg-type]
    assert "由你手工交付" in (await mine.get(f"/seller/products/{by_hand}/stock")).text
    status, _ = await _upload(mine, by_hand, "steam_100.txt")
    assert status == 422


async def test_unsold_keys_come_off_the_shelf_after_a_second_look(shop: Shop, mine: Browser) -> None:
    product = shop.products["card"]
    await shop.shelve(shop.seller_id, product, 6)
    await shop.buy("one", "card", 2)
    page = (await mine.get(f"/seller/products/{product}/stock")).text
    picked = re.findall(r'name="key_id" value="([0-9a-f-]+)"', page)
    assert len(picked) == 4, "what is sold can't be picked"
    void = f"/seller/products/{product}/stock/void"
    asked = await mine.post(void, {"what": "picked", "key_id": picked[:1]})
    assert asked.status_code == 200 and "作废这 1 张卡密吗" in asked.text
    assert (await shop.key_states(product))["AVAILABLE"] == 4, "asking changes nothing"
    assert (await mine.post(f"{void}/confirm", {"what": "picked", "key_id": picked[:1]})).status_code == 303
    assert (await mine.post(f"{void}/confirm", {"what": "picked"})).status_code == 422
    assert (await shop.key_states(product)) == {"AVAILABLE": 3, "SEALED": 2, "VOID": 1}
    assert (await mine.post(f"{void}/confirm", {"what": "all"})).status_code == 303
    assert (await shop.key_states(product)) == {"SEALED": 2, "VOID": 4}


async def test_another_seller_finds_no_upload_and_no_key(shop: Shop, mine: Browser, doors: Doors) -> None:
    product = shop.products["card"]
    _, path = await _upload(mine, product, "steam_100.txt")
    other = await doors.browser(shop.other_id)
    seal = _seal((await mine.get(path)).text)
    assert (await other.get(path)).status_code == 404
    assert (await other.post(f"{path}/confirm", {"seal": seal})).status_code == 404
    status, _ = await _upload(other, product, "steam_100.txt")
    assert status == 404
    for tail in ("void", "void/confirm"):
        answer = await other.post(f"/seller/products/{product}/stock/{tail}", {"what": "all"})
        assert answer.status_code == 404
