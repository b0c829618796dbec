"""The seller's desk and money through the real site: what is due first, what is whose, what is free when."""

from datetime import datetime

import pytest

from liuhen.base.db import Database
from liuhen.edge.web.seller import csv_cells
from liuhen.flows.trade.confirm_receipt import ConfirmReceipt, confirm_receipt
from liuhen.reads import seller_desk, seller_money
from liuhen.timing.workdays import shanghai_day
from tests.edge.doors import KEYS, Doors
from tests.edge.shop_story import Shop


@pytest.fixture
async def shop(db: Database, now: datetime) -> Shop:
    made = Shop(db, now, keys=KEYS)
    await made.busy()
    return made


async def test_todos_by_deadline_with_one_primary_button(shop: Shop, doors: Doors) -> None:
    page = (await (await doors.browser(shop.seller_id)).get("/seller")).text
    first, second = page.index("手工发货：话费直充 200 元"), page.index("答复退款：卡密无效")
    assert first < second < page.index("到发行方作废 1 张") < page.index("补货：蓝湾音乐")
    assert "5 件事要做，最近一件 2 小时 20 分后到期" in page
    assert "自动全额退给买家" in page and "视为同意，货款退给买家" in page
    rows = page[page.index('id="todo"') : page.index('id="stock"')]
    assert rows.count("btn-primary") == 1
    assert "手工发货" not in (await (await doors.browser(shop.seller_id)).get("/seller?show=refund")).text


async def test_the_badge_counts_what_the_desk_shows(shop: Shop) -> None:
    today = shanghai_day(shop.now)
    async with shop.db.read() as tx:
        found = await seller_desk.todos(tx, shop.seller_id, today=today, week_ago=shop.now)
        badges = await seller_desk.badges(tx, shop.seller_id, today=today)
        nothing = await seller_desk.badges(tx, shop.other_id, today=today)
    assert (badges.todo, badges.cases, badges.deliver) == (found.total, 1, 1) == (5, 1, 1)
    assert (nothing.todo, nothing.cases, nothing.deliver) == (0, 0, 0)


async def test_another_seller_sees_an_empty_desk(shop: Shop, doors: Doors) -> None:
    other = await doors.browser(shop.other_id)
    for path in (
        "/seller",
        "/seller/voids",
        "/seller/orders",
        "/seller/cases?show=all",
        "/seller/money",
        "/seller/stock",
    ):
        page = (await other.get(path)).text
        assert "木棉游戏点卡" not in page and "LH26" not in page and "蓝湾" not in page, path
    assert "没有要做的事" in (await other.get("/seller")).text


async def test_voiding_at_the_issuer_is_the_sellers_word(shop: Shop, doors: Doors) -> None:
    mine, other = await doors.browser(shop.seller_id), await doors.browser(shop.other_id)
    async with shop.db.read() as tx:
        (todo,) = await seller_desk.keys_to_void(tx, shop.seller_id)
    assert (await other.post(f"/seller/todos/{todo.todo_id}/done")).status_code == 404
    assert (await mine.post(f"/seller/todos/{todo.todo_id}/done")).status_code == 303
    assert (await mine.post(f"/seller/todos/{todo.todo_id}/done")).status_code == 404
    assert "KEY_VOIDED_SAID" in await shop.events(shop.orders["gone"])
    assert "没有要作废的卡密" in (await mine.get("/seller/voids")).text
    assert todo.mask in (await mine.get("/seller/voids?show=done")).text


async def test_releases_by_day_are_what_will_be_paid(shop: Shop) -> None:
    today = shanghai_day(shop.now)
    async with shop.db.read() as tx:
        days = await seller_money.releases(tx, shop.seller_id, today=today, until=today.replace(day=today.day + 6))
        purse = await seller_money.purse(tx, shop.seller_id)
    # four cards and the membership that is left; three memberships; later one sealed card
    assert [(day.day.day if day.day else 0, day.fen) for day in days] == [
        (26, 4 * 9604 + 8624),
        (28, 3 * 12_348),
        (0, 9604),
    ]
    assert purse.escrow_fen == 4 * 9800 + 8800 + 3 * 12_600 + 2 * 9800 + 19_760
    assert (purse.held_units, purse.stopped_units, purse.stopped_fen) == (11, 1, 9800)
    assert (purse.payable_fen, purse.debt_fen, purse.fee_basis_points) == (0, 0, 200)


async def test_money_in_plain_words_and_to_the_balance(shop: Shop, doors: Doors) -> None:
    order = shop.orders["old"]
    cmd = ConfirmReceipt(buyer_id=shop.buyer_id, book_id=shop.seller_id, order_id=order.order_id)
    await confirm_receipt(shop.db, cmd, now=shop.now)
    mine = await doors.browser(shop.seller_id)
    page = (await mine.get("/seller/money")).text
    assert "担保期满或买家确认，货款付给你" in page and order.order_no in page
    assert "平台服务费" in (await mine.get("/seller/money?account=fee")).text
    assert (await mine.get("/seller/money?account=buyer_balance")).status_code == 404
    assert (await mine.post("/seller/money/withdraw", {"amount": "384.17"})).status_code == 409
    assert (await mine.post("/seller/money/withdraw", {"amount": "384.16"})).status_code == 303
    assert await shop.balance(shop.seller_id) == 38_416
    await shop.check()


async def test_csv_holds_a_month_and_no_formula(shop: Shop, doors: Doors) -> None:
    shop.products["=cmd"] = await shop.listing(shop.seller_id, title='=HYPERLINK("http://x")')
    await shop.shelve(shop.seller_id, shop.products["=cmd"], 1)
    await shop.buy("evil", "=cmd")
    mine = await doors.browser(shop.seller_id)
    answer = await mine.get("/seller/money/statement.csv?account=escrow&month=2026-11")
    assert answer.content.startswith("\ufeff".encode()) and answer.headers["content-type"].startswith("text/csv")
    assert """"'=HYPERLINK""" in answer.text and ",98.00," in answer.text
    empty = await mine.get("/seller/money/statement.csv?account=escrow&month=2026-10")
    assert len(empty.text.strip().splitlines()) == 1
    assert (await mine.get("/seller/money/statement.csv?month=2026-13")).status_code == 404


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "  =1", "＝1", "\r1"])
def test_what_begins_a_formula_gets_an_apostrophe(text: str) -> None:
    assert csv_cells.cell(text) == f"'{text}"


def test_plain_cells_and_amounts_stay() -> None:
    assert csv_cells.cell("木棉 -10") == "木棉 -10"
    assert [csv_cells.amount(fen) for fen in (0, 5, -1234, 99_999_999)] == ["0.00", "0.05", "-12.34", "999999.99"]


async def test_shop_name_and_words(shop: Shop, doors: Doors) -> None:
    mine = await doors.browser(shop.seller_id)
    assert (await mine.post("/seller/shop", {"shop_name": "新竹", "intro": " 老店 "})).status_code == 303
    assert "木棉游戏点卡" in (await mine.get("/?q=新竹")).text, "found under the new name"
    assert "木棉游戏点卡" not in (await mine.get("/?q=青竹")).text, "and no longer under the old"
    page = (await mine.get("/seller/shop")).text
    assert 'value="新竹"' in page and "老店" in page and "2026-11-1" in page
    refused = await mine.post("/seller/shop", {"shop_name": "青", "intro": "都在"})
    assert refused.status_code == 422 and "要 2 到 60 个字" in refused.text and "都在" in refused.text
