"""The same acts under two circumstances: one product that all want, and a long history.

Run: python -m bench.compare hot|history [--act purchase|refund] [--past 2000000] [--rounds 3] [--seconds 10] [--quick]
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.cluster import Bench
from bench.deals import Purchase
from bench.trade import FOLDER, Side, Trade, deal_of, size_of
from bench.world import Market

_HOT_BUYERS = 32
_SHORT_PAST = 10_000
_HOT_A_SECOND = 3_000  # no more is sold of one product in a second
_WARM = 5
_WARM_TURNS = 2  # what was never read since the start is read first, and written to the log whole
_WARM_A_SECOND = 3_000  # no more is refunded in a second of such a turn, with what `Trade.warm` skips


async def hot(folder: Path, count: int, seconds: int, quick: bool) -> str:
    """HTTP on one product of one seller with 32 buyers, against HTTP on all of them. Goal: 0.8."""
    size = size_of("purchase", seconds, quick)
    size = replace(size, hot=_HOT_A_SECOND * (seconds + _WARM))
    with Bench(folder) as bench:
        market = Market(bench, size, folder)
        await market.build(datetime.now(UTC))
        even = Trade(bench, market, Purchase(sellers=size.sellers, buyers=size.buyers), seconds)
        one = Trade(bench, market, Purchase(sellers=1, buyers=_HOT_BUYERS), seconds)
        pairs = [(await even.http(), await one.http()) for _ in range(count)]
    ratios = [narrow.rate / wide.rate for wide, narrow in pairs]
    lines = ["| HTTP | acts/s | p50, ms | p99, ms | CPU of PostgreSQL, us |", "|---|---|---|---|---|"]
    for name, sides in (("200 sellers", [a for a, _ in pairs]), ("one product, 32 buyers", [b for _, b in pairs])):
        cells = [_mid([s.rate for s in sides]), _mid([s.ms for s in sides], 1), _mid([s.p99_ms for s in sides], 1)]
        lines.append(f"| {name} | {' | '.join([*cells, _mid([s.server_us for s in sides])])} |")
    return "\n".join([*lines, "", f"hot / even: **{_mid(ratios, 2)}** (goal 0.8)"])


async def history(folder: Path, acts: Sequence[str], past: int, count: int, seconds: int, quick: bool) -> str:
    """What acts cost the database after many orders, against after few: CPU and buffers. Goal: at most 1.10.

    All acts on the same two markets: the longer one takes minutes to write and some 20 GB.
    """
    sealed = _WARM_A_SECOND * seconds * (_WARM_TURNS + count)  # all turns take from one market
    size = replace(size_of("purchase", seconds, quick), sealed=sealed)
    with Bench(folder) as bench:
        markets = {many: Market(bench, replace(size, past=many), folder) for many in (_SHORT_PAST, past)}
        for market in markets.values():
            await market.build(datetime.now(UTC))
        return "\n\n".join([await _grown(bench, markets, act, count, seconds) for act in acts])


async def _grown(bench: Bench, markets: Mapping[int, Market], act: str, count: int, seconds: int) -> str:
    found: dict[int, list[Side]] = {}
    for many, market in markets.items():
        trade = Trade(bench, market, deal_of(act, market.size), seconds)
        script = await trade.script(await trade.sent())
        turns = trade.warm(script)
        found[many] = [await anext(turns) for _ in range(_WARM_TURNS + count)][_WARM_TURNS:]
    lines = [f"| {act} after so many orders | acts/s | CPU of PostgreSQL, us | shared buffers |", "|---|---|---|---|"]
    for many, sides in found.items():
        cells = (_mid([s.rate for s in sides]), _mid([s.server_us for s in sides]), _mid([s.buffers for s in sides]))
        lines.append(f"| {many:,} | {' | '.join(cells)} |")
    cpu = [long.server_us / short.server_us for short, long in zip(*found.values(), strict=True)]
    buffers = [long.buffers / short.buffers for short, long in zip(*found.values(), strict=True)]
    return "\n".join([*lines, "", f"CPU x **{_mid(cpu, 2)}**, buffers x **{_mid(buffers, 2)}** (goal: at most 1.10)"])


def _mid(values: Sequence[float], digits: int = 0) -> str:
    low, high = min(values), max(values)
    return f"{statistics.median(values):,.{digits}f} [{low:,.{digits}f}-{high:,.{digits}f}]"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("hot", "history"))
    parser.add_argument("--act", choices=("purchase", "refund"), action="append", help="both, if none is named")
    parser.add_argument("--past", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--quick", action="store_true", help="10,000 buyers instead of 100,000")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    folder = chosen.folder.absolute()
    if chosen.what == "hot":
        made = hot(folder, chosen.rounds, chosen.seconds, chosen.quick)
    else:
        acts = chosen.act or ("purchase", "refund")
        made = history(folder, acts, chosen.past, chosen.rounds, chosen.seconds, chosen.quick)
    print(asyncio.run(made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
