"""How long each process takes from its start until it is of use. Run: python -m bench.starts [--rounds 3]

Cold is a data folder that was not there before (a database cluster is made, migrated, and the demo market loaded), warm
the same folder again. Files of the program are in the page cache; nobody empties it here.
"""

import argparse
import asyncio
import os
import re
import socket
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench import proc

_PATIENCE = 120.0
CLI = (sys.executable, "-m", "liuhen.edge.cli.main")
_RAN = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


@dataclass(frozen=True)
class Start:
    """Seconds until it is ready, CPU seconds until then (its own, without children), peak memory in MB."""

    wall: float
    cpu: float
    peak: float


def free_port() -> int:
    """One that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until_line(
    command: tuple[str, ...], environ: Mapping[str, str], sign: str
) -> tuple[Start, asyncio.subprocess.Process]:
    """Starts a process and waits for a line on its output. Raises TimeoutError, ChildProcessError."""
    began = time.perf_counter()
    child = await asyncio.create_subprocess_exec(
        *command, env=dict(environ), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert child.stdout is not None
    async with asyncio.timeout(_PATIENCE):
        while not re.search(sign, line := (await child.stdout.readline()).decode()):
            if not line:
                raise ChildProcessError(f"{command[-1]} ended before it was ready")
    return _now(child.pid, began), child


async def until_answer(
    command: tuple[str, ...], environ: Mapping[str, str], address: str
) -> tuple[Start, asyncio.subprocess.Process]:
    """Starts a process and waits until an address is answered with 200 or 404. Raises TimeoutError."""
    began = time.perf_counter()
    quiet = asyncio.subprocess.DEVNULL
    child = await asyncio.create_subprocess_exec(*command, env=dict(environ), stdout=quiet, stderr=quiet)
    async with httpx.AsyncClient() as client, asyncio.timeout(_PATIENCE):
        while True:
            try:
                answer = await client.get(address)
            except httpx.TransportError:
                await asyncio.sleep(0.01)
                continue
            if answer.status_code in (200, 404):
                return _now(child.pid, began), child
            await asyncio.sleep(0.01)


def _now(pid: int, began: float) -> Start:
    wall = time.perf_counter() - began
    used = proc.used(pid)
    return Start(wall, used.cpu, used.peak)


async def end(*children: asyncio.subprocess.Process) -> None:
    for child in children:
        child.terminate()
    for child in children:
        await child.wait()


async def command_line() -> Start:
    """`liuhen --help`: what every command pays for its imports."""
    began = time.perf_counter()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _RAN, *CLI, "--help", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await child.communicate()
    code, cpu, peak = out.decode().split()
    assert code == "0"
    return Start(time.perf_counter() - began, float(cpu), float(peak))


async def one_round(folder: Path) -> dict[str, Start]:
    """Everything once, in a data folder that is not there yet."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("LIUHEN_")}
    port, sandbox_port = free_port(), free_port()
    demo = (*CLI, "demo", "--data", str(folder), "--port", str(port), "--sandbox-port", str(sandbox_port))
    found = {"liuhen --help": await command_line()}
    for name in ("demo, cold", "demo, warm"):
        found[name], child = await until_line(demo, plain, "Liuhen is open")
        await end(child)
    environ = plain | {
        "LIUHEN_DATA_DIR": str(folder),
        "LIUHEN_PORT": str(port),
        "LIUHEN_SANDBOX_PORT": str(sandbox_port),
        "LIUHEN_SANDBOX_ENABLED": "true",
    }
    found["sandbox"], sandbox = await until_answer((*CLI, "sandbox"), environ, f"http://127.0.0.1:{sandbox_port}/")
    found["worker, database stopped"], worker = await until_line((*CLI, "worker"), environ, '"started"')
    ready = f"http://127.0.0.1:{port}/readyz"
    found["serve, database running"], web = await until_answer((*CLI, "serve"), environ, ready)
    await end(web)
    found["serve, again"], web = await until_answer((*CLI, "serve"), environ, ready)
    await end(web, worker, sandbox)
    return found


async def measure(rounds: int) -> None:
    """Prints the table."""
    runs = []
    for _ in range(rounds):
        with TemporaryDirectory() as folder:
            runs.append(await one_round(Path(folder) / "data"))
    print("| Start | ready after, s | own CPU, s | memory, MB |\n|---|---|---|---|")
    for name in runs[0]:
        walls = sorted(run[name].wall for run in runs)
        cpu = statistics.median(run[name].cpu for run in runs)
        peak = max(run[name].peak for run in runs)
        print(
            f"| {name} | {statistics.median(walls):.2f} ({walls[0]:.2f} to {walls[-1]:.2f}) | {cpu:.2f} | {peak:.0f} |"
        )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    asyncio.run(measure(parser.parse_args().rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
