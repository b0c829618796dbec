"""Card keys that can be recognised anywhere, led through the whole house: nobody but their buyer ever sees one.

What is searched: every answer to everybody, everything logged, the metrics, every row of every table, every file that
was written (backups: tests/edge/test_backup.py). In what forms: as it is, folded, in other encodings, packed for a
mail or an address, as any part of eleven characters, and as six at either end (a mask shows four, the first two and
the last two).
"""

import base64
import io
import json
import logging
import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog

from liuhen.base.crypto import new_token, sha256
from liuhen.base.masking import mask_fields, mask_text
from liuhen.edge.cli import stock as cli_stock
from liuhen.edge.log import set_up
from liuhen.edge.worker import poller
from liuhen.flows.trade import show_goods
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from tests.edge.attacks.asking import ask
from tests.edge.attacks.estate import Estate
from tests.edge.doors import KEYS, Browser, Caller, Doors
from tests.edge.fake_issuer import redemption_event
from tests.edge.test_who_may import ROWS, SCOPES
from tests.edge.who_may.table import row
from tests.flows.world import World

V1 = "/api/v1"
_HEX = re.compile(r"[0-9a-fA-F]+")
PLAIN = [f"ZQ7K-PLANTED{n:02d}-XW{n:02d}-VJ4H" for n in range(12)]
CARDS = [(f"8899{n:02d}5500ZYPLANT{n:02d}", f"PWPLANT{n:02d}QXJ") for n in range(4)]
BAD = ["ZQ7K-PLANTEDBAD\x01-77", "ZQ7K-PLANTEDLONG" + "X" * 5000, "88995500ZYPLANTALONE"]
HANDED = "ZQPLANTEDBYHAND-90210"
TARGET = "13987650319"
SECRETS = [*PLAIN, *(part for card in CARDS for part in card), BAD[0].replace("\x01", ""), BAD[2], HANDED]


def needles() -> Iterator[str]:
    """Every form in which a key could be somewhere."""
    for key in SECRETS:
        yield from (key, key.lower(), key.replace("-", ""), key.replace("-", "").lower())
        parts = (key[at : at + 8] for at in range(2, len(key) - 9, 4))
        ends = (key[:6], key[-6:])  # a mask that shows more than two characters at either end shows these soon
        yield from (part for part in (*parts, *ends) if not _HEX.fullmatch(part))  # those are in any long number
        raw = key.encode()
        yield from (raw.hex(), sha256(raw).hex(), key.encode("utf-16-le").hex(), key[::-1])
        for lead in range(3):  # base64 of it, wherever it begins
            yield base64.b64encode(bytes(lead) + raw).decode().rstrip("=")[4:-2]


NEEDLES = sorted(set(needles()))


def found(text: str) -> list[str]:
    return [needle for needle in NEEDLES if needle in text]


@dataclass
class House:
    """The estate with planted keys, and everything that anybody was told."""

    estate: Estate
    doors: Doors
    told: list[tuple[str, str, str]] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    own: bool = False

    async def keep(self, answer: httpx.Response) -> None:
        await answer.aread()
        text = f"{answer.headers.raw} {answer.url} {answer.content!r}"
        (
            self.owners.append(answer.text)
            if self.own
            else self.told.append((answer.request.method, str(answer.url), text))
        )

    async def browser(self, party_id: UUID | None) -> Browser:
        made = await self.doors.browser(party_id)
        made.client.event_hooks["response"].append(self.keep)
        return made

    async def api(self, party_id: UUID, *scopes: str) -> Caller:
        made = await self.doors.api(party_id, *scopes)
        made.client.event_hooks["response"].append(self.keep)
        return made


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """All that is logged at all, by us and by libraries."""
    kept, handlers, before = io.StringIO(), logging.root.handlers[:], structlog.get_config()
    set_up(level="debug")
    structlog.configure(**{**structlog.get_config(), "logger_factory": structlog.WriteLoggerFactory(kept)})
    logging.root.handlers[:] = [logging.StreamHandler(kept)]
    logging.root.setLevel(logging.DEBUG)
    yield kept
    logging.root.handlers[:] = handlers
    structlog.configure(**before)


@pytest.fixture
async def house(world: World, doors: Doors) -> AsyncIterator[House]:
    estate = Estate(world.db, world.now, keys=KEYS)
    await estate.tell(doors)
    yield House(estate, doors)


