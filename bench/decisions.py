"""How many refund decisions one core makes in a second. Run: python -m bench.decisions [--seconds 2]

Three depths of the same decision, on the same mix of cases (every case file of tests/policy/cases, and one case for
each clause that can decide): the whole trace as data (all clauses' marks with the facts they were read from), the
trace written out as it is stored and served, and that with every sentence in Chinese. The preview is what a buyer
waits for: decision, sentences and what would change it, each case timed alone.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence

from liuhen.policy import explain
from liuhen.policy.clauses.registry import CLAUSES
from liuhen.policy.decision import Decision
from liuhen.policy.engine import judge, run
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.whatif import with_changes
from tests.policy.test_clauses import DECIDES
from tests.policy.world import BOOK

GOAL = 30_000  # decisions per second on one core, whole trace as data
PREVIEW_MS = 20  # p99 of a preview in the process


def rate(work: Callable[[RefundFacts], object], cases: Sequence[RefundFacts], seconds: float) -> float:
    """Calls per second of CPU time of this process, over whole rounds of the cases."""
    for facts in cases:
        work(facts)
    began, rounds = time.process_time(), 0
    while (spent := time.process_time() - began) < seconds:
        for facts in cases:
            work(facts)
        rounds += 1
    return rounds * len(cases) / spent


def written(facts: RefundFacts) -> list[str]:
    """The decision with a sentence for each clause."""
    return _sentences(run(facts, BOOK))


def _sentences(decision: Decision) -> list[str]:
    return [explain.sentence(one.id, one, "zh") for one in decision.clauses]


def preview(facts: RefundFacts) -> object:
    """What a buyer sees before he applies."""
    decision = with_changes(run(facts, BOOK), facts, BOOK)
    return _sentences(decision), [explain.change_text(one, "zh") for one in decision.what_would_change]


def previews(cases: Sequence[RefundFacts], rounds: int) -> list[float]:
    """Milliseconds of each preview, sorted."""
    found = []
    for _ in range(rounds):
        for facts in cases:
            began = time.perf_counter()
            preview(facts)
            found.append((time.perf_counter() - began) * 1000)
    return sorted(found)


def main() -> int:
    """Exit code 1 when a goal is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2.0)
    seconds = parser.parse_args().seconds
    cases = list(DECIDES.values())
    data = rate(lambda facts: judge(facts, BOOK), cases, seconds)
    stored = rate(lambda facts: run(facts, BOOK), cases, seconds)
    texts = rate(written, cases, seconds)
    shown = previews(cases, 20)
    p50, p99, worst = shown[len(shown) // 2], shown[len(shown) * 99 // 100], shown[-1]
    print(f"{len(CLAUSES)} clauses, all of them run for each decision; {len(cases)} different cases")
    print(f"trace as data         {data:>10,.0f} decisions/s per core   goal {GOAL:,}")
    print(f"trace written out     {stored:>10,.0f} decisions/s per core")
    print(f"with every sentence   {texts:>10,.0f} decisions/s per core")
    print(f"preview  p50 {p50:.2f} ms, p99 {p99:.2f} ms, worst {worst:.2f} ms   goal p99 < {PREVIEW_MS} ms")
    return 0 if data >= GOAL and p99 < PREVIEW_MS else 1


if __name__ == "__main__":
    sys.exit(main())
