"""Ask policy about one unit."""

from liuhen.policy.decision import Decision
from liuhen.policy.engine import run
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.rulebook import Rulebook


def decide(facts: RefundFacts, rulebook: Rulebook) -> Decision:
    """The decision on one unit. Pure: the same facts and rulebook give the same decision, always.

    A flow pays when, and only when, `next_step.kind` is PAY. Amounts fen, times UTC. `what_would_change` is left
    empty here; `whatif.with_changes` fills it for a page.
    """
    return run(facts, rulebook)
