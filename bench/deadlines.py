"""Deadlines: what a look costs while a million wait, and how many due ones a worker settles in a second.

Run: python -m bench.deadlines [--due 20000] [--waiting 1000000] [--rounds 3]
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from bench import proc
from bench.cluster import Bench
from bench.due_world import NOW, TODAY, Due, fill, tell
from bench.stories import FOLDER, new, scratch
from liuhen.base.db import Database
from liuhen.reads import due
from liuhen.reads.books import check_books
from liuhen.reads.due import DueKind, Wanted

POLL_MS = 0.2
PER_SECOND = 1500
TEMPLATE, ROUND = "bench_due", "bench_due_round"
_SETTLED = {
    DueKind.RELEASE_ESCROW: ("order_unit", "released_at", "escrow = 'RELEASED'"),
    DueKind.LAPSE_ANSWER: ("refund_case", "decided_at", "decided_by = 'SILENCE'"),
}


class Run(NamedTuple):
    """What one round took: items, seconds, CPU seconds of the workers with their start and of the server, peak MB."""

    settled: int
    seconds: float
    worker_cpu: float
    server_cpu: float
    peak: float


async def polls(bench: Bench, database: str, looks: int) -> dict[DueKind, tuple[float, float]]:
    """Milliseconds of the look for each kind while nothing is due: (in the server, from here); medians.

    In the server is what EXPLAIN ANALYZE tells of the prepared statement, planning and execution, once its plan is
    kept, as it is for a worker after five looks.
    """
    found = {}
    async with bench.owner(database) as owner:
        for place, kind in enumerate(DueKind):
            sql, args = due.question({kind: Wanted(50)}, NOW)
            statement = await owner.prepare(sql)
            await owner.execute(f"prepare look_{place} (timestamptz, uuid[], bigint) as {sql}")
            named_look = f"execute look_{place} ('{args[0].isoformat()}', '{{}}', {args[2]})"
            walls, inside = [], []
            for look in range(looks + 10):
                began = time.perf_counter()
                await statement.fetch(*args)
                wall = (time.perf_counter() - began) * 1000
                plan = json.loads(await owner.fetchval(f"explain (analyze, timing off, format json) {named_look}"))[0]
                if look >= 10:
                    walls.append(wall)
                    inside.append(plan["Planning Time"] + plan["Execution Time"])
            found[kind] = (statistics.median(inside), statistics.median(walls))
    return found


async def settle(bench: Bench, database: str, kind: DueKind, workers: int, many: int) -> Run:
    """Starts real workers on a database where `many` items of one kind are due, and waits until none is.

    Seconds are from the first item's time to the last one's, as the rows have it, so that no start-up counts.
    """
    table, at, done = _SETTLED[kind]
    environ = {key: value for key, value in os.environ.items() if not key.startswith("LIUHEN_")}
    command = [sys.executable, "-m", "liuhen.edge.cli.main", "worker"]
    async with bench.owner(database) as owner:
        with TemporaryDirectory() as folder:
            environ |= {"LIUHEN_DATABASE_URL": bench.dsn(database), "LIUHEN_DATA_DIR": folder}
            before = proc.server_cpu(bench.pid)
            quiet = asyncio.subprocess.DEVNULL
            started = [
                await asyncio.create_subprocess_exec(*command, env=environ, stdout=quiet, stderr=quiet)
                for _ in range(workers)
            ]
            try:
                await _drained(owner, kind, many)
                used = [proc.used(one.pid) for one in started]
            finally:
                for one in started:
                    one.terminate()
                for one in started:
                    await one.wait()
        row = await owner.fetchrow(
            f"select count(*) as n, extract(epoch from max({at}) - min({at}))::float8 as seconds from {table}"
            f" where {done} and {at} > $1",
            TODAY,
        )
        server = proc.server_cpu(bench.pid) - before
    await _sound(bench, database)
    return Run(row["n"], row["seconds"], sum(one.cpu for one in used), server, max(one.peak for one in used))


async def _sound(bench: Bench, database: str) -> None:
    """Nothing was settled twice: the books balance. Raises AssertionError."""
    db = await Database.open(bench.dsn(database), size=1)
    try:
        async with db.read() as tx:
            faults = await check_books(tx)
    finally:
        await db.close()
    assert faults == [], faults[:3]


async def _drained(owner: Any, kind: DueKind, many: int) -> None:
    """Waits until nothing of this kind is due. Raises TimeoutError."""
    sql, args = due.question({kind: Wanted(1)}, TODAY)
    give_up = time.monotonic() + 60 + many / 20
    while await owner.fetch(sql, *args):
        if time.monotonic() > give_up:
            raise TimeoutError(f"{kind} is not done")
        await asyncio.sleep(0.2)


async def template(bench: Bench, name: str, many: Due) -> None:
    """Tells the stories in a database of their own and copies them into one that rounds start from."""
    async with scratch(bench) as (db, owner, clean):
        stories = await tell(db, owner, clean)
    await new(bench, name)
    async with bench.owner(name) as owner:
        await fill(owner, stories, many)


async def measure(bench: Bench, many: Due, rounds: int, looks: int = 200, crowds: Sequence[int] = (1, 4)) -> bool:
    """Prints the tables. Parameters: crowds, how many workers at a time. Returns whether all limits are met."""
    good = True
    began = time.monotonic()
    await template(bench, TEMPLATE, many)
    print(f"{many.waiting:,} wait, {many.release:,} and {many.lapse:,} will be due; {time.monotonic() - began:.0f} s\n")
    print("| Look | server, ms | round trip, ms | limit |\n|---|---|---|---|")
    for kind, (inside, wall) in (await polls(bench, TEMPLATE, looks)).items():
        good &= inside <= POLL_MS
        print(f"| {kind} | {inside:.3f} | {wall:.3f} | {POLL_MS} {'met' if inside <= POLL_MS else 'MISSED'} |")
    print("\n| Settling | workers | per second | worker CPU, ms each | server CPU, ms each | memory, MB | limit |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for kind, due_now in ((DueKind.RELEASE_ESCROW, many.release), (DueKind.LAPSE_ANSWER, many.lapse)):
        for workers in crowds:
            good &= await _rounds(bench, kind, workers, due_now, rounds if workers == 1 else 1)
    return good


async def _rounds(bench: Bench, kind: DueKind, workers: int, due_now: int, rounds: int) -> bool:
    runs = []
    for _ in range(rounds):
        await bench.fresh(ROUND, TEMPLATE)
        async with bench.owner(ROUND) as owner:
            await owner.execute("set session_replication_role = replica")
            await _only(owner, kind)
        runs.append(await settle(bench, ROUND, kind, workers, due_now))
    await bench.drop(ROUND)
    rates = sorted(run.settled / max(run.seconds, 0.001) for run in runs)
    middle = statistics.median(rates)
    here = statistics.median(run.worker_cpu / run.settled * 1000 for run in runs)
    server = statistics.median(run.server_cpu / run.settled * 1000 for run in runs)
    whole = all(run.settled == due_now for run in runs)
    met = whole and (workers > 1 or middle >= PER_SECOND)
    verdict = f"{PER_SECOND:,} {'met' if met else 'MISSED'}" if workers == 1 else ""
    verdict += "" if whole else " LOST" if workers == 1 else "LOST"
    print(
        f"| {kind} | {workers} | {middle:,.0f} ({rates[0]:,.0f} to {rates[-1]:,.0f}) | {here:.2f} | {server:.2f} |"
        f" {max(run.peak for run in runs):.0f} | {verdict or 'none lost or doubled'} |",
        flush=True,
    )
    return met


async def _only(owner: Any, kind: DueKind) -> None:
    """The other kind is not due in this round."""
    later = "interval '9 years'"
    if kind is not DueKind.RELEASE_ESCROW:
        sql = f"update order_unit set release_due_at = release_due_at + {later} where escrow = 'HELD'"
        await owner.execute(f"{sql} and not case_open and release_due_at < $1", TODAY)
    if kind is not DueKind.LAPSE_ANSWER:
        sql = f"update refund_case set due_at = due_at + {later} where state = 'AWAITING_SELLER'"
        await owner.execute(f"{sql} and due_at < $1", TODAY)
    await owner.execute("checkpoint")


def main() -> int:
    """Exit code 1 when a limit is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--due", type=int, default=20_000)
    parser.add_argument("--waiting", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    many = Due(chosen.due, chosen.due, chosen.waiting)
    with Bench(FOLDER) as bench:
        return 0 if asyncio.run(measure(bench, many, chosen.rounds, 200)) else 1


if __name__ == "__main__":
    sys.exit(main())
