"""Purchase and instant refund over HTTP, against what the database can do with the same statements.

Run: python -m bench.trade purchase|refund [--rounds 5] [--seconds 20] [--quick]. Method: bench/README.md.
"""

import argparse
import asyncio
import os
import statistics
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench import bare, limit
from bench.capture import Sent, capture, settings_of
from bench.clients import Job
from bench.cluster import Bench, Server
from bench.deals import Deal, Purchase, Refund
from bench.limit import Script
from bench.serving import free_port, site
from bench.world import Market, Size
from liuhen.base.migrate import APP_ROLE

FOLDER = Path(".cache/bench")
_DATABASE = "round"
_CLIENTS = 16
_MOST_A_SECOND = 5_000  # no more refunds than that are prepared for a second
_WARM_SECONDS = 2.0
_WARM_REQUESTS = 20_000


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One form in one round. rate: acts a second. server_us, web_us, client_us: CPU per act, in microseconds.

    buffers: shared buffers per act. mb: most memory of the web process. ms: mean latency, p50 and p99 over HTTP.
    """

    done: int
    rate: float
    server_us: float
    buffers: float
    ms: float
    p99_ms: float = 0.0
    web_us: float = 0.0
    client_us: float = 0.0
    mb: float = 0.0


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """All forms, one after the other. act: its name; busy: the machine's load average before."""

    act: str
    tpcb: Side
    bare: Side
    limit: Side
    http: Side
    busy: float

    @property
    def ratio(self) -> float:
        """HTTP over the limit. Goal: 0.5."""
        return self.http.rate / self.limit.rate

    @property
    def worth(self) -> float:
        """The limit over the bare function. Goal: 0.6."""
        return self.limit.rate / self.bare.rate

    @property
    def planned(self) -> float:
        """The limit over what the plan's own function would do here, by TPC-B in the same run. Goal: 0.6."""
        return self.limit.rate / (self.tpcb.rate * bare.PLANNED[self.act])


class Trade:
    """One act, on one market."""

    def __init__(self, bench: Server, market: Market, deal: Deal, seconds: int, clients: int = _CLIENTS) -> None:
        self.bench, self.market, self.deal = bench, market, deal
        self.seconds, self.clients = seconds, clients

    async def sent(self) -> list[Sent]:
        """The statements of one request, captured on a copy that is thrown away."""
        await self.bench.fresh(_DATABASE, self.market.database)
        settings = settings_of(self.bench, _DATABASE, self.market.folder, pool=1)
        return await capture(settings, self.deal.probe)

    async def script(self, sent: Sequence[Sent]) -> Script:
        """On the copy that they were captured on."""
        return await limit.translate(self.bench, _DATABASE, sent, self.deal.vary(self.market))

    async def bare(self) -> Side:
        return await self._pgbench(bare.DATABASE, bare.SCRIPTS[self.deal.name], {})

    async def tpcb(self) -> Side:
        return await self._pgbench(bare.TPCB, bare.TPCB_SCRIPT, {}, role=None)

    async def limit(self, script: Script) -> Side:
        return await self._pgbench(self.market.database, script.text, script.defines)

    async def _pgbench(self, template: str, text: str, defines: dict[str, str], *, role: str | None = APP_ROLE) -> Side:
        await self.bench.fresh(_DATABASE, template)
        return await self.run(text, defines, role)

    async def warm(self, script: Script) -> AsyncIterator[Side]:
        """The limit again and again on one copy, `seconds` each: its pages come into memory, as they are in a server
        that has run for a while. The first few are the warming up."""
        await self.bench.fresh(_DATABASE, self.market.database)
        first = 0
        while True:
            side = await self.run(script.text, {**script.defines, "n": str(first)}, APP_ROLE)
            first += side.done * 13 // (10 * self.clients)  # no client has done that many: each act is done once
            yield side

    async def run(self, text: str, defines: dict[str, str], role: str | None) -> Side:
        """A script on the database as it is now."""
        before = await self.bench.load(_DATABASE)
        values = {**defines, "clients": str(self.clients)}
        ran = limit.run(
            self.bench, _DATABASE, text, seconds=self.seconds, clients=self.clients, defines=values, role=role
        )
        after = await self.bench.load(_DATABASE)
        return Side(
            done=ran.done,
            rate=ran.tps,
            server_us=(after.cpu - before.cpu) / ran.done * 1e6,
            buffers=(after.buffers - before.buffers) / ran.done,
            ms=ran.ms,
        )

    async def http(self) -> Side:
        """One web process, worker running. The first two seconds warm it up and do not count."""
        await self.bench.fresh(_DATABASE, self.market.database)
        settings = settings_of(self.bench, _DATABASE, self.market.folder, port=free_port())
        log = self.market.folder / "site.log"
        with site(settings, log) as running:
            running.ask(self.job(settings.port, _WARM_SECONDS, 0, seed=1))
            before = await self.bench.load(_DATABASE)
            asked, web = running.ask(self.job(settings.port, self.seconds, _WARM_REQUESTS, seed=2))
            await asyncio.sleep(1.1)  # a connection tells what it did within a second
            after = await self.bench.load(_DATABASE)
        if asked.failed or asked.errors or not asked.done:
            raise AssertionError(f"{asked.failed} of {asked.done + asked.failed} failed: {asked.errors}")
        return Side(
            done=asked.done,
            rate=asked.done / asked.seconds,
            server_us=(after.cpu - before.cpu) / asked.done * 1e6,
            buffers=(after.buffers - before.buffers) / asked.done,
            ms=asked.p50_ms,
            p99_ms=asked.p99_ms,
            web_us=web.cpu / asked.done * 1e6,
            client_us=asked.cpu / asked.done * 1e6,
            mb=web.peak,
        )

    def job(self, port: int, seconds: float, skip: int, *, seed: int) -> Job:
        """What the clients do. Parameters: skip, requests of the job before."""
        size = self.market.size
        deal = self.deal
        return Job(
            host="127.0.0.1",
            port=port,
            clients=self.clients,
            seconds=seconds,
            act=deal.name,
            sellers=deal.sellers if isinstance(deal, Purchase) else size.sellers,
            buyers=deal.buyers if isinstance(deal, Purchase) else size.buyers,
            orders=size.sealed,
            # The same orders in the same mixed order, so that skipping takes what the warming up has left.
            seed=seed if isinstance(deal, Purchase) else 1,
            skip=skip,
        )


