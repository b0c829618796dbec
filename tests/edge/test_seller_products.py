"""Listings through the real site: a change is a version, a refused form keeps what was typed, others see nothing."""

from datetime import datetime
from uuid import UUID

import pytest

from liuhen.base.db import Database
from tests.edge.doors import KEYS, Browser, Doors
from tests.edge.shop_story import Shop

CARD = {
    "kind": "card_key",
    "title": "石榴软件一年授权",
    "price": "128",
    "face_value": "200",
    "region": "国服",
    "min_validity_days": "7",
    "escrow_days": "7",
    "sealed_days": "3",
    "min_pieces": "1",
    "max_pieces": "20",
    "low_stock_at": "4",
}


@pytest.fixture
async def shop(db: Database, now: datetime) -> Shop:
    made = Shop(db, now, keys=KEYS)
    await made.people()
    return made


@pytest.fixture
async def mine(shop: Shop, doors: Doors) -> Browser:
    return await doors.browser(shop.seller_id)


async def _listed(mine: Browser, **changes: str) -> UUID:
    answer = await mine.post("/seller/products/new", {**CARD, **changes})
    assert answer.status_code == 303, answer.text[-3000:]
    return UUID(answer.headers["location"].split("/")[3])


async def test_a_new_listing_leads_to_its_shelf(shop: Shop, mine: Browser) -> None:
    answer = await mine.post("/seller/products/new", CARD)
    assert answer.headers["location"].endswith("/stock")
    page = (await mine.get("/seller/products")).text
    assert "石榴软件一年授权" in page and "第 1 版" in page and "¥</i>128.00" in page and "已售完" in page
    by_hand = {**CARD, "kind": "direct_top_up", "promise": "2", "promise_unit": "hours", "target_label": "手机号"}
    assert (await mine.post("/seller/products/new", by_hand)).headers["location"] == "/seller/products"


async def test_every_change_is_a_version_with_its_differences(mine: Browser) -> None:
    product = await _listed(mine)
    edit = f"/seller/products/{product}/edit"
    page = (await mine.get(edit)).text
    assert 'value="128.00"' in page and 'name="base_version" value="1"' in page
    changed = {**CARD, "price": "118.5", "excludes_no_reason": "1", "base_version": "1"}
    assert (await mine.post(edit, changed)).headers["location"].endswith("/versions")
    versions = (await mine.get(f"/seller/products/{product}/versions")).text
    assert "第 2 版" in versions and "¥128.00" in versions and "¥118.50" in versions
    assert "不适用七日无理由退货" in versions and "商品说明" not in versions
    same = await mine.post(edit, {**changed, "base_version": "2"})
    assert same.headers["location"] == edit, "nothing changed, so no version"


async def test_a_stale_form_keeps_what_was_typed(mine: Browser) -> None:
    product = await _listed(mine)
    edit = f"/seller/products/{product}/edit"
    await mine.post(edit, {**CARD, "price": "100", "base_version": "1"})
    stale = await mine.post(edit, {**CARD, "price": "90", "base_version": "1"})
    assert stale.status_code == 409
    assert "别处刚刚改过" in stale.text and 'value="90"' in stale.text


async def test_mistakes_are_told_at_their_fields(mine: Browser) -> None:
    wrong = {**CARD, "title": "石", "price": "1000000", "min_pieces": "9", "max_pieces": "3", "escrow_days": "7"}
    answer = await mine.post("/seller/products/new", wrong)
    assert answer.status_code == 422 and "要 2 到 200 个字" in answer.text and 'value="1000000"' in answer.text
    answer = await mine.post("/seller/products/new", {**wrong, "title": "石榴软件"})
    assert answer.status_code == 422
    assert "要在 ¥0.01 到 ¥999,999.99 之间" in answer.text and "一单最多：要在 9 到 500 之间" in answer.text
    short = await mine.post("/seller/products/new", {**CARD, "escrow_days": "3"})
    assert short.status_code == 422 and "不能小于 7" in short.text
    nothing_ticked = (await mine.get("/seller/products/new?kind=card_key")).text
    assert "excludes_no_reason" in nothing_ticked and " checked" not in nothing_ticked


