"""What each write of an act costs: the limit's script again, with one function of it after the other doing nothing.

Run: python -m bench.without purchase|refund [--rounds 3] [--seconds 5]. Method: bench/README.md.
"""

import argparse
import asyncio
import re
import statistics
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from bench import bare
from bench.cluster import Bench
from bench.limit import Script
from bench.trade import _DATABASE, FOLDER, Side, Trade, deal_of, size_of
from bench.world import Market
from liuhen.base.migrate import APP_ROLE

# The names of the application's functions that write, with the same parameters, so that values are still read.
IDLE = """
create schema idle;
grant usage on schema idle to liuhen_app;
do $$
declare one record;
begin
    for one in
        select p.proname as name, pg_get_function_identity_arguments(p.oid) as parameters
        from pg_proc p join pg_language l on l.oid = p.prolang
        where p.pronamespace = 'public'::regnamespace and p.prorettype = 'void'::regtype and l.lanname = 'plpgsql'
    loop
        execute format('create function idle.%I(%s) returns void language plpgsql as $f$ begin end $f$',
            one.name, one.parameters);
    end loop;
end
$$;
"""
_NAMES = "select proname from pg_proc where pronamespace = 'idle'::regnamespace"


def without(script: Script, names: set[str]) -> str:
    """The script with these functions doing nothing."""
    if not names:
        return script.text
    return re.sub(rf"(?<![.\w])({'|'.join(sorted(names))})\(", r"idle.\1(", script.text)


async def _side(trade: Trade, script: Script, names: set[str]) -> Side:
    """The limit without these."""
    await trade.bench.fresh(_DATABASE, trade.market.database)
    async with trade.bench.owner(_DATABASE) as owner:
        await owner.execute(IDLE)
    return await trade.run(without(script, names), script.defines, APP_ROLE)


async def found(bench: Bench, folder: Path, act: str, *, count: int, seconds: int) -> str:
    """A Markdown table: medians of the rounds. Whatever is left out is compared with the whole act beside it, since
    the machine's own speed moves within minutes."""
    size = size_of(act, seconds, quick=True)
    market = Market(bench, size, folder)
    await market.build(datetime.now(UTC))
    await bare.build(bench)
    trade = Trade(bench, market, deal_of(act, size), seconds)
    script = await trade.script(await trade.sent())
    async with bench.owner(_DATABASE) as owner:
        await owner.execute(IDLE)
        known = sorted(row["proname"] for row in await owner.fetch(_NAMES))
    names = [name for name in known if without(script, {name}) != script.text]
    forms = {**{f"without {name}": {name} for name in names}, "without any write": set(names)}
    costs, shares, rates = defaultdict(list), defaultdict(list), defaultdict(list)
    for number in range(count):
        for name, left_out in forms.items():
            whole, less = await _side(trade, script, set()), await _side(trade, script, left_out)
            rates["whole"].append(whole.rate)
            rates[name].append(less.rate)
            costs[name].append(whole.server_us - less.server_us)
            shares[name].append(1 - less.server_us / whole.server_us)
        rates["bare"].append((await trade.bare()).rate)
        print(f"round {number + 1} of {count}", file=sys.stderr, flush=True)
    mid = statistics.median
    lines = [f"| {act} | acts/s | of bare | it costs, us | of the act |", "|---|---|---|---|---|"]
    for name in ("bare", "whole"):
        lines.append(f"| {name} | {mid(rates[name]):,.0f} | {mid(rates[name]) / mid(rates['bare']):.2f} | | |")
    lines += [
        f"| {name} | {mid(rates[name]):,.0f} | {mid(rates[name]) / mid(rates['bare']):.2f} | {mid(costs[name]):.0f} |"
        f" {mid(shares[name]):.0%} |"
        for name in forms
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("act", choices=("purchase", "refund"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    folder = chosen.folder.absolute()
    with Bench(folder) as bench:
        print(asyncio.run(found(bench, folder, chosen.act, count=chosen.rounds, seconds=chosen.seconds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
