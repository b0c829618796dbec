"""Where the time of an act goes: statement by statement inside PostgreSQL, function by function in the web process.

Run: python -m bench.where purchase|refund [--seconds 5]. Counting costs time itself: read the shares, not the sums.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import limit
from bench.capture import settings_of
from bench.cluster import Bench
from bench.serving import free_port, site
from bench.trade import _DATABASE, _WARM_REQUESTS, FOLDER, Trade, deal_of, size_of
from bench.world import Market

_COUNTING = {
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "all",
    "pg_stat_statements.track_planning": "on",
    "track_functions": "all",
}
_TOP = """
select (total_exec_time + total_plan_time) * 1000 / $1::float as us, calls / $1::float as calls,
    (shared_blks_hit + shared_blks_read) / $1::float as buffers, wal_bytes::float / $1::float as wal, toplevel,
    total_plan_time * 1000 / $1::float as planning, regexp_replace(query, '\\s+', ' ', 'g') as query
from pg_stat_statements where dbid = (select oid from pg_database where datname = $2) and query not ilike '%pg_stat%'
order by total_exec_time + total_plan_time desc limit 40
"""
_FUNCTIONS = """
select funcname, calls / $1::float as calls, total_time * 1000 / $1::float as us, self_time * 1000 / $1::float as own
from pg_stat_user_functions order by self_time desc
"""


async def in_server(trade: Trade, seconds: int) -> str:
    """What the limit's script costs, two clients at a time so that nobody waits for a processor, once it is warm."""
    sent = await trade.sent()
    script = await trade.script(sent)
    await trade.bench.fresh(_DATABASE, trade.market.database)
    async with trade.bench.owner(_DATABASE) as owner:
        await owner.execute("create extension if not exists pg_stat_statements")
    values = {**script.defines, "clients": "2"}
    limit.run(trade.bench, _DATABASE, script.text, seconds=seconds, clients=2, defines=values)
    async with trade.bench.owner(_DATABASE) as owner:
        await owner.execute("select pg_stat_statements_reset(), pg_stat_reset()")
    values["n"] = str(_WARM_REQUESTS // 2)
    ran = limit.run(trade.bench, _DATABASE, script.text, seconds=seconds, clients=2, defines=values)
    async with trade.bench.owner(_DATABASE) as owner:
        top = await owner.fetch(_TOP, float(ran.done), _DATABASE)
        functions = await owner.fetch(_FUNCTIONS, float(ran.done))
    lines = [f"{len(sent)} statements; {ran.tps:.0f} acts/s with two clients, {ran.ms:.2f} ms each", ""]
    lines += [
        "| us/act | of it planning | calls/act | buffers/act | WAL bytes/act | top | statement |",
        "|" + "---|" * 7,
    ]
    lines += [_row(one) for one in top if one["us"] >= 2]
    lines += ["", "| function | calls/act | us/act | own us/act |", "|---|---|---|---|"]
    lines += [f"| {f['funcname']} | {f['calls']:.1f} | {f['us']:.0f} | {f['own']:.0f} |" for f in functions]
    return "\n".join(lines)


def _row(one: Any) -> str:
    text = one["query"].replace("|", "\\|")
    return (
        f"| {one['us']:.0f} | {one['planning']:.0f} | {one['calls']:.2f} | {one['buffers']:.1f} | {one['wal']:.0f} |"
        f" {'x' if one['toplevel'] else ''} | {text[:200]} |"
    )


async def in_web(trade: Trade, seconds: int) -> str:
    """What the web process does meanwhile."""
    await trade.bench.fresh(_DATABASE, trade.market.database)
    folder = trade.market.folder
    settings = settings_of(trade.bench, _DATABASE, folder, port=free_port())
    place = folder / "samples.json"
    with site(settings, folder / "site.log", launch=("bench.sampled", str(place))) as running:
        running.ask(trade.job(settings.port, 2.0, 0, seed=1))
        os.kill(running.web, signal.SIGUSR2)
        asked, web = running.ask(trade.job(settings.port, seconds, _WARM_REQUESTS, seed=2))
    found = json.loads(place.read_text())
    each = web.cpu / asked.done * 1_000_000  # the clock that samples is coarser than the one that counts
    share = each / found["samples"]
    lines = [f"{asked.done} acts, web {each:.0f} us each", "", "| us/act, with what it calls | function |", "|---|---|"]
    lines += [f"| {count * share:.0f} | {name} |" for name, count in found["within"]]
    lines += ["", "| us/act, by itself | line |", "|---|---|"]
    lines += [f"| {count * share:.0f} | {name} |" for name, count in found["own"][:45]]
    return "\n".join(lines)


async def measure(act: str, seconds: int, folder: Path) -> str:
    size = size_of(act, 5, quick=True)
    with Bench(folder) as bench:
        market = Market(bench, size, folder)
        await market.build(datetime.now(UTC))
        web = await in_web(Trade(bench, market, deal_of(act, size), seconds), seconds)
    with Bench(folder, _COUNTING) as bench:
        trade = Trade(bench, Market(bench, size, folder), deal_of(act, size), seconds)
        return f"## PostgreSQL\n{await in_server(trade, seconds)}\n\n## Web process\n{web}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("act", choices=("purchase", "refund"))
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    print(asyncio.run(measure(chosen.act, chosen.seconds, chosen.folder.absolute())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
