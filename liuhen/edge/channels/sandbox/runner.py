"""What the channel does by itself: refunds that fall due, callbacks until they are answered SUCCESS."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

import httpx

from .config import Config
from .desk import Desk
from .signing import signed_headers
from .state import Event, EventState, Refund, RefundState

ANSWER_LIMIT = 64
logger = logging.getLogger(__name__)


class Runner:
    """Start after the journal was replayed; stop before it is closed."""

    def __init__(self, desk: Desk, config: Config) -> None:
        self._desk = desk
        self._config = config
        self._tasks: set[asyncio.Task[None]] = set()
        self._event_tasks: dict[str, asyncio.Task[None]] = {}
        # trust_env off: a proxy of the machine has no business between two processes on it.
        self._http = httpx.AsyncClient(
            timeout=config.callback_timeout_s, trust_env=False, limits=httpx.Limits(max_connections=100)
        )

    def start(self) -> None:
        """Take up what the journal says is still to be done."""
        self._desk.on_event = self._take_event
        self._desk.on_refund = self._take_refund
        for refund in list(self._desk.state.refunds.values()):
            self._take_refund(refund)
        for event in list(self._desk.state.events.values()):
            self._take_event(event)

    async def stop(self) -> None:
        """Cancel what waits; the journal knows where to go on."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.aclose()

    def _take_refund(self, refund: Refund) -> None:
        if refund.state is RefundState.PENDING:
            self._spawn(self._finish(refund))

    def _take_event(self, event: Event) -> None:
        if event.state is not EventState.QUEUED:
            return
        event_id = event.made.event_id
        running = self._event_tasks.get(event_id)
        if running is not None:
            running.cancel()  # sent again by hand: the new plan replaces the old one
        self._event_tasks[event_id] = self._spawn(self._deliver(event_id))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("sandbox work ended early; it is taken up at the next start", exc_info=task.exception())

    async def _finish(self, refund: Refund) -> None:
        await asyncio.sleep((refund.taken.due_at - self._desk.wall()).total_seconds())
        self._desk.finish_refund(refund.taken.refund_id)

    async def _deliver(self, event_id: str) -> None:
        """Send until SUCCESS, with growing waits, and give up at the limit: never for ever."""
        while True:
            event = self._desk.state.events[event_id]
            if event.state is not EventState.QUEUED:
                return
            await asyncio.sleep((event.due_at - self._desk.wall()).total_seconds())
            answers = await asyncio.gather(*(self._send(event) for _ in range(event.copies)))
            tries = event.tries + 1
            if any(taken for taken, _ in answers):
                state = EventState.DELIVERED
            elif tries >= self._config.max_tries:
                state = EventState.GIVEN_UP
            else:
                state = EventState.QUEUED
            waits = self._config.retry_seconds
            wait_s = waits[min(tries, len(waits)) - 1] if state is EventState.QUEUED else 0
            self._desk.record_try(event_id, [text for _, text in answers], state, wait_s)

    async def _send(self, event: Event) -> tuple[bool, str]:
        """One POST. Answers whether it was taken (2xx and the word SUCCESS), and what came back."""
        config = self._config
        body = event.made.body.encode()
        headers = signed_headers(
            config.key_id,
            config.keys[config.key_id],
            method="CALLBACK",
            path=config.merchant,
            body=body + b"!" if event.made.break_signature else body,
            now=self._desk.wall(),
        )
        headers["content-type"] = "application/json"
        try:
            async with self._http.stream("POST", event.made.url, content=body, headers=headers) as answer:
                text = ""
                async for chunk in answer.aiter_text():
                    text += chunk
                    if len(text) > ANSWER_LIMIT:
                        break
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            return False, type(error).__name__
        text = text[:ANSWER_LIMIT].strip()
        return answer.is_success and text == "SUCCESS", f"{answer.status_code} {text}"
