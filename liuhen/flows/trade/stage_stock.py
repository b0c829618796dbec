"""A seller uploads a key file: it is read and kept encrypted for 30 minutes, and he is told what was understood."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.crypto import KeyRing, Purpose, sha256
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Frozen, InvalidInput, NotFound
from liuhen.base.ids import new_id
from liuhen.catalog.model import Delivery
from liuhen.keyfiles import store as keyfiles
from liuhen.keyfiles.model import SHOWN, STAGED_FOR, Expect, ImportState, ParsedFile, Report, Row, Shape, shapes_of
from liuhen.keyfiles.parsing import parse
from liuhen.keyfiles.store import StockImport
from liuhen.parties import store as parties
from liuhen.reads import shelf
from liuhen.reads.shelf import ShelfGoods
from liuhen.steps.shelve_keys import CHUNK, compare
from liuhen.stock.seal import mask
from liuhen.timing.workdays import shanghai_day

MAX_STAGED = 3
_SAMPLE = 5


_ONE_AT_A_TIME = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keyfiles")
"""A large file is seconds of work: who signs in must not wait behind ten of them for a thread."""


class StageStock(msgspec.Struct, frozen=True, kw_only=True):
    """shape None lets the file decide; else the seller corrects what was understood."""

    seller_id: UUID
    product_id: UUID
    filename: str
    data: bytes
    shape: Shape | None = None


class StagedStock(msgspec.Struct, frozen=True, kw_only=True):
    """`seal` (hex) is what the seller confirms: this file, this product, read in this way. expires_at in UTC."""

    import_id: UUID
    seal: str
    expires_at: datetime
    report: Report


async def stage_stock(
    db: Database, cmd: StageStock, *, keys: KeyRing, now: datetime, once: Once | None = None
) -> StagedStock:
    """Stores no key. Raises NotFound, Frozen, InvalidInput, TooLarge; then nothing is stored at all."""
    async with db.read() as tx:
        goods = await shelf.goods(tx, cmd.seller_id, cmd.product_id)
    if goods is None:
        raise NotFound("no such listing")
    expect = _expect(goods, cmd.shape, now)
    parsed = await asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, parse, cmd.data, expect)

    async def work(tx: Tx) -> StagedStock:
        if (await parties.find(tx, cmd.seller_id)).frozen_at is not None:
            raise Frozen()
        report = await _report(tx, keys, cmd.seller_id, parsed, expect.case_sensitive)
        import_id, due_at = new_id(now), now + STAGED_FOR
        options = msgspec.json.encode(expect)
        tag = keys.hmac(Purpose.STAGED, cmd.product_id.bytes, options, sha256(cmd.data))
        staged = StockImport(
            book_id=cmd.seller_id,
            id=import_id,
            product_id=cmd.product_id,
            state=ImportState.STAGED,
            filename=_plain_name(cmd.filename),
            seal=tag,
            expect=expect,
            report=report,
            total=parsed.lines,
            done=0,
            due_at=due_at,
            failure=None,
        )
        place = keyfiles.place(cmd.seller_id, import_id)
        sealed = await asyncio.to_thread(keys.encrypt, Purpose.STAGED, place, cmd.data)
        await keyfiles.insert(tx, staged, sealed, by=cmd.seller_id, now=now)
        await keyfiles.drop_staged(tx, cmd.seller_id, keep=MAX_STAGED, now=now)
        return StagedStock(import_id=import_id, seal=tag.hex(), expires_at=due_at, report=report)

    return await db.transact(work, now=now, once=once, result=StagedStock)


def _expect(goods: ShelfGoods, shape: Shape | None, now: datetime) -> Expect:
    if goods.delivery is not Delivery.AUTO:
        raise InvalidInput("this listing is delivered by hand and has no keys", reason="by_hand")
    shapes = shapes_of(goods.kind)
    if shape is not None and shape not in shapes:
        raise InvalidInput("goods of this kind do not look like that", reason="shape", shapes=list(shapes))
    return Expect(
        (shape,) if shape is not None else shapes,
        goods.case_sensitive,
        shanghai_day(now),
        goods.min_validity_days,
        goods.face_value_fen,
        goods.region,
    )


def _plain_name(filename: str) -> str:
    """The last part of what the browser sent, without what nobody can see."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in name if char.isprintable())[:255] or "keys.txt"


async def _report(tx: Tx, keys: KeyRing, book_id: UUID, parsed: ParsedFile, case_sensitive: bool) -> Report:
    in_book: list[int] = []
    short = elsewhere = 0
    for rows in _chunks(parsed.rows):
        compared = await compare(tx, keys, book_id, rows, case_sensitive)
        in_book += [rows[place].line_no for place in sorted(compared.known)]
        short += sum(row.short for place, row in enumerate(rows) if place not in compared.known)
        elsewhere += len(compared.elsewhere)
    return Report(
        encoding=parsed.encoding,
        byte_order_mark=parsed.byte_order_mark,
        layout=parsed.layout,
        shape=parsed.shape,
        header=parsed.header,
        columns=list(parsed.columns),
        lines=parsed.lines,
        rows=len(parsed.rows),
        new=len(parsed.rows) - len(in_book),
        short=short,
        blank=len(parsed.blanks),
        blanks=parsed.blanks[:SHOWN],
        refused=len(parsed.refused),
        refusals=parsed.refused[:SHOWN],
        duplicate=len(parsed.duplicates),
        duplicates=parsed.duplicates[:SHOWN],
        in_book=len(in_book),
        in_book_lines=in_book[:SHOWN],
        elsewhere=elsewhere,
        warnings=parsed.warnings,
        sample=[mask(row.fields) for row in parsed.rows[:_SAMPLE]],
    )


def _chunks(rows: list[Row]) -> Iterator[Sequence[Row]]:
    for at in range(0, len(rows), CHUNK):
        yield rows[at : at + CHUNK]
