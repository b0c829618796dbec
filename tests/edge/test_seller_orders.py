"""A shop's orders through the real site: masks only, delivery by hand, words about use, nothing of another's."""

import io
import re
from datetime import datetime

import pytest
from PIL import Image

from liuhen.base.db import Database
from tests.edge.doors import KEYS, Browser, Doors
from tests.edge.shop_story import Shop


@pytest.fixture
async def shop(db: Database, now: datetime) -> Shop:
    made = Shop(db, now, keys=KEYS)
    await made.busy()
    return made


@pytest.fixture
async def mine(shop: Shop, doors: Doors) -> Browser:
    return await doors.browser(shop.seller_id)


async def test_filters_and_search(shop: Shop, mine: Browser) -> None:
    numbers = {name: placed.order_no for name, placed in shop.orders.items()}
    waiting = (await mine.get("/seller/orders?show=deliver")).text
    assert numbers["hand"] in waiting and numbers["old"] not in waiting
    assert numbers["asked"] in (await mine.get("/seller/orders?show=case")).text
    assert numbers["gone"] in (await mine.get("/seller/orders?show=refunded")).text
    assert numbers["vip"] in (await mine.get("/seller/orders?q=远岸")).text
    assert numbers["vip"] in (await mine.get(f"/seller/orders?q={numbers['vip'][-6:].lower()}")).text
    assert "没有符合" in (await mine.get("/seller/orders?q=石榴")).text
    assert (await mine.get("/seller/orders?show=nonsense")).status_code == 404
    from_market = await mine.get(f"/?q={numbers['vip']}")
    assert from_market.headers["location"] == f"/seller/orders/{numbers['vip']}", "the seller's page of it"
    everything = (await mine.get("/seller/orders")).text
    assert "林小满" not in everything


async def test_work_that_has_begun(shop: Shop, mine: Browser, doors: Doors) -> None:
    placed = shop.orders["hand"]
    path = f"/seller/orders/{placed.order_no}"
    assert "我已开工" in (await mine.get(path)).text
    assert (await mine.post(f"{path}/begin", {"line_no": "1"})).headers["location"] == path
    after = (await mine.get(path)).text
    assert "我已开工" not in after and "你说" in after and "已开工" in after
    assert (await mine.post(f"{path}/begin", {"line_no": "1"})).status_code == 303, "said twice is said once"
    assert (await mine.post(f"{path}/begin", {"line_no": "7"})).status_code == 409
    assert (await shop.events(placed)).count("WORK_BEGUN") == 1
    buyer = await doors.browser(shop.buyer_id)
    seen = (await buyer.get(f"/orders/{placed.order_no}")).text
    assert "已开工。到时没有送达仍自动全额退" in seen
    assert "卖家说已经开工" in (await buyer.get("/inbox")).text


async def test_delivery_by_hand(shop: Shop, mine: Browser) -> None:
    placed = shop.orders["hand"]
    path = f"/seller/orders/{placed.order_no}"
    page = (await mine.get(path)).text
    assert "等你发货 1 件，最迟 今天 14:20" in page and "138 0013 0319" in page and "林小满" not in page
    empty = await mine.post(f"{path}/deliver", {"line_no": "1", "text": "  ", "receipt_no": "CM1"})
    assert empty.status_code == 422 and "交付内容：请填写" in empty.text and 'value="CM1"' in empty.text
    done = await mine.post(
        f"{path}/deliver", {"line_no": "1", "text": "已到账，流水见凭证", "receipt_no": "CM20261122"}
    )
    assert done.headers["location"] == path
    after = (await mine.get(path)).text
    assert "已送达，货款在担保中" in after and "CM20261122" in after
    assert "流水见凭证" not in after, "what was handed over is the buyer's"
    assert "138 0013 0319" not in after, "the number is masked once nobody needs it"
    assert (await mine.post(f"{path}/deliver", {"line_no": "1", "text": "再来"})).status_code == 409
    assert (await shop.events(placed))[-1] == "DELIVERED_BY_HAND"


def _png(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, 90, 120)).save(out, "PNG")
    return out.getvalue()


