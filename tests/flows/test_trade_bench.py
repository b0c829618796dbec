"""The bench of trade turns a request into a script that really sells and really gives back (bench/README.md)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import deals, limit
from bench.capture import capture, settings_of
from bench.cluster import Server
from bench.deals import Deal
from bench.without import IDLE, without
from bench.world import Market, Size
from liuhen.base import embedded_bin

_SIZE = Size(sellers=3, buyers=20, keys=30, sealed=43)
_ROUND = "bench_round"


@pytest.fixture(scope="module")
async def market(server_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Market]:
    """A tiny one on the tests' server; pgbench comes with PostgreSQL's programs."""
    folder: Path = tmp_path_factory.mktemp("bench")
    server = Server(server_dsn, embedded_bin.choose("system", None, folder).folder)
    made = Market(server, _SIZE, folder)
    await server.drop(made.database)  # it was sealed with another run's keys
    await made.build(datetime.now(UTC))
    yield made
    await server.drop(made.database)
    await server.drop(_ROUND)


async def _play(market: Market, deal: Deal) -> int:
    """The captured request as a script, five times by each of two clients. Returns how many statements it has."""
    server = market.bench
    await server.fresh(_ROUND, market.database)
    sent = await capture(settings_of(server, _ROUND, market.folder, pool=1), deal.probe)
    script = await limit.translate(server, _ROUND, sent, deal.vary(market))
    defines = {**script.defines, "clients": "2"}
    assert limit.run(server, _ROUND, script.text, clients=2, each=5, defines=defines).done == 10
    assert await market.proven(_ROUND) == []
    return len(script.statements)


async def test_a_captured_purchase_sells_again_and_again(market: Market) -> None:
    assert await _play(market, deals.in_market(deals.Purchase(), _SIZE)) > 1
    async with market.bench.owner(_ROUND) as owner:
        sold = await owner.fetchval("select count(distinct order_no) from orders where state = 'PAID'")
        keys = await owner.fetchval("select count(*) from stock_key where state = 'SEALED'")
    assert sold == keys == _SIZE.sealed + 13  # three of the capture


async def test_a_captured_refund_gives_back_each_order_once(market: Market) -> None:
    assert await _play(market, deals.in_market(deals.Refund(), _SIZE)) > 1
    async with market.bench.owner(_ROUND) as owner:
        cases = await owner.fetch("select order_id, state, decided_by from refund_case")
        back = await owner.fetchval(
            "select count(*) from order_unit where state = 'REFUNDED' and escrow = 'GIVEN_BACK'"
        )
    assert len({row["order_id"] for row in cases}) == 13
    assert {(row["state"], row["decided_by"]) for row in cases} == {("APPROVED", "MACHINE")}
    assert back == 13


async def test_a_function_can_be_left_out_to_see_what_it_costs(market: Market) -> None:
    server, deal = market.bench, deals.in_market(deals.Purchase(), _SIZE)
    await server.fresh(_ROUND, market.database)
    sent = await capture(settings_of(server, _ROUND, market.folder, pool=1), deal.probe)
    script = await limit.translate(server, _ROUND, sent, deal.vary(market))
    async with server.owner(_ROUND) as owner:
        await owner.execute(IDLE)
        before = await owner.fetchval("select count(*) from notice")
    text = without(script, {"notice_put_all"})
    assert limit.run(server, _ROUND, text, clients=1, each=5, defines={**script.defines, "clients": "1"}).done == 5
    async with server.owner(_ROUND) as owner:
        assert await owner.fetchval("select count(*) from notice") == before
        assert await owner.fetchval("select count(*) from orders where state = 'PAID'") == _SIZE.sealed + 3 + 5


async def test_what_another_statement_answered_has_no_number(market: Market) -> None:
    """A statement that is sent the id of a row which an earlier one found cannot be replayed: it says so."""
    deal = deals.in_market(deals.Purchase(), _SIZE)
    vary = deal.vary(market)
    sent = limit.Sent("select $1::uuid", (limit.ids.KEY.uuid(1),))
    with pytest.raises(limit.NotComputable, match="id of a key"):
        await limit.translate(market.bench, market.database, [sent], vary)
