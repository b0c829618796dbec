"""The buyer's order centre, order page, pieces, record and inbox through the real site."""

from datetime import timedelta
from uuid import UUID

import pytest

from liuhen.edge.web.buyer.order import FEW
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.policy.facts.goods import GoodsKind
from tests.edge.doors import Doors
from tests.flows.world import World


async def _shop(world: World, pieces: int, **listing: object) -> tuple[UUID, UUID, UUID]:
    """(seller, buyer with money, product with keys)."""
    seller, buyer = await world.seller("青竹数码专营店"), await world.party("林")
    product = await world.listing(seller, max_pieces=500, **listing)  # type: ignore[arg-type]
    await world.shelve(seller, product, pieces + 2)
    await world.fund(buyer, 9800 * pieces + 100_000)
    return seller, buyer, product


async def test_no_order_yet(doors: Doors, world: World) -> None:
    buyer = await world.party("林")
    page = await (await doors.browser(buyer)).get("/orders")
    assert page.status_code == 200
    assert "还没有订单" in page.text


async def test_strangers_and_nobody(doors: Doors, world: World) -> None:
    seller, buyer, product = await _shop(world, 1)
    placed = await world.order(buyer, seller, product)
    other = await doors.browser(await world.party("别人"))
    path = f"/orders/{placed.order_no}"
    for tail in ("", "/units/1", "/seal?units=1", "/record", "/record.json", "/snapshot/1", "/refund"):
        assert (await other.get(path + tail)).status_code == 404, tail
        nobody = await (await doors.browser()).get(path + tail)
        assert nobody.status_code == 303 and nobody.headers["location"].startswith("/sign-in"), tail
    for tail in ("/confirm", "/cancel"):
        assert (await other.post(path + tail)).status_code == 404
    assert (await other.post(path + "/units/1", {"act": "show"})).status_code == 404


async def test_sealed_then_broken_then_shown(doors: Doors, world: World) -> None:
    seller, buyer, product = await _shop(world, 2)
    placed = await world.order(buyer, seller, product, 2)
    browser = await doors.browser(buyer)
    path = f"/orders/{placed.order_no}"
    page = (await browser.get(path)).text
    assert "2 件卡密已送达，都还密封着" in page
    assert "即时退" in page and "KEY-" not in page
    assert "全额退 ¥98.00" in page and "下单时你单独确认了这件商品不支持无理由退" in page
    shown = await browser.post(f"{path}/units/1", {"act": "break"})
    assert shown.status_code == 200 and "KEY-" in shown.text and shown.headers["cache-control"] == "no-store"
    page = (await browser.get(path)).text
    assert "1 件已拆封，1 件仍密封" in page and "KEY-0" not in page and "已完整显示 1 次" in page
    assert "你拆开第 1 件的密封" in page and "你完整显示了第 1 件" in page
    again = await browser.post(f"{path}/units/1", {"act": "show"})
    assert "KEY-" in again.text
    assert (await browser.post(f"{path}/units/2", {"act": "show"})).status_code == 409
    assert await world.events(placed) == [
        "ORDER_PLACED", "PAID", "DELIVERED_SEALED", "SEAL_BROKEN", "GOODS_SHOWN", "GOODS_SHOWN",
    ]  # fmt: skip


async def test_a_promise_for_what_was_not_used_has_its_clock(doors: Doors, world: World) -> None:
    promised = {"revealed_window_seconds": 48 * 3600, "sealed_window_seconds": 72 * 3600, "excludes_no_reason": False}
    seller, buyer, product = await _shop(world, 1, **promised)
    placed = await world.order(buyer, seller, product)
    browser = await doors.browser(buyer)
    path = f"/orders/{placed.order_no}"
    assert "拆封没用可退到期" not in (await browser.get(path)).text
    await browser.post(f"{path}/units/1", {"act": "break"})
    assert "拆封没用可退到期，第 1 件" in (await browser.get(path)).text
    snapshot = (await browser.get(f"{path}/snapshot/1")).text
    assert "拆封没用可退" in snapshot and "48 小时" in snapshot


