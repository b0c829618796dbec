"""Ten million cases under two versions of the rules. Run: python -m bench.backtest [--cases 10000000] [--rounds 3]

Invented cases are written to a file once. Each round is a process of its own that checks the file, judges all cases
under both versions and sums up what changes, as `liuhen rulebook backtest` does: wall clock, CPU time and the most
memory it held. Then random cases are judged again by the engine that decides, and nothing may differ. Eight values
of the second version are others, so that most of what depends on any value is worked out twice.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from liuhen.base.calc import Calculator
from liuhen.policy.clauses.registry import CLAUSES
from liuhen.policy.facts.codes import columns
from liuhen.reads.backtest import backtest, check_file, compare
from liuhen.reads.case_file import write_synthetic
from tests.policy.world import BOOK, book_with

SECONDS, MEGABYTES = 15, 2048  # goals, on two cores
OTHER = book_with(
    instant_window=2 * 86_400,
    seller_answer=2 * 86_400,
    grace_by_hand=3_600,
    no_reason_window=14 * 86_400,
    sealed_unconfirmed_refund=0,
    buyer_evidence=7 * 86_400,
    minor_used_floor=500,
    rest_worthless=400,
)


def main() -> int:
    """Exit code 1 when a goal is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--check", type=int, default=100_000)
    parser.add_argument("--file", type=Path, help="kept and used again; without: made anew and thrown away")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one is not None:
        return _one(chosen.one)
    with tempfile.TemporaryDirectory() as folder:
        file = chosen.file or Path(folder) / "cases.parquet"
        if not file.exists():
            began, used = time.perf_counter(), time.process_time()
            with Calculator(Path(folder)) as calc:
                write_synthetic(calc, file, chosen.cases, seed=chosen.seed)
            spent, cpu = time.perf_counter() - began, time.process_time() - used
            print(f"{chosen.cases:,} cases written in {spent:.1f} s ({cpu:.1f} s CPU), {file.stat().st_size >> 20} MB")
        print(f"{len(CLAUSES)} clauses, {len(columns())} columns, {os.cpu_count()} cores; load {_load()}")
        rounds = [_round(file) for _ in range(chosen.rounds)]
        began = time.perf_counter()
        with Calculator(Path(folder)) as calc:
            again = compare(calc, file, (BOOK, OTHER), chosen.check)
        print(
            f"{again:,} random cases judged again by the engine in {time.perf_counter() - began:.0f} s: no difference"
        )
    middle = sorted(rounds)[len(rounds) // 2]
    print(f"median {middle[0]:.1f} s, {middle[2]:.0f} MB   goal < {SECONDS} s and < {MEGABYTES} MB")
    return 0 if middle[0] < SECONDS and max(one[2] for one in rounds) < MEGABYTES else 1


def _round(file: Path) -> tuple[float, float, float]:
    """Seconds, CPU seconds and megabytes of a process that does it once."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "bench.backtest", "--one", str(file)], capture_output=True, text=True, check=True
    )
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = json.loads(done.stdout)
    print(
        f"{wall:.1f} s, {cpu:.1f} s CPU, {told['megabytes']:.0f} MB; load {_load()}; {told['changed']:,} cases changed"
    )
    return wall, cpu, told["megabytes"]


def _one(file: Path) -> int:
    with tempfile.TemporaryDirectory() as folder, Calculator(Path(folder)) as calc:
        check_file(calc, file)
        began = time.perf_counter()
        result = backtest(calc, file, BOOK, OTHER)
        seconds = time.perf_counter() - began
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "megabytes": kilobytes / 1024, "changed": result.total.changed}))
    return 0


def _load() -> str:
    """How busy the machine is, others included: runnable processes on average over the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    sys.exit(main())
