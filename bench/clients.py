"""Keep-alive clients that ask one web process for the same act again and again; a process of its own.

Requests are put together from prebuilt bytes, answers are read as far as their status and length: the generator shares
the cores with what it measures, so it does as little as it can. Run: python -m bench.clients, a Job as JSON on stdin.
"""

import asyncio
import random
import sys
import time
from collections.abc import Iterator

import msgspec
import uvloop

from bench.capture import Request
from bench.deals import Purchase, Refund

_FIRST = 1_000_000  # numbers of requests begin here: no key of the capture comes again
_KEPT_ERRORS = 5


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask for. orders: how many can be given back, for refunds; seed: of the choice of buyers and sellers;
    skip: so many requests are those of the job before."""

    host: str
    port: int
    clients: int
    seconds: float
    act: str
    sellers: int
    buyers: int
    orders: int = 0
    seed: int = 1
    skip: int = 0


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """done: answers with 201; failed: all others; seconds: from the first request to the last answer. cpu: of this
    process, in seconds; ms: latencies."""

    done: int
    failed: int
    seconds: float
    cpu: float
    p50_ms: float
    p99_ms: float
    errors: list[str]


def requests(job: Job) -> Iterator[bytes]:
    """Endless for purchases; each order once for refunds."""
    chance = random.Random(job.seed)
    host = f"{job.host}:{job.port}"
    if job.act == "purchase":
        act = Purchase(sellers=job.sellers, buyers=job.buyers)
        number = _FIRST + job.skip
        while True:
            number += 1
            yield wire(act.request(chance.randrange(job.buyers), chance.randrange(job.sellers), number), host)
    else:
        back = Refund()
        orders = list(range(3, job.orders))
        chance.shuffle(orders)
        for order in orders[job.skip :]:
            yield wire(back.request(order, order % job.buyers), host)


def wire(request: Request, host: str) -> bytes:
    """The bytes of a request."""
    lines = [f"POST {request.path} HTTP/1.1", f"host: {host}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    lines += [f"content-length: {len(request.body)}", "", ""]
    return "\r\n".join(lines).encode() + request.body


class Client(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks again."""

    def __init__(self, crowd: "Crowd") -> None:
        self.crowd = crowd
        self.seen = b""
        self.asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        request = self.crowd.next()
        self.asked_at = time.perf_counter()
        if request is None:
            self.transport.close()
        else:
            self.transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.seen = self.seen + data if self.seen else data
        head, gap, body = self.seen.partition(b"\r\n\r\n")
        if not gap:
            return
        place = head.find(b"content-length: ")
        if len(body) < int(head[place + 16 : head.find(b"\r", place + 16) if b"\r" in head[place:] else None]):
            return
        self.crowd.answered(head, body, time.perf_counter() - self.asked_at)
        self.seen = b""
        self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        self.crowd.left(error)


class Crowd:
    """All clients of a job and what they were answered."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.requests = requests(job)
        self.took: list[float] = []
        self.failed = 0
        self.errors: list[str] = []
        self.open = job.clients
        self.gone = asyncio.Event()
        self.end = 0.0

    def next(self) -> bytes | None:
        return next(self.requests, None) if time.perf_counter() < self.end else None

    def answered(self, head: bytes, body: bytes, seconds: float) -> None:
        if head.startswith(b"HTTP/1.1 201"):
            self.took.append(seconds)
            return
        self.failed += 1
        if len(self.errors) < _KEPT_ERRORS:
            self.errors.append(head[:40].decode("latin1") + " " + body[:300].decode(errors="replace"))

    def left(self, error: Exception | None) -> None:
        self.open -= 1
        if error is not None:
            self.errors.append(repr(error))
        if not self.open:
            self.gone.set()

    async def run(self) -> Asked:
        began, cpu = time.perf_counter(), time.process_time()
        self.end = began + self.job.seconds
        loop = asyncio.get_running_loop()
        for _ in range(self.job.clients):
            await loop.create_connection(lambda: Client(self), self.job.host, self.job.port)
        await self.gone.wait()
        seconds = time.perf_counter() - began
        took = sorted(self.took) or [0.0]
        return Asked(
            done=len(self.took),
            failed=self.failed,
            seconds=seconds,
            cpu=time.process_time() - cpu,
            p50_ms=took[len(took) // 2] * 1000,
            p99_ms=took[len(took) * 99 // 100] * 1000,
            errors=self.errors,
        )


async def _main(job: Job) -> Asked:
    return await Crowd(job).run()


if __name__ == "__main__":
    told = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(_main(told))))
