"""The worker: claims what is due and maps each kind to its flow. Deadlines are columns; this loop looks at them."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from random import shuffle
from uuid import UUID

from liuhen.base.config import Settings
from liuhen.base.errors import LiuhenError, StateConflict
from liuhen.base.faults import point
from liuhen.base.jobs import Poller
from liuhen.edge.boot import App, close_app, open_app
from liuhen.edge.clock_guard import ClockGuard
from liuhen.edge.log import frames, logger, set_up
from liuhen.edge.upkeep import upkeep
from liuhen.edge.watching import watching
from liuhen.flows.aftersale.approve_late_delivery import ApproveLateDelivery, approve_late_delivery
from liuhen.flows.aftersale.escalate_review import EscalateReview, escalate_review
from liuhen.flows.aftersale.expire_pictures import expire_pictures
from liuhen.flows.aftersale.lapse_answer import LapseAnswer, lapse_answer
from liuhen.flows.aftersale.lapse_evidence import LapseEvidence, lapse_evidence
from liuhen.flows.funds.close_payment import close_payment
from liuhen.flows.funds.pay_refund import pay_refund
from liuhen.flows.funds.release_escrow import release_escrow
from liuhen.flows.outbox.beat import beat
from liuhen.flows.outbox.claim_due import Due, DueKey, claim_due
from liuhen.flows.outbox.sweep import sweep
from liuhen.flows.trade.close_order import CloseOrder, close_order
from liuhen.flows.trade.confirm_payment import confirm_payment
from liuhen.flows.trade.expire_staged_stock import expire_staged_stock
from liuhen.flows.trade.import_stock import import_stock
from liuhen.reads.due import DueKind

BATCH = 50
# What needs the database alone is done by the page: so many of one kind and one book in one transaction, since a commit
# for each would cost more than the work. The page must be long for a book to have several items on it.
PAGE = 4000
TOGETHER = 20
# What takes long or calls out has a lane to itself, so that it keeps nothing else waiting.
LANES: tuple[tuple[DueKind, ...], ...] = (
    (DueKind.IMPORT_STOCK,),
    (DueKind.SEND_REFUND,),
    (DueKind.CLOSE_PAYMENT,),
    (
        DueKind.LATE_DELIVERY,
        DueKind.LAPSE_ANSWER,
        DueKind.LAPSE_EVIDENCE,
        DueKind.ESCALATE_REVIEW,
        DueKind.RELEASE_ESCROW,
        DueKind.EXPIRE_ORDER,
        DueKind.EXPIRE_UPLOAD,
    ),
)
_BEAT_EVERY = 5.0
_PATIENCE = 300  # seconds that a statement may take: the books of a large house do; a frozen database is for ever
_SWEEP_EVERY = timedelta(hours=1)


async def run(settings: Settings) -> None:
    """Works until SIGTERM or SIGINT; what is under way is finished first."""
    set_up(settings.log_file)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    app = await open_app(settings, patience=_PATIENCE)
    log = logger("worker")
    log.info("started", pid=os.getpid())
    guard = ClockGuard(app.clock)
    app = replace(app, clock=guard)
    try:
        await guard.compare(app.db)
        lanes = [poller(app, lane) for lane in LANES]
        look = watching(app, stop, lambda: sum(lane.failing for lane in lanes))
        await asyncio.gather(_beats(app, stop, guard), upkeep(app, stop), look, *(_until(stop, lane) for lane in lanes))
    finally:
        await close_app(app)
        log.info("stopped")


def poller(app: App, kinds: Collection[DueKind] = tuple(DueKind)) -> Poller[Due, DueKey]:
    """The loop over what is due of these kinds; tests call its `tick`."""
    log = logger("worker")

    async def find(now: datetime, resting: Collection[DueKey]) -> Sequence[Due]:
        paged = {kind: PAGE for kind in kinds if kind in _TOGETHER}
        return await claim_due(app.db, now, BATCH, kinds=kinds, limits=paged, resting=resting)

    def failed(due: Due, error: Exception) -> None:
        code = error.code if isinstance(error, LiuhenError) else type(error).__name__
        log.error("failed", kind=str(due.kind), id=str(due.id), code=code, frames=frames(error))

    return Poller(
        find, lambda items, now: act(app, items, now), failed, app.clock.now, lambda due: due.key, bundles=bundles
    )


def bundles(found: Sequence[Due]) -> list[list[Due]]:
    """What is done in one transaction: of one kind, in one book. In no order: workers that see the same page begin at
    different ends of it."""
    made: list[list[Due]] = []
    groups: dict[tuple[DueKind, UUID], list[Due]] = {}
    for due in found:
        if due.kind in _TOGETHER:
            groups.setdefault((due.kind, due.book_id), []).append(due)
        else:
            made.append([due])
    for same in groups.values():
        made += [same[place : place + TOGETHER] for place in range(0, len(same), TOGETHER)]
    shuffle(made)
    return made


async def act(app: App, items: Sequence[Due], now: datetime) -> int:
    """A bundle through its flow. The flow locks and looks again, so a stale claim does no harm.

    Returns how many items were not in other hands.
    """
    kind, book_id = items[0].kind, items[0].book_id
    if kind in _TOGETHER:
        return await _TOGETHER[kind](app, book_id, [due.id for due in items], now)
    for due in items:
        await _ACTS[kind](app, due, now)
    return len(items)


async def _send_refund(app: App, due: Due, now: datetime) -> None:
    await pay_refund(app.db, due.book_id, due.id, channels=app.channels, now=now)


async def _import(app: App, due: Due, now: datetime) -> None:
    try:
        await import_stock(app.db, due.book_id, due.id, keys=app.keys, now=now)
    except StateConflict:
        logger("worker").info("import in other hands", id=str(due.id))


async def _late(app: App, due: Due, now: datetime) -> None:
    cmd = ApproveLateDelivery(book_id=due.book_id, order_id=due.id)
    await approve_late_delivery(app.db, cmd, rules=app.rules, now=now)


async def _lapse(app: App, book_id: UUID, ids: Sequence[UUID], now: datetime) -> int:
    done = await lapse_answer(app.db, LapseAnswer(book_id=book_id, case_ids=ids), rules=app.rules, now=now)
    return done.free


async def _lapse_evidence(app: App, due: Due, now: datetime) -> None:
    await lapse_evidence(app.db, LapseEvidence(book_id=due.book_id, case_id=due.id), rules=app.rules, now=now)


async def _escalate(app: App, due: Due, now: datetime) -> None:
    await escalate_review(app.db, EscalateReview(book_id=due.book_id, case_id=due.id), now=now)


async def _release(app: App, book_id: UUID, ids: Sequence[UUID], now: datetime) -> int:
    return (await release_escrow(app.db, book_id, ids, now=now)).orders


async def _expire_order(app: App, due: Due, now: datetime) -> None:
    await close_order(app.db, CloseOrder(book_id=due.book_id, order_id=due.id), now=now)


async def _expire_upload(app: App, due: Due, now: datetime) -> None:
    await expire_staged_stock(app.db, due.book_id, due.id, now=now)


async def _close_payment(app: App, due: Due, now: datetime) -> None:
    looked = await close_payment(app.db, due.book_id, due.id, channels=app.channels, now=now)
    if looked.found is not None and looked.channel is not None:
        point("close_payment.found_and_confirmed")
        await confirm_payment(app.db, looked.channel, looked.found, body=b"", rules=app.rules, now=now)


_ACTS: dict[DueKind, Callable[[App, Due, datetime], Awaitable[None]]] = {
    DueKind.SEND_REFUND: _send_refund,
    DueKind.IMPORT_STOCK: _import,
    DueKind.LATE_DELIVERY: _late,
    DueKind.LAPSE_EVIDENCE: _lapse_evidence,
    DueKind.ESCALATE_REVIEW: _escalate,
    DueKind.EXPIRE_ORDER: _expire_order,
    DueKind.EXPIRE_UPLOAD: _expire_upload,
    DueKind.CLOSE_PAYMENT: _close_payment,
}


_TOGETHER: dict[DueKind, Callable[[App, UUID, Sequence[UUID], datetime], Awaitable[int]]] = {
    DueKind.LAPSE_ANSWER: _lapse,
    DueKind.RELEASE_ESCROW: _release,
}


async def _until(stop: asyncio.Event, work: Poller[Due, DueKey]) -> None:
    """A database that is away for a while stops nothing: the loop says so and comes back."""
    while not stop.is_set():
        try:
            await work.run(stop)
        except Exception as error:
            logger("worker").error("the round failed", code=type(error).__name__, frames=frames(error))
            await _rest(stop, 2.0)


async def _beats(app: App, stop: asyncio.Event, guard: ClockGuard) -> None:
    swept: datetime | None = None
    while not stop.is_set():
        try:
            await guard.compare(app.db)
            now = guard.now()
            await beat(app.db, f"worker:{os.getpid()}", now=now)
            if swept is None or now - swept >= _SWEEP_EVERY:
                await sweep(app.db, now=now)
                await _forget_pictures(app, now)
                swept = now
        except Exception as error:
            why = error.message if isinstance(error, LiuhenError) else ""
            logger("worker").error("no sign of life", code=type(error).__name__, why=why)
        await _rest(stop, _BEAT_EVERY)


async def _forget_pictures(app: App, now: datetime) -> None:
    """Pictures that were uploaded and never submitted, batch by batch."""
    while app.objects is not None and (await expire_pictures(app.db, objects=app.objects, now=now)).rows:
        continue


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    """Sleeps, or wakes at once when the worker is told to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
