"""Ask policy about one unit."""

from liuhen.policy.decision import Decision, Finding
from liuhen.policy.engine import finding_of, judge, run, trace
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.trace import Trace


def decide(facts: RefundFacts, rulebook: Rulebook) -> Decision:
    """The decision on one unit. Pure: the same facts and rulebook give the same decision, always.

    A flow pays when, and only when, `next_step.kind` is PAY. Amounts fen, times UTC. `what_would_change` is left
    empty here; `whatif.with_changes` fills it for a page.
    """
    return run(facts, rulebook)


def find(facts: RefundFacts, rulebook: Rulebook) -> tuple[Finding, Trace]:
    """The same as flows act on it and keep it, its trace not written out: `engine.with_trace` does that."""
    verdict = judge(facts, rulebook)
    return finding_of(verdict), trace(verdict)
