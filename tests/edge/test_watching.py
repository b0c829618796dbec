"""What the worker finds by itself, round after round, and what /metrics tells of it."""

from datetime import timedelta
from uuid import UUID

import pytest

from liuhen.base.db import connect_owner
from liuhen.base.errors import Unavailable
from liuhen.base.watch import Look
from liuhen.edge.watching import look
from liuhen.flows.outbox.look_at_books import look_at_books
from liuhen.flows.outbox.look_at_chains import look_at_chains
from liuhen.flows.outbox.note_look import BACKUP, note_look
from tests.edge.doors import Doors
from tests.flows.world import World


async def metrics(doors: Doors) -> dict[str, float]:
    """What Prometheus would read, from loopback."""
    answer = await doors.client(ip="127.0.0.1").get("/metrics")
    assert answer.status_code == 200
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


async def test_a_broken_record_is_told_until_a_whole_round_holds(doors: Doors, world: World, dsn: str) -> None:
    buyer, seller = await world.party("安娜"), await world.seller()
    product = await world.listing(seller)
    await world.shelve(seller, product, 3)
    await world.fund(buyer, 100_000)
    placed = [await world.order(buyer, seller, product) for _ in range(3)]
    assert await look_at_chains(world.db, limit=10, now=world.now) == ()
    assert (await metrics(doors))['liuhen_check_faults{check="chains"}'] == 0
    await _rewrite(dsn, placed[1].order_id, "payload || '\\x20'::bytea")
    wrong = [await look_at_chains(world.db, limit=2, now=world.now) for _ in range(2)]
    assert sum(len(found) for found in wrong) == 1
    told = await metrics(doors)
    assert told['liuhen_check_faults{check="chains"}'] == 1
    await _rewrite(dsn, placed[1].order_id, "substr(payload, 1, length(payload) - 1)")
    assert await look_at_chains(world.db, limit=2, now=world.now) == ()
    assert (await metrics(doors))['liuhen_check_faults{check="chains"}'] == 1, "the round is not over"
    await look_at_chains(world.db, limit=2, now=world.now)
    assert (await metrics(doors))['liuhen_check_faults{check="chains"}'] == 0


async def test_books_that_do_not_balance(doors: Doors, world: World, dsn: str) -> None:
    await world.fund(await world.party("安娜"), 100_000)
    assert (await metrics(doors))['liuhen_check_age_seconds{check="books"}'] == -1, "nobody has looked yet"
    assert await look_at_books(world.db, now=world.now) == []
    doors.clock.at += timedelta(minutes=5)
    told = await metrics(doors)
    assert told['liuhen_check_faults{check="books"}'] == 0
    assert told['liuhen_check_age_seconds{check="books"}'] == 300
    owner = await connect_owner(dsn)
    await owner.execute("update ledger_account set balance_fen = balance_fen + 1 where kind = 'buyer_balance'")
    await owner.close()
    faults = await look_at_books(world.db, now=doors.clock.at)
    assert (await metrics(doors))['liuhen_check_faults{check="books"}'] == len(faults) > 0


async def test_what_fails_and_when_the_last_backup_was(doors: Doors, world: World) -> None:
    told = await metrics(doors)
    assert told["liuhen_backup_age_seconds"] == -1 and told["liuhen_jobs_failing"] == 0
    await note_look(world.db, Look(name=BACKUP, looked_at=world.now), now=world.now)
    await note_look(world.db, Look(name="failing:1", looked_at=world.now, faults=5), now=world.now)
    await look(doors.app, 2)
    doors.clock.at += timedelta(minutes=59)
    told = await metrics(doors)
    assert told["liuhen_backup_age_seconds"] == 59 * 60 and told["liuhen_jobs_failing"] == 7
    later = doors.clock.at + timedelta(minutes=2)
    await note_look(world.db, Look(name="failing:1", looked_at=later, faults=1), now=later)
    assert (await metrics(doors))["liuhen_jobs_failing"] == 1, "a worker that ended is forgotten"


async def test_metrics_without_the_database(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process and its requests are told all the same."""
    monkeypatch.setattr(doors.app.db, "read", _away)
    told = await metrics(doors)
    assert told["liuhen_database_up"] == 0
    assert told['liuhen_database_connections{state="max"}'] >= 1
    assert told["liuhen_disk_size_bytes"] > told["liuhen_disk_free_bytes"] > 0
    assert "liuhen_due" not in str(told)


def _away() -> None:
    raise Unavailable("the database does not answer")


async def _rewrite(dsn: str, order_id: UUID, payload: str) -> None:
    owner = await connect_owner(dsn)
    await owner.execute(f"update chain_event set payload = {payload} where order_id = $1 and seq = 2", order_id)
    await owner.close()
