"""The check of a listing's terms through the real site and over the API: refused, shown, mended, published."""

import re
from datetime import datetime
from html import unescape
from uuid import UUID

import pytest

from liuhen.base.db import Database
from liuhen.catalog.model import ListingState
from liuhen.flows.trade.set_listing_state import SetListingState, set_listing_state
from liuhen.parties.model import Role
from tests.edge.callers import Program, refused
from tests.edge.doors import KEYS, Browser, Doors
from tests.edge.shop_story import Shop
from tests.edge.test_seller_products import CARD
from tests.flows.test_listing_terms import older_than_the_lint
from tests.flows.world import World

NEW, PREVIEW = "/seller/products/new", "/seller/products/preview"
TAKE = re.compile(r'name="take" value="([^"]+)"')
AREA = re.compile(r'name="(description|refund_terms|warnings)"[^>]*>([^<]*)</textarea>')
HIDDEN = re.compile(r'name="warned" value="([^"]*)"')


@pytest.fixture
async def shop(db: Database, now: datetime) -> Shop:
    made = Shop(db, now, keys=KEYS)
    await made.people()
    return made


@pytest.fixture
async def mine(shop: Shop, doors: Doors) -> Browser:
    return await doors.browser(shop.seller_id)


def _areas(page: str) -> dict[str, str]:
    return {name: unescape(text) for name, text in AREA.findall(page)}


async def test_a_void_term_keeps_what_was_typed_and_offers_a_wording(mine: Browser) -> None:
    typed = {**CARD, "description": "正品。\r\n一经售出，概不退换！", "refund_terms": "最终解释权归本店"}
    answer = await mine.post(NEW, typed)
    page = answer.text
    assert answer.status_code == 422 and "有 2 处依法无效，改好才能发布" in page
    assert "消费者权益保护法 第26条第3款" in page and "一经售出，概不退换</mark>" in page
    assert 'value="石榴软件一年授权"' in page and _areas(page)["description"] == "正品。\r\n一经售出，概不退换！"
    assert "商品说明：“一经售出，概不退换”依法无效" in page, "also at the top, with a link to the field"
    first, second = TAKE.findall(page)
    mended = (await mine.post(PREVIEW, {**typed, "take": unescape(first)})).text
    texts = _areas(mended)
    assert "密封未拆的在可退期内可退" in texts["description"] and texts["refund_terms"] == "最终解释权归本店"
    assert 'value="128"' in mended and "有 1 处依法无效" in mended
    stale = (await mine.post(PREVIEW, {**typed, "take": unescape(second).replace("refund", "nothing")})).text
    assert _areas(stale)["description"].endswith("概不退换！"), "a button of another state changes nothing"
    (last,) = TAKE.findall(mended)
    clean = (await mine.post(PREVIEW, {**typed, **texts, "take": unescape(last)})).text
    assert "没有发现不能写的条款" in clean and not TAKE.findall(clean)
    assert (await mine.post(NEW, {**typed, **_areas(clean)})).status_code == 303


async def test_warnings_are_read_before_publishing(mine: Browser) -> None:
    typed = {**CARD, "sealed_days": "1", "refund_terms": "未拆封 7 天内可退"}
    answer = await mine.post(NEW, typed)
    assert answer.status_code == 422 and "还没有发布：条款检查里有 1 处提醒" in answer.text
    assert "改为 7 天" in answer.text
    (warned,) = HIDDEN.findall(answer.text)
    assert (await mine.get("/seller/products")).text.count("石榴软件") == 0
    other = {**typed, "refund_terms": "未拆封 9 天内可退", "warned": warned}
    assert (await mine.post(NEW, other)).status_code == 422, "another warning was not read yet"
    (take,) = TAKE.findall(answer.text)
    mended = (await mine.post(PREVIEW, {**typed, "take": take})).text
    assert re.search(r'name="sealed_days"[^>]* value="7"', mended) and "没有发现不能写的条款" in mended
    published = await mine.post(NEW, {**typed, "warned": warned})
    assert published.status_code == 303
    product = published.headers["location"].split("/")[3]
    edit = f"/seller/products/{product}/edit"
    page = (await mine.get(edit)).text
    assert "有 1 处提醒，看过就可以发布" in page, "what was on the page has been read"
    (warned,) = HIDDEN.findall(page)
    changed = {**typed, "price": "100", "base_version": "1", "warned": warned}
    assert (await mine.post(edit, changed)).status_code == 303
    changed |= {"price": "90", "base_version": "2", "description": "拍下即视为同意以上条款"}
    assert (await mine.post(edit, changed)).status_code == 422