async def test_use_is_said_beside_others(doors: Doors, world: World) -> None:
    seller, buyer, product = await _shop(world, 1)
    placed = await world.order(buyer, seller, product)
    browser = await doors.browser(buyer)
    path = f"/orders/{placed.order_no}/units/1"
    await browser.post(path, {"act": "break"})
    missing = await browser.post(f"{path}/use", {"note": "写过的话还在"})
    assert missing.status_code == 422 and "写过的话还在" in missing.text
    done = await browser.post(f"{path}/use", {"state": "PARTLY_USED", "remaining": "30.00", "note": "剩三十"})
    assert done.status_code == 303
    page = (await browser.get(path)).text
    assert "部分使用" in page and "剩三十" in page and "还没有传来使用记录" in page


async def test_confirm_receipt_pays_the_seller_and_says_so(doors: Doors, world: World) -> None:
    seller, buyer, product = await _shop(world, 1)
    placed = await world.order(buyer, seller, product)
    browser = await doors.browser(buyer)
    path = f"/orders/{placed.order_no}"
    await browser.post(f"{path}/units/1", {"act": "break"})
    assert "确认不会取消你的权利" in (await browser.get(path)).text
    done = await browser.post(f"{path}/confirm")
    assert done.status_code == 303
    page = (await browser.get(path)).text
    assert "这一单已完成" in page and "已确认收货" in page
    assert (await browser.post(f"{path}/confirm")).status_code == 409


async def test_five_hundred_pieces(doors: Doors, world: World) -> None:
    seller, buyer, product = await _shop(world, 500)
    placed = await world.order(buyer, seller, product, 500)
    browser = await doors.browser(buyer)
    path = f"/orders/{placed.order_no}"
    page = await browser.get(path)
    assert page.text.count('name="u"') == 100 and len(page.content) < 250_000
    assert "401–500" in page.text and (await browser.get(f"{path}?page=5")).text.count('name="u"') == 100
    nothing = await browser.post(f"{path}/pick", {"act": "seal"})
    assert nothing.headers["location"] == path
    asked = await browser.post(f"{path}/pick", {"act": "seal", "everything": "SEALED"})
    assert asked.headers["location"] == f"{path}/seal?units=1-500"
    sheet = (await browser.get(asked.headers["location"])).text
    assert "拆开 500 件的密封" in sheet
    assert (await browser.post(f"{path}/seal", {"units": "1-3,7"})).status_code == 303
    assert "第 1–3、7 件" in (await browser.get(path)).text
    keys = await browser.post(f"{path}/pick", {"act": "show", "u": ["1", "2", "7", "9"]})
    assert keys.status_code == 200 and keys.text.count("KEY-") == 3
    assert (await browser.post(f"{path}/seal", {"units": "1-500"})).status_code == 409
    assert (await browser.post(f"{path}/seal", {"units": "4-6,8-500"})).status_code == 303
    assert (await browser.post(f"{path}/seal", {"units": "500-1"})).status_code == 422
    assert (await browser.post(f"{path}/seal", {"units": "501"})).status_code == 404
    await world.check()
    assert FEW < 500


async def test_waiting_for_a_late_seller(doors: Doors, world: World) -> None:
    seller, buyer, product = await _shop(world, 1, kind=GoodsKind.BOOSTING_SERVICE, promised_delivery_seconds=3600)
    placed = await world.order(buyer, seller, product)
    browser = await doors.browser(buyer)
    path = f"/orders/{placed.order_no}"
    assert "等卖家送达，现在你不用做什么" in (await browser.get(path)).text
    done = await browser.post(f"{path}/wait", {"units": "1", "days": "3"})
    assert done.status_code == 303
    assert "你选择继续等" in (await browser.get(path)).text
    assert (await browser.post(f"{path}/wait", {"units": "1", "days": "99"})).status_code == 422
    cmd = DeliverByHand(seller_id=seller, order_id=placed.order_id, line_no=1, text="段位已到黄金，账号密码已改回")
    await deliver_by_hand(doors.db, cmd, keys=doors.app.keys, rules=doors.app.rules, now=world.now)
    page = (await browser.get(path)).text
    assert "卖家已交付，请核对" in page and "段位已到黄金" not in page
    shown = await browser.post(f"{path}/units/1", {"act": "show"})
    assert "段位已到黄金" in shown.text


