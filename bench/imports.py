"""A file of 100,000 keys: read and kept (as the web process does), then imported (as the worker does).

Run: python -m bench.imports [--keys 100000] [--rounds 3]. Each part is a process of its own, and so is its memory.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from bench import proc
from bench.cluster import Bench
from bench.stories import FOLDER, new
from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database
from liuhen.flows.trade.confirm_stock import ConfirmStock, confirm_stock
from liuhen.flows.trade.import_stock import import_stock
from liuhen.flows.trade.stage_stock import StageStock, stage_stock
from tests.flows.world import World

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SECONDS, MEMORY_MB = 10, 300
DATABASE = "bench_imports"
_KEYS = KeyRing({1: bytes(range(32))})


def key_file(many: int) -> bytes:
    """Keys such as people sell, one a line, none twice."""
    dice = random.Random(1)
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    lines = ("-".join("".join(dice.choices(letters, k=5)) for _ in range(4)) + f"-{i:06d}\n" for i in range(many))
    return "".join(lines).encode()


async def stage(db: Database, seller: UUID, product: UUID, data: bytes) -> dict[str, str]:
    """What an upload does, and the seller's yes."""
    cmd = StageStock(seller_id=seller, product_id=product, filename="keys.txt", data=data)
    staged = await stage_stock(db, cmd, keys=_KEYS, now=NOW)
    yes = ConfirmStock(seller_id=seller, import_id=staged.import_id, seal=staged.seal)
    await confirm_stock(db, yes, now=NOW)
    return {"import": str(staged.import_id), "count": str(staged.report.new)}


async def bring_in(db: Database, seller: UUID, import_id: UUID) -> dict[str, str]:
    """What the worker does."""
    done = await import_stock(db, seller, import_id, keys=_KEYS, now=NOW)
    return {"count": str(done.imported)}


async def part(name: str, seller: UUID, what: UUID, data: bytes) -> dict[str, Any]:
    """One part inside its own process: what it found, wall and CPU seconds without the start, peak memory with it."""
    db = await Database.open(os.environ["BENCH_DSN"], size=2)
    began, spent = time.perf_counter(), time.process_time()
    found = await (stage(db, seller, what, data) if name == "stage" else bring_in(db, seller, what))
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    await db.close()
    return {**found, "wall": wall, "cpu": cpu, "peak": proc.used(os.getpid()).peak}


async def run_part(bench: Bench, name: str, seller: UUID, what: UUID, path: Path) -> dict[str, Any]:
    """The same from outside. Adds the CPU seconds of the server."""
    before = proc.server_cpu(bench.pid)
    command = [sys.executable, "-m", "bench.imports", "--part", name, str(seller), str(what), str(path)]
    environ = os.environ | {"BENCH_DSN": bench.dsn(DATABASE)}
    child = await asyncio.create_subprocess_exec(*command, env=environ, stdout=asyncio.subprocess.PIPE)
    out, _ = await child.communicate()
    if child.returncode != 0:
        raise ChildProcessError(name)
    return {**json.loads(out), "server": proc.server_cpu(bench.pid) - before}


async def measure(bench: Bench, many: int, rounds: int) -> bool:
    """Prints the table. Returns whether the limits are met."""
    runs: list[tuple[dict[str, Any], dict[str, Any]]] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "keys.txt"
        path.write_bytes(text := key_file(many))
        for _ in range(rounds):
            await new(bench, DATABASE)
            db = await Database.open(bench.dsn(DATABASE), size=2)
            world = World(db, NOW)
            seller = await world.seller()
            product = await world.listing(seller)
            await db.close()
            staged = await run_part(bench, "stage", seller, product, path)
            done = await run_part(bench, "import", seller, UUID(staged["import"]), path)
            assert int(staged["count"]) == int(done["count"]) == many
            runs.append((staged, done))
    await bench.drop(DATABASE)
    print(f"{many:,} keys, {len(text) / 1e6:.1f} MB, {rounds} rounds\n")
    print("| Part | seconds | CPU here, s | CPU server, s | peak memory, MB |\n|---|---|---|---|---|")
    for name, place in (("upload, reading, preview", 0), ("import", 1)):
        walls = sorted(run[place]["wall"] for run in runs)
        here, server = (statistics.median(run[place][one] for run in runs) for one in ("cpu", "server"))
        peak = max(run[place]["peak"] for run in runs)
        print(
            f"| {name} | {statistics.median(walls):.1f} ({walls[0]:.1f} to {walls[-1]:.1f}) | {here:.1f} |"
            f" {server:.1f} | {peak:.0f} |"
        )
    whole = statistics.median(staged["wall"] + done["wall"] for staged, done in runs)
    most = max(max(staged["peak"], done["peak"]) for staged, done in runs)
    good: bool = whole <= SECONDS and most <= MEMORY_MB
    print(f"\nBoth: {whole:.1f} s, {most:.0f} MB; limit {SECONDS} s and {MEMORY_MB} MB: {'met' if good else 'MISSED'}")
    return good


def main() -> int:
    """Exit code 1 when a limit is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--part", nargs=4, metavar=("NAME", "SELLER", "WHAT", "FILE"))
    chosen = parser.parse_args()
    if chosen.part:
        name, seller, what, file = chosen.part
        print(json.dumps(asyncio.run(part(name, UUID(seller), UUID(what), Path(file).read_bytes()))))
        return 0
    with Bench(FOLDER) as bench:
        return 0 if asyncio.run(measure(bench, chosen.keys, chosen.rounds)) else 1


if __name__ == "__main__":
    sys.exit(main())
