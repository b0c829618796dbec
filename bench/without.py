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
_NAMES = """
select proname from pg_proc where pronamespace = 'public'::regnamespace and prorettype = 'void'::regtype
"""


def without(script: Script, names: set[str]) -> str:
    """The script with these functions doing nothing."""
    if not names:
        return script.text
    return re.sub(rf"(?<![.\w])({'|'.join(sorted(names))})\(", r"idle.\1(", script.text)


class Writes:
    """An act, and the functions that it writes with."""

    def __init__(self, trade: Trade, script: Script, names: set[str]) -> None:
        self.trade, self.script = trade, script
        self.names = [name for name in sorted(names) if without(script, {name}) != script.text]

    async def side(self, names: set[str]) -> Side:
        """The limit without these."""
        await self.trade.bench.fresh(_DATABASE, self.trade.market.database)
        async with self.trade.bench.owner(_DATABASE) as owner:
            await owner.execute(IDLE)
        return await self.trade._run(without(self.script, names), self.script.defines, APP_ROLE)


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
        writes = Writes(trade, script, {row["proname"] for row in await owner.fetch(_NAMES)})
    forms = {**{f"without {name}": {name} for name in writes.names}, "without any write": set(writes.names)}
    costs, shares, rates = defaultdict(list), defaultdict(list), defaultdict(list)
    for number in range(count):
        for name, left_out in forms.items():
            whole, less = await writes.side(set()), await writes.side(left_out)
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