async def test_unpaid_order_is_cancelled(doors: Doors, world: World) -> None:
    seller, buyer, product = await _shop(world, 1)
    placed = await world.order(buyer, seller, product, pay=None)
    browser = await doors.browser(buyer)
    path = f"/orders/{placed.order_no}"
    assert "等你付款 ¥98.00" in (await browser.get(path)).text
    assert "等你付款" in (await browser.get("/orders")).text
    assert (await browser.post(f"{path}/cancel")).status_code == 303
    assert "你取消了这一单" in (await browser.get(path)).text


async def test_record_verifies_and_names_the_first_broken_link(doors: Doors, world: World, _shared: object) -> None:
    seller, buyer, product = await _shop(world, 1)
    placed = await world.order(buyer, seller, product)
    browser = await doors.browser(buyer)
    path = f"/orders/{placed.order_no}"
    page = (await browser.get(f"{path}/record")).text
    assert "3 条记录，一条不缺" in page
    file = await browser.get(f"{path}/record.json")
    assert file.headers["content-disposition"].startswith("attachment") and file.json()["links"] == 3
    await _shared.owner.execute(  # type: ignore[attr-defined]
        "update chain_event set payload = payload || ' '::bytea where seq = 2 and order_id = $1", placed.order_id
    )
    assert "第 2 条记录对不上" in (await browser.get(f"{path}/record")).text
    their = await doors.browser(seller)
    assert (await their.get(f"{path}/record")).status_code == 200
    assert "和下单时记下的指纹一致" in (await their.get(f"{path}/snapshot/1")).text


async def test_filters_search_and_pages(doors: Doors, world: World) -> None:
    seller, buyer, product = await _shop(world, 25)
    for _ in range(22):
        world.later(minutes=1)
        await world.order(buyer, seller, product)
    other = await world.listing(seller, title="远岸视频季卡", kind=GoodsKind.MEMBERSHIP)
    await world.shelve(seller, other, 2)
    placed = await world.order(buyer, seller, other)
    doors.clock.at = world.now
    browser = await doors.browser(buyer)
    page = (await browser.get("/orders")).text
    assert "件事等你" in page and "after=" in page
    link = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert (await browser.get(link)).text.count("/orders/LH") == 3
    found = (await browser.get("/orders", params={"q": "远岸"})).text
    assert placed.order_no in found and "木棉游戏" not in found
    assert placed.order_no in (await browser.get("/orders", params={"q": placed.order_no[:10]})).text
    assert "没有符合" in (await browser.get("/orders", params={"q": "石榴"})).text
    assert "这里现在没有订单" in (await browser.get("/orders?state=deliver")).text
    assert (await browser.get("/orders?state=nonsense")).status_code == 422
    assert (await browser.get("/orders?after=nonsense")).status_code == 404


async def test_instant_window_runs_out(doors: Doors, world: World) -> None:
    seller, buyer, product = await _shop(world, 1)
    placed = await world.order(buyer, seller, product)
    doors.clock.at = world.now + timedelta(hours=25)
    page = (await (await doors.browser(buyer)).get(f"/orders/{placed.order_no}")).text
    assert "即时退还剩" not in page and "货款付给卖家" in page


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_inbox(doors: Doors, world: World, lang: str) -> None:
    seller, buyer, product = await _shop(world, 1)
    placed = await world.order(buyer, seller, product)
    browser = await doors.browser(buyer)
    browser.client.cookies.set("lang", lang)
    page = (await browser.get("/inbox")).text
    assert placed.order_no in page and ("2 条消息没读" in page or lang == "en")
    notice = page.split('action="/inbox/')[2].split('"')[0]
    opened = await browser.post(f"/inbox/{notice}")
    assert opened.status_code == 303
    assert (await browser.get("/inbox?unread=1")).text.count('action="/inbox/0') == 1
    assert (await (await doors.browser(seller)).post(f"/inbox/{notice}")).status_code == 404
    assert (await browser.post("/inbox/read")).status_code == 303
    assert "都读过了" in (await browser.get("/inbox")).text or lang == "en"
