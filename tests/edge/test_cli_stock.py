"""`liuhen import-keys`: preview, question, import; and what it says when something is wrong."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from liuhen.base.agreements import Agreements
from liuhen.base.config import Settings
from liuhen.base.db import Database
from liuhen.base.errors import InvalidInput, NotFound
from liuhen.edge.cli import stock
from liuhen.edge.cli.main import main
from liuhen.edge.context import App
from liuhen.flows.trade.import_stock import import_stock
from liuhen.keyfiles import store as keyfiles
from liuhen.keyfiles.model import ImportState, Shape
from liuhen.timing.workdays import Calendar
from tests.flows.stock_room import RING, SAMPLES, a_product, a_seller, shelf_rows


class Frozen:
    """A clock that stands still."""

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture
def app(db: Database) -> App:
    return App(
        settings=Settings(),
        db=db,
        clock=Frozen(),
        keys=RING,
        rulebooks=(),
        calendar=Calendar.of([]),
        agreements=Agreements([]),
    )


@pytest.fixture
async def product(db: Database, now: datetime) -> UUID:
    return await a_product(db, await a_seller(db, now), now)


async def test_it_imports_and_says_what_it_understood(
    app: App, product: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    data = (SAMPLES / "steam_100.txt").read_bytes()
    assert await stock.run_import(app, str(product), "steam.txt", data, None, yes=True) == 0
    out, err = capsys.readouterr()
    assert "Read 205 lines: utf-8 with byte order mark, LINES, no header; columns KEY." in out
    assert "line 52: the same as line 4" in out
    assert "line 123: the same, but for case or blanks, as line 62" in out
    assert "Imported 200 keys, 0 of them held back." in out and "205 of 205 lines" in err
    assert "R2CD-2BL5-99QZ-V3S8" not in out
    assert len(await shelf_rows(app.db, product)) == 200
    assert await stock.run_import(app, str(product), "steam.txt", data, None, yes=True) == 1
    assert "Nothing new in this file" in capsys.readouterr().out


async def test_without_a_yes_nothing_is_imported(
    app: App, product: UUID, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = (SAMPLES / "mobile_50_gbk.txt").read_bytes()
    assert await stock.run_import(app, str(product), "m.txt", data, None, yes=False) == 1
    out = capsys.readouterr().out
    assert "line 151: no separator (••••••)" in out and "Confirm with --yes." in out
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda prompt: "n")
    assert await stock.run_import(app, str(product), "m.txt", data, None, yes=False) == 1
    assert await shelf_rows(app.db, product) == []
    monkeypatch.setattr("builtins.input", lambda prompt: "y")
    assert await stock.run_import(app, str(product), "m.txt", data, None, yes=False) == 0
    assert len(await shelf_rows(app.db, product)) == 150


async def test_it_watches_the_worker_if_that_was_faster(
    app: App, product: UUID, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = app.clock.now()
    real = stock.confirm_stock

    async def confirm_and_lose(db: Database, cmd: stock.ConfirmStock, *, now: datetime) -> object:
        done = await real(db, cmd, now=now)

        async def lease(tx: object) -> None:
            found = await keyfiles.lock(tx, cmd.seller_id, cmd.import_id)  # type: ignore[arg-type]
            await keyfiles.set_due(tx, found, ImportState.CONFIRMED, now + timedelta(minutes=10))  # type: ignore[arg-type]

        await db.transact(lease, now=now)
        worker.append(asyncio.create_task(later(cmd.seller_id, cmd.import_id)))
        return done

    async def later(book_id: UUID, import_id: UUID) -> None:
        await asyncio.sleep(0.1)
        await import_stock(app.db, book_id, import_id, keys=RING, now=now + timedelta(minutes=10))

    worker: list[asyncio.Task[None]] = []
    monkeypatch.setattr(stock, "confirm_stock", confirm_and_lose)
    monkeypatch.setattr(stock, "_POLL_SECONDS", 0.05)
    assert await stock.run_import(app, str(product), "a.txt", b"AAAA\nBBBB\n", None, yes=True) == 0
    await worker[0]
    assert "Imported 2 keys" in capsys.readouterr().out


async def test_what_is_wrong_is_one_sentence(app: App, product: UUID) -> None:
    with pytest.raises(InvalidInput, match="not the id"):
        await stock.run_import(app, "x", "a.txt", b"A", None, yes=True)
    with pytest.raises(NotFound, match="no product"):
        await stock.run_import(app, str(UUID(int=5)), "a.txt", b"A", None, yes=True)
    with pytest.raises(InvalidInput, match="empty"):
        await stock.run_import(app, str(product), "a.txt", b"", Shape.KEY, yes=True)


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import-keys", str(UUID(int=1)), str(tmp_path / "none.txt")]) == 2
    assert capsys.readouterr().err.endswith("cannot be read: No such file or directory.\n")