async def test_boxes_and_times_are_set_by_their_offers(mine: Browser) -> None:
    unticked = {**CARD, "description": "本品不支持七天无理由退货，谢谢"}
    page = (await mine.post(PREVIEW, unticked)).text
    ticked = (await mine.post(PREVIEW, {**unticked, "take": unescape(TAKE.findall(page)[0])})).text
    assert (
        re.search(r'name="excludes_no_reason"[^>]* checked', ticked) and _areas(ticked)["description"] == "本品，谢谢"
    )
    promised = {**CARD, "excludes_no_reason": "1", "description": "支持七天无理由退货"}
    page = (await mine.post(PREVIEW, promised)).text
    again = (await mine.post(PREVIEW, {**promised, "take": unescape(TAKE.findall(page)[0])})).text
    assert not re.search(r'name="excludes_no_reason"[^>]* checked', again)
    unused = {**CARD, "sealed_days": "1", "description": "未激活 48 小时内可退"}
    page = (await mine.post(PREVIEW, unused)).text
    kept = (await mine.post(PREVIEW, {**unused, "take": unescape(TAKE.findall(page)[0])})).text
    assert '<option value="48" selected>' in kept and re.search(r'name="sealed_days"[^>]* value="2"', kept)
    assert "没有发现不能写的条款" in kept
    by_hand = {**CARD, "kind": "direct_top_up", "promise": "2", "promise_unit": "hours", "description": "30分钟内到账"}
    page = (await mine.post(PREVIEW, by_hand)).text
    sooner = (await mine.post(PREVIEW, {**by_hand, "take": unescape(TAKE.findall(page)[0])})).text
    assert re.search(r'name="promise"[^>]* value="30"', sooner) and 'value="minutes" selected' in sooner


async def test_the_check_follows_the_form(mine: Browser) -> None:
    data = {**CARD, "csrf": mine.csrf, "warnings": "封号概不负责", "sealed_days": "", "min_validity_days": "一"}
    answer = await mine.client.post(PREVIEW, data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and answer.text.lstrip().startswith("<div")
    assert 'id="f-terms"' in answer.text and "hx-swap-oob" in answer.text and "一概不负责" in answer.text
    spoken = {"HX-Request": "true", "Accept-Language": "en"}
    english = await mine.client.post(PREVIEW, data=data, headers=spoken)
    assert (
        "blanket disclaimer of liability" in english.text
        and "Consumer Rights Protection Law art. 26(3)" in english.text
    )


async def test_an_old_listing_with_void_terms_stays_off_sale(shop: Shop, mine: Browser) -> None:
    product = await older_than_the_lint(shop, shop.seller_id)
    answer = await mine.post(f"/seller/products/{product}/state", {"to": "on"})
    assert answer.status_code == 422 and "依法无效的条款" in answer.text


async def test_admins_see_what_older_listings_hold(shop: Shop, doors: Doors) -> None:
    product = await older_than_the_lint(shop, shop.seller_id)
    staff = await shop.party("管理", Role.ADMIN)
    admin = await doors.browser(staff)
    assert "这一页没有发现无效条款" in (await admin.get("/admin/terms")).text, "it is off sale"
    force = SetListingState(
        seller_id=shop.seller_id, product_id=product, state=ListingState.ON_SALE, staff_id=staff, reason="旧"
    )
    await set_listing_state(shop.db, force, now=shop.now)
    page = (await admin.get("/admin/terms")).text
    assert "1 件有无效条款" in page and "一经售出，概不退换" in page and f"/p/{product}" in page
    beyond = (await admin.get(f"/admin/terms?after={product}")).text
    assert "查了 0 件" in beyond
    assert "在售商品的条款" in (await admin.get("/admin/shops")).text


async def test_over_the_api(doors: Doors, world: World) -> None:
    seller = Program(await doors.api(await world.seller(), "read", "sell"))
    content = {"kind": "card_key", "title": "点卡", "price_fen": 100, "description": " 支持。ｎｏ ｒｅｆｕｎｄ "}
    told = await seller.post("/seller/term-checks", content)
    assert told["publishable"] is False and [item["code"] for item in told["items"]] == ["blanket_no_refund"]
    (item,) = told["items"]
    assert (item["field"], item["text"]) == ("description", "ｎｏ ｒｅｆｕｎｄ") and item["start"] == 3
    data = refused(await seller.asks("POST", "/seller/products", {"content": content}), 422, "unlawful_terms")
    assert data["findings"] == told["items"]
    content["description"] = "有效期至少 30 天"
    told = await seller.post("/seller/term-checks", content)
    assert told["publishable"] is True and told["items"][0]["offer_value"] == 30
    listed = await seller.post("/seller/products", {"content": content}, 201)
    assert listed["warnings"] == told["items"] and UUID(listed["product_id"])
    refused(await seller.asks("POST", "/seller/term-checks", {**content, "title": "点"}), 422, "invalid_input")