async def test_pictures_prove_a_delivery(shop: Shop, mine: Browser, doors: Doors) -> None:
    placed = shop.orders["hand"]
    path, look = f"/seller/orders/{placed.order_no}", f"/orders/{placed.order_no}/proofs"
    files = [("pictures", ("回执.png", _png(10), "image/png")), ("pictures", ("坏的.png", b"no picture", "image/png"))]
    done = await mine.post(f"{path}/deliver", {"line_no": "1", "text": "已到账"}, files=files)
    assert done.headers["location"] == path
    page = (await mine.get(path)).text
    assert "已交付 1 件" in page and "坏的.png 不是完整的" in page and "补交图片凭证" in page
    (delivery,) = set(re.findall(r'name="delivery_id" value="([0-9a-f-]+)"', page))
    more = [("pictures", (f"{n}.png", _png(20 + n), "image/png")) for n in range(6)]
    await mine.post(f"{path}/proofs", {"delivery_id": delivery}, files=more)
    page = (await mine.get(path)).text
    (picture, *others) = sorted(set(re.findall(rf"{look}/([0-9a-f-]+)", page)))
    assert len(others) == 5 and "补交图片凭证" not in page, "six at most"
    buyer, other = await doors.browser(shop.buyer_id), await doors.browser(shop.other_id)
    assert "卖家的 6 张图片凭证" in (await buyer.get(look)).text
    assert look in (await buyer.get(f"/orders/{placed.order_no}")).text
    seen = await buyer.get(f"{look}/{picture}")
    assert seen.headers["content-type"] == "image/jpeg"
    assert (await buyer.get(f"{look}/{picture}/original")).content == _png(10)
    for where in (look, f"{look}/{picture}", f"{look}/{picture}/original"):
        assert (await other.get(where)).status_code == 404
    assert (await other.post(f"{path}/proofs", {"delivery_id": delivery}, files=more[:1])).status_code == 404
    assert (await shop.events(placed)).count("PICTURE_KEPT") == 6


async def test_what_everybody_says_stands_side_by_side(shop: Shop, mine: Browser) -> None:
    placed = shop.orders["asked"]
    path = f"/seller/orders/{placed.order_no}"
    use = {"unit": "1", "state": "USED_UP", "note": "后台 10:00 显示已核销", "occurred_at": "2026-11-22T10:00"}
    assert (await mine.post(f"{path}/use", use)).headers["location"] == path
    page = (await mine.get(path)).text
    assert "你说：已全额使用，11-22 10:00" in page and "平台记录：11-22 09:00 拆封" in page and "封条完好" in page
    assert shop.case_no in page and "有退款等你答复" in page
    for wrong in ({"state": ""}, {"occurred_at": "gestern"}, {"remaining": "x"}, {"unit": "0"}):
        assert (await mine.post(f"{path}/use", {**use, **wrong})).status_code == 422
    assert (await mine.post(f"{path}/use", {**use, "unit": "9"})).status_code == 404
    assert (await mine.post(f"{path}/use", {**use, "occurred_at": "2027-01-01T10:00"})).status_code == 422


async def test_keys_are_masked_and_money_adds_up(shop: Shop, mine: Browser) -> None:
    page = (await mine.get(f"/seller/orders/{shop.orders['gone'].order_no}")).text
    assert "KEY-" not in page and "KE••••••ST" in page
    assert "退给买家" in page and "¥</i>88.00" in page and "¥</i>86.24" in page


async def test_cases_by_deadline(shop: Shop, mine: Browser) -> None:
    page = (await mine.get("/seller/cases")).text
    assert "1 个退款等你答复" in page and shop.case_no in page and f"/cases/{shop.case_no}" in page
    decided = (await mine.get("/seller/cases?show=decided")).text
    assert "你同意的" in decided and shop.case_no not in decided


async def test_orders_of_another_shop_are_not_there(shop: Shop, doors: Doors) -> None:
    other = await doors.browser(shop.other_id)
    for name in ("hand", "asked"):
        path = f"/seller/orders/{shop.orders[name].order_no}"
        assert (await other.get(path)).status_code == 404
        assert (await other.post(f"{path}/deliver", {"line_no": "1", "text": "x"})).status_code == 404
        assert (await other.post(f"{path}/use", {"unit": "1", "state": "UNUSED"})).status_code == 404
    assert (await other.get("/seller/orders/LH261122-AAAAAAAA")).status_code == 404