async def _import(house: House) -> UUID:
    """By the API, by the page and by the command; good files in two forms, and bad ones with keys in them."""
    estate, seller = house.estate, await house.api(house.estate.seller_id, "read", "sell")
    card = await estate.listing(estate.seller_id, title="木棉点卡", price=9800)
    lines = "\n".join([*PLAIN[:6], PLAIN[0], PLAIN[1].lower()]) + "\n"
    uploads = f"{V1}/seller/products/{card}/stock/uploads"
    mixed = "\n".join(BAD).encode()
    pairs = "卡号,密码,面值\n" + "".join(f"{number},{secret},100\n" for number, secret in CARDS) + f"{BAD[2]},,x\n"
    for data in (lines.encode(), pairs.encode("gb18030"), mixed, b"PK\x03\x04" + PLAIN[11].encode()):
        headers = {"Content-Type": "text/plain", "Idempotency-Key": new_token("")}
        answer = await seller.client.post(f"{uploads}?filename=keys.txt", content=data, headers=headers)
        if answer.status_code == 201:
            seal = {"seal": answer.json()["seal"]}
            await seller.post(f"{V1}/seller/stock/uploads/{answer.json()['id']}/confirm", {"seal": "0" * 64})
            await seller.post(f"{V1}/seller/stock/uploads/{answer.json()['id']}/confirm", seal)
    page = await house.browser(estate.seller_id)
    for data in ("\n".join(PLAIN[4:9]).encode(), mixed, b"\x00" * 50 + PLAIN[11].encode()):
        await page.post(f"/seller/products/{card}/stock", files={"file": ("keys.txt", data, "text/plain")})
    while await poller(house.doors.app).tick():
        pass
    await cli_stock.run_import(house.doors.app, str(card), "keys.txt", "\n".join(PLAIN[8:11]).encode(), None, yes=True)
    while await poller(house.doors.app).tick():
        pass
    assert (await estate.key_states(card))["AVAILABLE"] >= 13
    return card


async def _sell(house: House, card: UUID) -> tuple[str, list[str]]:
    """Bought, looked at in all ways by its owner, used, given back, looked at by a reviewer with a reason."""
    estate, buyer = house.estate, await house.api(house.estate.buyer_id, "read", "buy")
    await estate.fund(estate.buyer_id, 100_000)
    placed = await estate.order(estate.buyer_id, estate.seller_id, card, 3)
    path, units = f"{V1}/orders/{placed.order_no}", [str(unit["id"]) for unit in await estate.units(placed)]
    await buyer.get(f"{path}/units/{units[0]}/reveal-preview")
    assert (await buyer.post(f"{path}/reveal", {"unit_ids": units})).status_code == 200
    await buyer.post(f"{path}/refund-preview", {"unit_ids": units, "reason": "INVALID_KEY"})
    browser = await house.browser(estate.buyer_id)
    await browser.get(f"/orders/{placed.order_no}")
    house.own = True
    assert (await buyer.post(f"{path}/goods", {"unit_ids": units})).status_code == 200
    assert (await browser.post(f"/orders/{placed.order_no}/keys", {"units": "1-3"})).status_code == 200
    house.own = False
    case = (await estate.ask_one(placed, ReasonCode.INVALID_KEY, UUID(units[0]))).case_no
    answer = await (await house.api(estate.seller_id, "read", "sell")).post(
        f"{V1}/cases/{case}/answer", {"answer": "REFUSED", "reasons": "发货前已验过"}
    )
    assert answer.status_code == 200, answer.text
    reviewer = await house.api(estate.roles["reviewer"], "read", "review")
    await reviewer.post(f"{V1}/cases/{case}/claim")
    house.own = True
    looked = await reviewer.post(f"{V1}/cases/{case}/units/{units[0]}/look", {"reason": "核对卡密的位数"})
    house.own = False
    assert looked.status_code == 200, looked.text
    await reviewer.post(f"{V1}/cases/{case}/decide", {"ruling": "granted", "reasons": "证据充分"})
    return placed.order_no, units


async def _by_hand(house: House) -> None:
    """What a hand delivers is a secret of its buyer too, and so is where it went."""
    estate, seller = house.estate, await house.api(house.estate.seller_id, "read", "sell")
    phone = await estate.listing(
        estate.seller_id, title="代充账号", price=100, kind=GoodsKind.DIRECT_TOP_UP, target_label="手机号"
    )
    placed = await estate.order(estate.buyer_id, estate.seller_id, phone, target=TARGET)
    path = f"{V1}/seller/orders/{placed.order_no}/deliveries"
    assert (await seller.post(path, {"line_no": 1, "text": HANDED})).status_code == 201
    estate.values["order_no"] = placed.order_no


async def _issuer(house: House) -> None:
    """An issuer's event names the key by its serial, another by its hash."""
    admin = await _admin(house)
    made = (await admin.post(f"{V1}/admin/issuers", {"name": "木棉发行"})).json()
    client = house.doors.client()
    client.event_hooks["response"].append(house.keep)
    for number, data in enumerate(
        ({"serial": CARDS[0][0]}, {"serial": None, "key_sha256": sha256(PLAIN[0].encode()).hex()})
    ):
        headers, body = redemption_event(house.estate.now, made["secret"], event_id=f"m{number}", **data)
        await client.post(f"/callbacks/issuers/{made['issuer_id']}", content=body, headers=headers)
        await client.post(f"/callbacks/issuers/{made['issuer_id']}", content=body + b" ", headers=headers)


async def _admin(house: House) -> Caller:
    return await house.api(house.estate.roles["admin"], *SCOPES["admin"])


