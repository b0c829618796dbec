"""Files that are not what they say, or more than they seem: refused, or shown so that they can do no harm."""

import io
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib

import httpx
import pytest
from PIL import Image

from liuhen.base.crypto import new_token
from liuhen.base.errors import TooLarge
from liuhen.evidence.pictures import make_viewable
from tests.edge.attacks.estate import Estate, png
from tests.edge.doors import KEYS, Browser, Caller, Doors
from tests.flows.world import World

SCRIPT = b"<html><script>alert(document.domain)</script></html>"
V1 = "/api/v1"


def _jpeg(comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", comment=comment, exif=_exif())
    return out.getvalue()


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (31.0, 13.0, 50.0)}  # where it was taken
    exif[0x010E] = "<script>alert(1)</script>"
    return exif


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels, and packs as many rows as fit."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(bytes(20_000_000), 9))
        + _chunk(b"IEND", b"")
    )


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", bytes(50_000_000))
        packed.writestr("../../evil.txt", b"x")
    return out.getvalue()


# What is a whole picture, with something behind or inside it: taken, but nothing of it is served as a page.
POLYGLOTS = {
    "png, then a page": png() + SCRIPT,
    "jpeg with a page as its comment": _jpeg(SCRIPT),
    "png, then a zip": png() + _zip()[:2000],
    "png, then php": png() + b"<?php system($_GET['x']); ?>",
}
# What is no picture of a kind that we take, or too much of one.
REFUSED = {
    "a page": SCRIPT,
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "gif": b"GIF89a" + bytes(40),
    "gif and script": b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//",
    "half a png": png()[:60],
    "a picture a hundred thousand wide": _bomb(100_000, 100_000),
    "a picture of a hundred million pixels": _bomb(10_001, 10_000),
    "a picture that says it has no size": _bomb(0, 0),
    "a zip": _zip(),
    "a pdf": b"%PDF-1.7\n1 0 obj\n<< /JS (alert) >>",
    "an icon": b"\x00\x00\x01\x00\x01\x00" + bytes(40),
    "tiff": b"II*\x00" + bytes(60),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "nothing": b"",
}


@pytest.fixture
async def estate(world: World, doors: Doors) -> Estate:
    made = Estate(world.db, world.now, keys=KEYS)
    await made.tell(doors)
    return made


async def _send(estate: Estate, doors: Doors, data: bytes, name: str = "a.png") -> httpx.Response:
    buyer = await doors.api(estate.buyer_id, "read", "buy")
    path = f"{V1}/orders/{estate.values['order_no']}/pictures"
    headers = {"Content-Type": "image/png", "Idempotency-Key": new_token("")}
    return await buyer.client.post(path, params={"filename": name}, content=data, headers=headers)


@pytest.mark.parametrize("kind", REFUSED)
async def test_what_is_no_picture_is_refused(kind: str, estate: Estate, doors: Doors) -> None:
    """Quickly, and without as much memory as it claims to need; on the page it is named and nothing is kept."""
    tracemalloc.start()
    began = time.process_time()
    answer = await _send(estate, doors, REFUSED[kind])
    spent, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code in (413, 422), (kind, answer.status_code)
    assert spent < 2 and peak < 60_000_000, (spent, peak)
    buyer = await doors.browser(estate.buyer_id)
    files = [("pictures", ("a.png", REFUSED[kind], "image/png"))]
    page = await buyer.post(f"/orders/{estate.values['order_no']}/refund/pictures", {"units": "2"}, files=files)
    assert page.status_code in (200, 422) and "<script>alert" not in page.text


FOUR_AT_ONCE = """
import asyncio, re, struct, sys, zlib
from liuhen.base.errors import TooLarge
from liuhen.evidence.pictures import draw
from tests.edge.attacks.test_uploads import packed

def most():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1000

async def main():
    bomb = packed(4400, 4400)
    before = most()
    await draw(bomb)
    one = most() - before
    await asyncio.gather(*(draw(bomb) for _ in range(4)))
    print(len(bomb), one, most() - before)

asyncio.run(main())
"""


