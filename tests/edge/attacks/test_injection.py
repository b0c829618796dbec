"""What people write ends up in tables, headers and logs: there it stays a text."""

import ast
import csv
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from litestar import Litestar

from liuhen.edge.log import set_up
from liuhen.edge.web.seller.csv_cells import cell, table
from tests.edge.doors import Doors
from tests.edge.routes import all_routes
from tests.edge.test_who_may import ROWS, Story, story
from tests.edge.who_may.table import ROLES, row

__all__ = ["story"]  # the fixture
HOUSE = Path(__file__).resolve().parents[3] / "liuhen"
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠", "|", "%")
FORMULAS = (
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    " =1",
    "\u3000=1",
    "|calc",
    "%0A=1",
    '","=1',
    "\0=1",
)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_of_a_table_begins_a_formula(text: str) -> None:
    """As a spreadsheet reads the file: whole, quoted, one row."""
    written = table(["head"], [[cell(text), "1.00"]]).decode("utf-8-sig")
    (_, (read, amount)) = list(csv.reader(io.StringIO(written, newline="")))
    assert amount == "1.00" and read.replace("'", "", 1) == text
    assert not read.lstrip(" \u3000").startswith(STARTS[:12]), read


async def test_every_table_that_can_be_taken_away_is_free_of_formulas(
    story: Story, doors: Doors, site: Litestar
) -> None:
    """Every route that answers CSV, with a title, a shop and a name that begin like formulas."""
    seller = await doors.browser(story.seller_id)
    evil = "=HYPERLINK(0)"
    await seller.post("/seller/shop", {"shop_name": evil})
    await (await doors.browser(story.buyer_id)).post("/settings/name", {"display_name": evil})
    product = await story.listing(story.seller_id, title=evil)
    await story.shelve(story.seller_id, product, 2)
    await story.fund(story.buyer_id, 20_000)
    await story.order(story.buyer_id, story.seller_id, product)
    tables = 0
    for method, path in all_routes(site):
        if method == "GET" and path.endswith((".csv", ".tsv")):
            for account in ("payable", "escrow", "fee"):
                answer = await seller.get(f"{path}?account={account}")
                assert answer.headers["content-type"].startswith("text/csv")
                cells = [cell for line in csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))) for cell in line]
                tables += any("HYPERLINK" in text for text in cells)
                assert not [text for text in cells if text.startswith(STARTS) and not _number(text)]
    assert tables > 0, "the titles are in one of them"


def _number(text: str) -> bool:
    return text.replace(".", "", 1).lstrip("-").isdigit()


def test_nothing_else_writes_csv() -> None:
    """One writer, so that one rule holds: no other file of the house imports csv to write, or names the media type."""
    writers = {
        str(path.relative_to(HOUSE))
        for path in HOUSE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("writer", "DictWriter")
        and ast.unparse(node.value) == "csv"
    }
    assert writers == {"edge/web/seller/csv_cells.py"}


@pytest.mark.parametrize(
    "month", ["２０２６-１１", "2026-11%0d%0aSet-Cookie:%20evil=1", '2026-11";x="', "2026-13", "0000-00", "٢٠٢٦-١١"]
)
async def test_what_is_in_an_address_is_in_no_header(month: str, story: Story, doors: Doors) -> None:
    seller = await doors.browser(story.seller_id)
    for path in (f"/seller/money/statement.csv?month={month}", f"/seller/money/statement.csv?account={month}"):
        answer = await seller.get(path)
        assert answer.status_code in (404, 422) and "set-cookie" not in answer.headers
    for path in (f"/orders/{month}/record.json", f"/rules/{month}/text", f"/language?lang={month}&next=/"):
        answer = await seller.get(path)
        assert answer.status_code < 500 and "evil" not in str(answer.headers.get("set-cookie", "")), path
        assert "\n" not in answer.headers.get("location", "")


