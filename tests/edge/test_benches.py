"""Each bench runs, on very little: what it measures is not looked at here, only that it still can."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import deadlines, imports, pages, starts
from bench.cluster import Bench
from bench.due_world import Due
from bench.page_world import Many
from tests.ports import free_port


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench(tmp_path_factory.mktemp("bench"), {"shared_buffers": "64MB"}) as server:
        yield server


async def test_deadlines(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    await deadlines.measure(bench, Due(release=6, lapse=4, waiting=20), rounds=1, looks=2, crowds=(1,))
    out = capsys.readouterr().out
    assert "| RELEASE_ESCROW | 1 |" in out and "| LAPSE_ANSWER | 1 |" in out
    assert "LOST" not in out


async def test_pages(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    await pages.measure(bench, Many(orders=12, products=24, cases=30), requests=1)
    out = capsys.readouterr().out
    assert all(f"| {name} |" in out for name in ("order centre", "market", "review queue"))


async def test_imports(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    await imports.measure(bench, 30, rounds=1)
    assert "30 keys" in capsys.readouterr().out


async def test_starts(tmp_path: Path) -> None:
    assert (await starts.command_line()).wall > 0
    environ = {"LIUHEN_DATA_DIR": str(tmp_path), "LIUHEN_SANDBOX_ENABLED": "true"}
    environ["LIUHEN_SANDBOX_PORT"] = port = str(free_port())
    command = (*starts.CLI, "sandbox")
    start, child = await starts.until_answer(command, environ, f"http://127.0.0.1:{port}/")
    await starts.end(child)
    assert start.wall > 0