def size_of(act: str, seconds: int, quick: bool) -> Size:
    """A market large enough for the act."""
    buyers = 10_000 if quick else 100_000
    if act == "purchase":
        return Size(buyers=buyers, keys=40 * seconds + 200)
    return Size(buyers=buyers, keys=10, sealed=_MOST_A_SECOND * seconds + _WARM_REQUESTS)


def deal_of(act: str, size: Size) -> Deal:
    return Purchase(sellers=size.sellers, buyers=size.buyers) if act == "purchase" else Refund()


async def rounds(trade: Trade, script: Script, count: int) -> list[Round]:
    """Interleaved; after the limit and HTTP the books must be clean."""
    found = []
    for number in range(count):
        busy = os.getloadavg()[0]
        stopwatch = await trade.tpcb()
        plain = await trade.bare()
        alone = await trade.limit(script)
        await _prove(trade)
        http = await trade.http()
        await _prove(trade)
        found.append(Round(act=trade.deal.name, tpcb=stopwatch, bare=plain, limit=alone, http=http, busy=busy))
        print(f"round {number + 1}: {_line(found[-1])}", file=sys.stderr, flush=True)
    return found


async def _prove(trade: Trade) -> None:
    faults = await trade.market.proven(_DATABASE)
    if faults:
        raise AssertionError(f"the round did not hold: {faults[:5]}")


def _line(one: Round) -> str:
    return (
        f"TPC-B {one.tpcb.rate:.0f} tps, bare {one.bare.rate:.0f} tps ({one.bare.server_us:.0f} us),"
        f" limit {one.limit.rate:.0f} tps"
        f" ({one.limit.server_us:.0f} us, {one.limit.buffers:.0f} buffers), HTTP {one.http.rate:.0f}/s"
        f" (server {one.http.server_us:.0f}, web {one.http.web_us:.0f}, clients {one.http.client_us:.0f} us;"
        f" {one.http.mb:.0f} MB; p50 {one.http.ms:.1f}, p99 {one.http.p99_ms:.1f} ms),"
        f" HTTP/limit {one.ratio:.2f}, limit/bare {one.worth:.2f}, limit/planned {one.planned:.2f}, load {one.busy:.1f}"
    )


def table(act: str, found: Sequence[Round]) -> str:
    """The rounds as a Markdown table: medians, ranges in brackets."""

    def mid(values: Sequence[float], form: str) -> str:
        low, high = min(values), max(values)
        return f"{statistics.median(values):{form}} [{low:{form}}-{high:{form}}]"

    lines = [
        f"| {act}, {len(found)} rounds | acts/s | CPU of PostgreSQL, us/act | shared buffers/act |",
        "|---|---|---|---|",
    ]
    for name in ("tpcb", "bare", "limit", "http"):
        sides: list[Side] = [getattr(one, name) for one in found]
        cells = (mid([s.rate for s in sides], ",.0f"), mid([s.server_us for s in sides], ".0f"))
        lines.append(f"| {name} | {' | '.join(cells)} | {mid([s.buffers for s in sides], '.0f')} |")
    web = [one.http for one in found]
    lines += [
        "",
        f"- HTTP / limit: **{mid([one.ratio for one in found], '.2f')}** (goal 0.5)",
        f"- limit / bare function: **{mid([one.worth for one in found], '.2f')}** (goal 0.6)",
        f"- limit / the plan's function by TPC-B: **{mid([one.planned for one in found], '.2f')}** (goal 0.6)",
        f"- CPU per request: web {mid([s.web_us for s in web], '.0f')} us, clients"
        f" {mid([s.client_us for s in web], '.0f')} us; web process {max(s.mb for s in web):.0f} MB",
        f"- latency p50 {mid([s.ms for s in web], '.1f')} ms, p99 {mid([s.p99_ms for s in web], '.1f')} ms",
        f"- load average of the machine before each round: {', '.join(f'{one.busy:.1f}' for one in found)}",
    ]
    return "\n".join(lines)


async def measure(act: str, *, count: int, seconds: int, quick: bool, folder: Path) -> str:
    size = size_of(act, seconds, quick)
    with Bench(folder) as bench:
        market = Market(bench, size, folder)
        await market.build(datetime.now(UTC))
        await bare.build(bench)
        trade = Trade(bench, market, deal_of(act, size), seconds)
        sent = await trade.sent()
        script = await trade.script(sent)
        (folder / f"{act}.sql").write_text(script.text)
        print(f"{len(sent)} statements for one {act}", file=sys.stderr)
        found = await rounds(trade, script, count)
        (folder / f"{act}.json").write_bytes(msgspec.json.format(msgspec.json.encode(found)))
        return table(act, found)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("act", choices=("purchase", "refund"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="one short round on a small market")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args(arguments)
    count, seconds = (1, 5) if chosen.quick else (chosen.rounds, chosen.seconds)
    folder = chosen.folder.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = measure(chosen.act, count=count, seconds=seconds, quick=chosen.quick, folder=folder)
    print(asyncio.run(made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
