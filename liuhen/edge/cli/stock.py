"""`liuhen import-keys PRODUCT FILE`: the same upload, preview and import that the seller's page offers."""

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from liuhen.base import directory
from liuhen.base.config import read_settings
from liuhen.base.errors import InvalidInput, NotFound, StateConflict, Unavailable
from liuhen.edge import boot
from liuhen.edge.context import App
from liuhen.flows.trade.confirm_stock import ConfirmStock, confirm_stock
from liuhen.flows.trade.import_stock import import_stock
from liuhen.flows.trade.stage_stock import StagedStock, StageStock, stage_stock
from liuhen.keyfiles.model import MAX_FILE_BYTES, DuplicateKind, ImportState, Note, Refusal, Report, Shape
from liuhen.reads import shelf

_SHOWN = 20
_POLL_SECONDS = 0.5
_REFUSED = {
    Refusal.LINE_TOO_LONG: "longer than 4 KB",
    Refusal.BAD_TEXT: "not readable in the file's encoding",
    Refusal.CONTROL_CHARACTER: "holds a character that nobody can see",
    Refusal.BAD_QUOTES: "a quote that does not end",
    Refusal.NO_SEPARATOR: "no separator",
    Refusal.TOO_FEW_FIELDS: "fields are missing",
    Refusal.TOO_MANY_FIELDS: "more fields than the header names",
    Refusal.EMPTY_FIELD: "an empty field",
    Refusal.BAD_DATE: "a date that is none",
    Refusal.EXPIRED: "expired",
    Refusal.BAD_FACE_VALUE: "a face value that is no amount",
    Refusal.REGION_TOO_LONG: "a region of more than 60 characters",
}
_DUPLICATE = {
    DuplicateKind.EXACT: "the same as line",
    DuplicateKind.FOLDED: "the same, but for case or blanks, as line",
}
_NOTES = {
    Note.EXPIRES_SOON: "expire too soon to be sold and are held back; the first on",
    Note.SAME_SERIAL: "repeat a card number or login with another password; lines",
    Note.OTHER_FACE_VALUE: "have another face value than the listing (fen)",
    Note.OTHER_REGION: "are for another region than the listing",
    Note.COLUMN_NOT_USED: "columns are not used",
}


def register(commands: Any) -> None:
    """Adds this group's commands."""
    add = commands.add_parser("import-keys", help="bring a key file to the shelf of a product, after a preview")
    add.add_argument("product", help="id of the product")
    add.add_argument("file", type=Path, help="UTF-8, GBK or UTF-16; one key a line, ----, tab, | or CSV")
    add.add_argument("--shape", choices=[str(shape) for shape in Shape], help="what a line is, if not as understood")
    add.add_argument("--yes", action="store_true", help="import without asking")
    add.set_defaults(run=_import_keys)


def _import_keys(chosen: argparse.Namespace) -> int:
    """Exit code 1 where the answer was no."""
    data = _read(chosen.file)
    return asyncio.run(_with_app(chosen, data))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)  # the flow names the limit
    except OSError as error:
        raise Unavailable(f"The file {path} cannot be read: {error.strerror}.") from error


async def _with_app(chosen: argparse.Namespace, data: bytes) -> int:
    app = await boot.open_app(read_settings(os.environ))
    try:
        return await run_import(
            app, chosen.product, chosen.file.name, data, Shape(chosen.shape) if chosen.shape else None, yes=chosen.yes
        )
    finally:
        await boot.close_app(app)


async def run_import(
    app: App, product: str, filename: str, data: bytes, shape: Shape | None, *, yes: bool
) -> int:
    """Preview, question, import. Exit code 0 imported, 1 not wanted. Raises NotFound, InvalidInput, TooLarge."""
    seller_id, product_id = await _find(app, product)
    cmd = StageStock(seller_id=seller_id, product_id=product_id, filename=filename, data=data, shape=shape)
    staged = await stage_stock(app.db, cmd, keys=app.keys, now=app.clock.now())
    print("\n".join(preview(staged.report)))
    if not staged.report.new:
        print("Nothing new in this file; nothing was imported.")
        return 1
    if not yes and not await asyncio.to_thread(_asked, staged.report.new):
        print("Nothing was imported.")
        return 1
    yes_to = ConfirmStock(seller_id=seller_id, import_id=staged.import_id, seal=staged.seal)
    await confirm_stock(app.db, yes_to, now=app.clock.now())
    await _carry_out(app, seller_id, staged)
    return 0


async def _find(app: App, product: str) -> tuple[UUID, UUID]:
    try:
        wanted = UUID(product)
    except ValueError as error:
        raise InvalidInput(f"{product} is not the id of a product.") from error
    async with app.db.read() as tx:
        place = await directory.find(tx, "product", str(wanted))
    if place is None:
        raise NotFound(f"There is no product {product}.")
    return place.book_id, place.id


def preview(report: Report) -> list[str]:
    """What was understood and what is refused, line by line."""
    mark = " with byte order mark" if report.byte_order_mark else ""
    columns = ", ".join(str(column) if column else "(not used)" for column in report.columns)
    found = [
        f"Read {report.lines} lines: {report.encoding}{mark}, {report.layout},"
        f" {'header row' if report.header else 'no header'}; columns {columns}.",
        f"New keys: {report.new}, of which held back as they expire too soon: {report.short}.",
        f"Left out: {report.refused} refused, {report.duplicate} duplicates, {report.in_book} in stock already,"
        f" {report.blank} blank lines.",
    ]
    found += [f"  like {shown}" for shown in report.sample]
    found += [f"  line {r.line_no}: {_REFUSED[r.code]} ({r.shown})" for r in report.refusals[:_SHOWN]]
    found += [f"  line {d.line_no}: {_DUPLICATE[d.kind]} {d.first_line_no}" for d in report.duplicates[:_SHOWN]]
    found += [f"  line {number}: in stock already" for number in report.in_book_lines[:_SHOWN]]
    if max(report.refused, report.duplicate, report.in_book) > _SHOWN:
        found.append("  ... and more")
    found += [f"Note: {w.lines} {_NOTES[w.note]} {w.detail}" for w in report.warnings]
    if report.elsewhere:
        found.append(f"Note: {report.elsewhere} of these keys are in another shop too.")
    return found


def _asked(new: int) -> bool:
    if not sys.stdin.isatty():
        print("Confirm with --yes.")
        return False
    return input(f"Import {new} keys? [y/N] ").strip().lower() in ("y", "yes")


async def _carry_out(app: App, seller_id: UUID, staged: StagedStock) -> None:
    """Imports here, or watches the worker if it was faster. Raises InvalidInput if the import fails."""
    try:
        done = await import_stock(
            app.db, seller_id, staged.import_id, keys=app.keys, now=app.clock.now(), progress=_show
        )
    except StateConflict:  # the worker was faster
        await _watch(app, seller_id, staged)
    else:
        print(f"Imported {done.imported} keys, {done.short} of them held back.")


async def _watch(app: App, seller_id: UUID, staged: StagedStock) -> None:
    while True:
        async with app.db.read() as tx:
            line = await shelf.import_line(tx, seller_id, staged.import_id)
        if line is None or line.state is ImportState.FAILED:
            raise InvalidInput(line.failure or "The import failed." if line else "The import is gone.")
        if line.state is ImportState.DONE:
            print(f"Imported {line.report.new} keys, {line.report.short} of them held back.")
            return
        await _show(line.done, line.total)
        await asyncio.sleep(_POLL_SECONDS)


async def _show(done: int, total: int) -> None:
    print(f"  {done} of {total} lines", file=sys.stderr)