async def _breaks(house: House, order_no: str, units: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The seal opens, and then something breaks with the key in its message and in its frames."""
    estate = house.estate

    def broken(*_: Any, **__: Any) -> Any:
        content = PLAIN[0]
        raise RuntimeError(f"cannot show {content}")

    async def lost(*_: Any, **__: Any) -> Any:
        raise OSError(f"disk full while writing {PLAIN[1]}")

    buyer, page = await house.api(estate.buyer_id, "read", "buy"), await house.browser(estate.buyer_id)
    seller = await house.api(estate.seller_id, "read", "sell")
    with monkeypatch.context() as patch:
        patch.setattr(show_goods, "open_seal", broken)
        assert (await buyer.post(f"{V1}/orders/{order_no}/units/{units[1]}/goods")).status_code == 500
        assert (await page.post(f"/orders/{order_no}/units/2", {"act": "show"})).status_code == 500
    with monkeypatch.context() as patch:
        patch.setattr(type(house.doors.db), "transact", lost)
        assert (await page.post("/settings/name", {"display_name": "x"})).status_code >= 500
        headers = {"Content-Type": "text/plain", "Idempotency-Key": new_token("")}
        path = f"{V1}/seller/products/{estate.product}/stock/uploads?filename=k.txt"
        answer = await seller.client.post(path, content=PLAIN[11].encode(), headers=headers)
        assert answer.status_code >= 500


async def _everybody_looks_everywhere(house: House, order_no: str, units: list[str], card: UUID) -> None:
    """Every address that can be read, by everybody, with the ids of this story; exports, metrics, the record."""
    estate = house.estate
    more = {"order_no": order_no, "unit_id": units[0], "product_id": str(card), "no": "1"}
    people = [None, *(estate.roles[role] for role in ("buyer", "seller", "reviewer", "admin"))]
    doors: list[Browser | Caller] = [await house.browser(one) for one in people]
    apis = [await house.api(estate.roles[role], *SCOPES[role]) for role in ("buyer", "seller", "admin")]
    for route in ROWS:
        if route.startswith("GET "):
            values = {**estate.at(route), **row(ROWS[route]).at, **more}
            for door in apis if " /api/" in route else doors:
                await ask(door, route, values, {})
    here = house.doors.client("127.0.0.1")
    here.event_hooks["response"].append(house.keep)
    assert (await here.get("/metrics")).status_code == 200


async def _rows(house: House) -> str:
    """The text of every row of every table, as a dump would have it."""
    async with house.doors.db.read() as tx:
        tables = await tx.fetch(
            "select c.oid::regclass::text as name from pg_class c where c.relkind = 'r'"
            " and c.relnamespace = 'public'::regnamespace"
        )
        texts = [
            await tx.fetchval(f"select coalesce(string_agg(t::text, e'\\n'), '') from {t['name']} t") for t in tables
        ]
    return "\n".join(texts)


async def test_nobody_but_its_buyer_ever_sees_a_key(
    house: House,
    lines: io.StringIO,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(waiting))  # whatever is written for a while is found below
    card = await _import(house)
    order_no, units = await _sell(house, card)
    await _by_hand(house)
    await _issuer(house)
    await _breaks(house, order_no, units, monkeypatch)
    await _everybody_looks_everywhere(house, order_no, units, card)
    shown = "".join(house.owners)
    assert found(shown), "the owner does see his keys: the search finds what there is"
    assert len(house.told) > 500
    leaks = [(method, url, found(text)[:3]) for method, url, text in house.told if found(text)]
    assert leaks == []
    said = "".join(capsys.readouterr())
    assert "木棉" in said or "Imported" in said
    for where, text in {"log": lines.getvalue(), "output": said, "database": await _rows(house)}.items():
        assert len(text) > 200 and found(text) == [], where
    assert _leaks_in_files(tmp_path) == []
    assert list(waiting.iterdir()) == [], "nothing has a name while it waits"


def _leaks_in_files(folder: Path) -> list[str]:
    """Uploads and whatever else was written below the data folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files, "pictures are kept in files"
    return [
        str(path) for path in files if found(f"{path} {path.read_bytes().hex()} {path.read_bytes().decode('latin-1')}")
    ]


def test_the_search_finds_what_is_planted() -> None:
    key = PLAIN[3]
    raw = key.encode()
    for text in (
        f"x{key}y",
        key.lower(),
        f"..{key[5:16]}",
        f"{key[:6]}••••••",
        f"••••••{key[-6:]}",
        json.dumps({"a": key}),
        raw.hex(),
        f"\\x00{raw.hex()}00",
        base64.b64encode(raw).decode(),
        base64.b64encode(b"ab" + raw + b"c").decode(),
        sha256(raw).hex(),
    ):
        assert found(text), text
    assert not found(f"{key[:2]}••••••{key[-2:]}")


def test_a_mask_shows_two_characters_at_either_end_of_ten_or_more() -> None:
    assert mask_text("ABCDEFGHIJ") == "AB••••••IJ" and mask_text("ABCDEFGHIJ" * 20) == "AB••••••IJ"
    assert mask_text("ABCDEFGHI") == mask_text("A") == "••••••"
    assert mask_fields(["88990055001234", "1234", ""]) == "88••••••34 · •••••• · –"