async def test_the_refund_table_follows_the_form(mine: Browser) -> None:
    fragment = await mine.client.post(
        "/seller/products/preview",
        data={**CARD, "csrf": mine.csrf, "excludes_no_reason": "1"},
        headers={"HX-Request": "true"},
    )
    assert fragment.status_code == 200 and fragment.text.lstrip().startswith("<div")
    assert "3 天" in fragment.text
    whole = await mine.post("/seller/products/preview", {**CARD, "sealed_days": "9"})
    assert "9 天" in whole.text and 'value="石榴软件一年授权"' in whole.text
    assert (await mine.get("/seller/products?q=石榴软件一年授权")).text.count("第 1 版") == 0, (
        "a preview writes nothing"
    )


async def test_more_than_the_rules_is_promised_in_plain_words(mine: Browser, doors: Doors) -> None:
    fresh = (await mine.get("/seller/products/new?kind=card_key")).text
    assert "24 小时（这类商品常用）" in fresh and '<option value="" selected>不承诺' in fresh
    assert "3 天（这类商品常用）" in (await mine.get("/seller/products/new?kind=voucher")).text
    assert "拆封了没用" not in (await mine.get("/seller/products/new?kind=direct_top_up")).text
    product = await _listed(mine, revealed_hours="48", issuer_can_void="1")
    edit = (await mine.get(f"/seller/products/{product}/edit")).text
    assert '<option value="48" selected>' in edit and "已拆封未使用，48 小时内" in edit
    seen = (await (await doors.browser()).get(f"/p/{product}")).text
    assert "已拆封未使用，48 小时内" in seen
    api = (await mine.client.get(f"/api/v1/products/{product}")).json()["content"]
    assert (api["revealed_window_seconds"], api["issuer_can_void"]) == (48 * 3600, True)
    longer = await mine.post("/seller/products/new", {**CARD, "revealed_hours": "168"})
    assert longer.status_code == 422 and "密封没拆可退：要在 7 到 90 之间" in longer.text
    odd = await mine.post("/seller/products/preview", {**CARD, "revealed_hours": "36"})
    assert '<option value="36" selected>' in odd.text and "36 小时" in odd.text
    changed = {**CARD, "revealed_hours": "", "base_version": "1"}
    await mine.post(f"/seller/products/{product}/edit", changed)
    versions = (await mine.get(f"/seller/products/{product}/versions")).text
    assert "拆封没用可退" in versions and "2 天" in versions and "发行方能作废看过的卡密" in versions


async def test_down_and_up_again(shop: Shop, mine: Browser, doors: Doors) -> None:
    product = await _listed(mine)
    state = f"/seller/products/{product}/state"
    assert (await mine.post(state, {"to": "off"})).status_code == 303
    assert "石榴软件" in (await mine.get("/seller/products?show=off")).text
    assert "石榴软件" not in (await (await doors.browser()).get("/")).text
    assert (await mine.post(state, {"to": "on"})).status_code == 303
    assert "石榴软件" in (await (await doors.browser()).get("/")).text
    assert (await mine.post(state, {"to": "banned"})).status_code == 422


async def test_others_find_nothing(shop: Shop, mine: Browser, doors: Doors) -> None:
    product = await _listed(mine)
    other = await doors.browser(shop.other_id)
    for path in ("edit", "versions", "stock"):
        assert (await other.get(f"/seller/products/{product}/{path}")).status_code == 404
    assert (await other.post(f"/seller/products/{product}/edit", {**CARD, "base_version": "1"})).status_code == 404
    assert (await other.post(f"/seller/products/{product}/state", {"to": "off"})).status_code == 404
    preview = {**CARD, "product_id": str(product)}
    assert (await other.post("/seller/products/preview", preview)).status_code == 404
    assert "石榴软件" not in (await other.get("/seller/products")).text