def packed(width: int, height: int) -> bytes:
    """A whole PNG of one colour: some kilobytes that become four bytes a pixel."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rows = zlib.compressobj(9)
    body = b"".join(rows.compress(bytes(1 + 4 * width)) for _ in range(height)) + rows.flush()
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def test_four_bombs_at_once_take_the_room_of_one() -> None:
    """What the process really takes: tracemalloc knows nothing of what the decoders ask for."""
    done = subprocess.run([sys.executable, "-c", FOUR_AT_ONCE], capture_output=True, text=True, check=True)
    size, one, four = map(int, done.stdout.split())
    assert size < 200_000 and 70 < one < 250, (size, one)
    assert four < one * 1.5 + 20, (one, four)


def test_a_webp_of_some_bytes_does_not_take_a_gigabyte() -> None:
    out = io.BytesIO()
    Image.new("RGB", (5000, 5000), "red").save(out, "WEBP", lossless=True, quality=0, method=0)
    assert len(out.getvalue()) < 10_000
    with pytest.raises(TooLarge):
        make_viewable(out.getvalue())


@pytest.mark.parametrize("kind", POLYGLOTS)
async def test_a_picture_with_more_in_it_is_only_ever_a_picture(kind: str, estate: Estate, doors: Doors) -> None:
    """The copy that is shown is drawn anew; the original is a download that no browser runs or guesses at."""
    buyer, api = await doors.browser(estate.buyer_id), await doors.api(estate.buyer_id, "read", "buy")
    case = f"/cases/{estate.values['case_no']}"
    headers = {"Content-Type": "image/png", "Idempotency-Key": new_token("")}
    sent = await api.client.post(
        f"{V1}{case}/pictures", params={"filename": "evil.html"}, content=POLYGLOTS[kind], headers=headers
    )
    assert sent.status_code == 201, sent.text
    path = f"{case}/pictures/{sent.json()['id']}"
    shown = await buyer.get(path)
    assert shown.headers["content-type"] == "image/jpeg" and shown.headers["x-content-type-options"] == "nosniff"
    for trace in (b"script", b"php", b"PK\x03\x04", b"Exif", b"evil"):
        assert trace not in shown.content
    for kept in (await buyer.get(f"{path}/original"), await api.get(f"{V1}{path}?size=original")):
        assert kept.content == POLYGLOTS[kind] or kept.status_code == 422
        if kept.status_code == 200:
            assert kept.headers["content-disposition"].startswith("attachment")
            assert kept.headers["content-type"] in ("image/png", "image/jpeg", "application/octet-stream")
            assert kept.headers["x-content-type-options"] == "nosniff"
            policy = kept.headers["content-security-policy"]
            assert "default-src 'none'" in policy and "script-src" not in policy.replace("script-src 'self'", "")


NAMES = {
    "a line break": "a\r\nSet-Cookie: evil=1\r\n.png",
    "a quote": 'a".png; filename=evil.html; x="',
    "a path": "../../../etc/cron.d/evil.png",
    "a path of Windows": "..\\..\\evil.png",
    "a turned name": "gpj.\u202eexe.png",
    "colours": "\x1b[31mevil\x1b[0m.png",
    "a tag": "<img src=x onerror=alert(1)>.png",
    "a formula": "=HYPERLINK(0).png",
    "long": "x" * 250 + ".png",
    "half a character": "\udcff.png".encode("utf-8", "surrogateescape").decode("latin-1"),
}


@pytest.mark.parametrize("kind", NAMES)
async def test_a_files_name_is_a_text_and_nothing_else(kind: str, estate: Estate, doors: Doors) -> None:
    """In headers, on pages, as a path."""
    name = NAMES[kind]
    buyer = await doors.browser(estate.buyer_id)
    answer = await _send(estate, doors, png(77), name)
    assert answer.status_code in (201, 422), answer.text
    if answer.status_code == 422:
        return
    path = f"/orders/{estate.values['order_no']}/refund/pictures/{answer.json()['id']}"
    kept = await buyer.get(path)
    assert kept.status_code == 200 and "set-cookie" not in kept.headers
    assert (
        "\r" not in str(kept.headers.raw) and "evil=1" not in kept.headers["content-disposition"].split("filename*")[0]
    )
    listed = (
        await (await doors.api(estate.buyer_id, "read")).get(f"{V1}/orders/{estate.values['order_no']}/pictures")
    ).text
    assert "\\u001b" not in listed and "\u202e" not in listed and "\\r" not in listed and "../" not in listed
    page = await buyer.get(f"/orders/{estate.values['order_no']}/refund?units=2")
    assert "<img src=x" not in page.text


KEY_FILES = {
    "a workbook that unpacks to fifty megabytes": (_zip(), "workbook"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), None),
    "a picture": (png(), None),
    "zeros": (bytes(1_000_000), None),
    "a quote that never ends": (b'a,"' + b"b,c\n" * 200_000, None),
    "one line of ten megabytes": (b"A" * 10_000_000, None),
    "more lines than are taken": (b"K\n" * 200_001, "file_lines"),
    "commas": (b"," * 1_000_000, None),
    "quotes": (b'"' * 1_000_000, None),
    "tabs, dashes and pipes": (b"a\t----|" * 100_000, None),
    "turned letters": ("\u202ekey\u202c\n".encode() * 1000, None),
    "broken utf-8": (b"\xc3\x28\xa0\xa1" * 10_000, None),
    "long half surrogates": (b"\xff\xfe" + b"\x00\xd8" * 10_000, None),
}


@pytest.mark.parametrize("kind", KEY_FILES)
async def test_a_strange_key_file_is_understood_or_refused_soon(kind: str, estate: Estate, doors: Doors) -> None:
    data, reason = KEY_FILES[kind]
    seller = await doors.api(estate.seller_id, "read", "sell")
    began = time.process_time()
    answer = await _upload(seller, estate, data)
    assert time.process_time() - began < 5
    assert answer.status_code in (201, 413, 422), answer.text
    if reason:
        assert answer.json()["data"]["reason"] == reason
    if answer.status_code == 201:
        text = answer.text
        assert "\\u202e" not in text and "\u202e" not in text and len(text) < 300_000
        page = await (await doors.browser(estate.seller_id)).get(f"/seller/stock/imports/{answer.json()['id']}")
        assert page.status_code == 200 and "\u202e" not in page.text


async def test_nobody_fills_the_disk_with_uploads(estate: Estate, doors: Doors) -> None:
    """Of files that wait for a yes only the newest few are kept; pictures of a draft are counted too."""
    seller = await doors.api(estate.seller_id, "read", "sell")
    for number in range(12):
        assert (await _upload(seller, estate, f"KEY-{number:05d}-{number:05d}\n".encode())).status_code == 201
    async with estate.db.read() as tx:
        kept = await tx.fetchval("select count(*) from stock_import where staged is not null")
    assert kept <= 10
    answers = [(await _send(estate, doors, png(shade))).status_code for shade in range(100, 130)]
    assert answers.count(201) < 30 and set(answers) <= {201, 413, 422, 429, 409}, answers


async def _upload(seller: Caller, estate: Estate, data: bytes) -> httpx.Response:
    path = f"{V1}/seller/products/{estate.product}/stock/uploads"
    headers = {"Content-Type": "text/plain", "Idempotency-Key": new_token("")}
    return await seller.client.post(path, params={"filename": "keys.txt"}, content=data, headers=headers)


async def test_a_seal_of_strange_letters_is_refused(estate: Estate, doors: Doors) -> None:
    seller = await doors.api(estate.seller_id, "read", "sell")
    path = f"{V1}/seller/stock/uploads/{estate.values['upload_id']}/confirm"
    assert (await seller.post(path, {"seal": "封" * 64})).status_code == 422
    browser: Browser = await doors.browser(estate.seller_id)
    page = await browser.post(f"/seller/stock/imports/{estate.values['upload_id']}/confirm", {"seal": "封" * 64})
    assert page.status_code == 422
