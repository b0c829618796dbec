"""What /metrics says beyond the requests: counted at each scrape, from the database and from this process.

A part that does not answer is left out and said so (liuhen_database_up); the rest is told all the same. Alert rules and
the board ask for these names (ops/prometheus/liuhen.rules.yml, ops/grafana/liuhen.json); a test compares them.
"""

import asyncio
import shutil
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from liuhen.base import watch
from liuhen.base.db import Tx
from liuhen.base.errors import LiuhenError
from liuhen.base.health import database_clock
from liuhen.base.sealed import progress
from liuhen.base.watch import Look
from liuhen.edge.context import App
from liuhen.edge.log import logger
from liuhen.flows.outbox.look_at_books import NAME as BOOKS
from liuhen.flows.outbox.look_at_chains import NAME as CHAINS
from liuhen.flows.outbox.note_look import BACKUP, FAILING
from liuhen.reads import health

NEVER = -1
"""The age of what has not happened yet."""


async def fill(registry: CollectorRegistry, app: App) -> None:
    """All gauges of this moment."""
    await _here(registry, app)
    up = Gauge("liuhen_database_up", "Whether the database answered this scrape", registry=registry)
    now = app.clock.now()
    try:
        async with app.db.read() as tx:
            up.set(1)
            await _work(registry, tx, now)
            _looks(registry, await watch.looks(tx), now)
            ahead = Gauge("liuhen_clock_ahead_seconds", "This machine's clock before the database's", registry=registry)
            ahead.set((app.clock.now() - await database_clock(tx)).total_seconds())
    except (LiuhenError, OSError) as error:
        up.set(0)
        logger("web").error("metrics without the database", code=type(error).__name__)


async def _here(registry: CollectorRegistry, app: App) -> None:
    """This process and its machine."""
    connections = Gauge("liuhen_database_connections", "Of this process's pool", ("state",), registry=registry)
    for state, count in app.db.use().items():
        connections.labels(state).set(count)
    disk = await asyncio.to_thread(shutil.disk_usage, app.settings.folder)
    Gauge("liuhen_disk_free_bytes", "Where the data folder lies", registry=registry).set(disk.free)
    Gauge("liuhen_disk_size_bytes", "Where the data folder lies", registry=registry).set(disk.total)
    failed = Counter("liuhen_object_errors", "Pictures that could not be kept or read", registry=registry)
    failed.inc(app.objects.failures if app.objects is not None else 0)


async def _work(registry: CollectorRegistry, tx: Tx, now: datetime) -> None:
    due = Gauge("liuhen_due", "Work that is due and not done", ("kind",), registry=registry)
    oldest = Gauge("liuhen_due_oldest_seconds", "How long the oldest has been due", ("kind",), registry=registry)
    refunds = Gauge("liuhen_refunds", "Refunds by state", ("state",), registry=registry)
    beat_age = Gauge("liuhen_worker_beat_age_seconds", "Since the worker's last sign of life", registry=registry)
    for item in await health.backlog(tx, now):
        due.labels(item.kind).set(item.count)
        oldest.labels(item.kind).set(item.oldest_seconds)
    states = {"FAILED": 0} | await health.refunds_by_state(tx)
    for state, count in states.items():
        refunds.labels(state).set(count)
    unsent = Gauge("liuhen_refund_unsent_seconds", "How long the oldest has waited for its channel", registry=registry)
    waiting = await health.oldest_unsent(tx)
    unsent.set((now - waiting).total_seconds() if waiting else 0)
    open_columns = sum(item.done_at is None for item in await progress(tx))
    Gauge("liuhen_reseal_columns", "Columns still to be sealed under a new key", registry=registry).set(open_columns)
    beat = await health.last_beat(tx, "worker")
    beat_age.set((now - beat).total_seconds() if beat else NEVER)


def _looks(registry: CollectorRegistry, found: list[Look], now: datetime) -> None:
    """What the worker found when it looked by itself; the age tells whether it still looks."""
    faults = Gauge("liuhen_check_faults", "Faults that a look at the whole found", ("check",), registry=registry)
    age = Gauge("liuhen_check_age_seconds", "Since that look", ("check",), registry=registry)
    backup = Gauge("liuhen_backup_age_seconds", "Since the last whole backup", registry=registry)
    failing = Gauge("liuhen_jobs_failing", "Due work that failed and rests before its next try", registry=registry)
    known = {look.name: look for look in found}
    for name in (BOOKS, CHAINS):
        look = known.get(name)
        faults.labels(name).set(look.told if look else 0)
        age.labels(name).set((now - look.looked_at).total_seconds() if look else NEVER)
    backup.set((now - known[BACKUP].looked_at).total_seconds() if BACKUP in known else NEVER)
    failing.set(sum(look.told for look in found if look.name.startswith(FAILING)))