EVIL = 'planted\r\n{"event": "forged"}\x1b[2J\x9b31m\u2028\u202e'


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """All that is logged, as it would be written: our own lines and those of libraries."""
    kept, handlers, level = io.StringIO(), logging.root.handlers[:], logging.root.level
    before = structlog.get_config()
    set_up(level="debug")
    config = structlog.get_config()
    structlog.configure(**{**config, "logger_factory": structlog.WriteLoggerFactory(kept)})
    logging.root.handlers[:] = [logging.StreamHandler(kept)]
    yield kept
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.configure(**before)


async def test_no_request_writes_a_line_of_its_own(lines: io.StringIO, story: Story, doors: Doors) -> None:
    """Every route, with line breaks, colours and JSON in the path, query, headers and form: one line each, all ours."""
    browsers = {role: await doors.browser(story.roles.get(role)) for role in ROLES}
    escaped = "planted%0d%0a%7b%22event%22%3a%22forged%22%7d%1b%5b2J"
    headers = {"User-Agent": "planted\x1b[2J\x9b31m".encode(), "Referer": b"http://x/\x1bplanted"}
    for route in ROWS:
        method, pattern = route.split(" ", 1)
        path = pattern.format(**{**story.values, **row(ROWS[route]).at})
        browser = browsers["admin" if "admin" in path or "desk" in path else "buyer"]
        if method == "GET":
            await browser.get(f"{path}?q={escaped}&next={escaped}", headers=headers)
        elif path != "/sign-out":
            form = {**dict.fromkeys(row(ROWS[route]).form, EVIL), "name": EVIL}
            if path.startswith("/api/"):
                form |= {"csrf": ""}
            await browser.client.request(method, path, data={"csrf": browser.csrf, **form}, headers=headers)
    await browsers["buyer"].get(f"/{escaped}/{escaped}")
    await browsers["nobody"].post("/sign-in", {"login": EVIL, "password": EVIL})
    text = lines.getvalue()
    assert text.count("\n") >= len(ROWS) - 3
    for line in text.splitlines():
        said = json.loads(line)
        assert {"event", "level", "timestamp"} <= said.keys(), line
        assert set(said) <= {
            "event", "level", "timestamp", "door", "route", "method", "status", "ms", "party", "peer", "code",
            "number", "kind", "frames", "error",
        }, line  # fmt: skip
    assert "planted" not in text and "forged" not in text and "\x1b" not in text


async def test_a_line_says_who_asked_for_what_and_how_it_ended(lines: io.StringIO, story: Story, doors: Doors) -> None:
    """Signing in, good or not, what was refused and why: each is one line with time, party, address, route, code."""
    nobody, buyer = await doors.browser(ip="198.51.100.4"), await doors.browser(story.buyer_id)
    await nobody.post("/sign-in", {"login": "buyer", "password": "wrong password"})
    await buyer.get("/admin")
    await buyer.post("/settings/name", {"csrf": "x"})
    order_no = story.values["order_no"]
    await buyer.get(f"/orders/{order_no[:-1]}{'B' if order_no[-1] == 'A' else 'A'}")
    api = await doors.api(story.buyer_id, "read")
    await api.get("/api/v1/admin/acts")
    said = [json.loads(line) for line in lines.getvalue().splitlines()]
    told = [(item.get("party", ""), item["route"], item["status"], item.get("code", "")) for item in said]
    assert len({item["peer"] for item in said}) == 2 and "198.51" not in lines.getvalue()
    me = str(story.buyer_id)
    assert told == [
        ("", "/sign-in", 401, "bad_credentials"),
        (me, "/admin", 403, "forbidden"),
        (me, "/settings/name", 403, "csrf"),
        (me, "/orders/{order_no}", 404, "not_found"),
        (me, "/api/v1/admin/acts", 403, "missing_scope"),
    ]


def test_what_is_logged_is_written_in_json_whatever_it_is(lines: io.StringIO) -> None:
    structlog.get_logger(door="web").info("event", text=EVIL)
    (line,) = lines.getvalue().split("\n")[:-1]
    assert json.loads(line)["text"] == EVIL and "\x1b" not in line and "\r" not in line
