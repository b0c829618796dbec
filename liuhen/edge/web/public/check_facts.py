"""From what is typed into the self-check to the situation that policy is asked about."""

from datetime import datetime

import msgspec

from liuhen.edge import situation
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.refund_facts import RefundFacts


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


STAGES: tuple[tuple[str, str], ...] = (
    ("waiting", _("付了款，还没送到")),
    ("sealed", _("送到了，密封没拆")),
    ("revealed", _("已经拆封，看过内容")),
    ("handed", _("卖家手工交付了")),
)
_USES = {"unused": False, "used": True}


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """As typed. hours: since delivery, or since the promised time. use: unused, used, or "" for not known."""

    kind: str
    stage: str
    reason: str
    hours: str
    use: str
    agreed: bool


def facts_of(said: Situation, now: datetime) -> RefundFacts | None:
    """None until kind, stage and reason are chosen and the hours are a number."""
    chosen = said.kind in set(GoodsKind) and said.reason in set(ReasonCode) and said.stage in dict(STAGES)
    if not chosen or not (said.hours.isascii() and said.hours.isdigit()) or len(said.hours) > 5:
        return None
    meant = situation.Situation(
        kind=GoodsKind(said.kind),
        stage=situation.Stage(said.stage),
        reason=ReasonCode(said.reason),
        hours=int(said.hours),
        used=_USES.get(said.use),
        agreed=said.agreed,
    )
    return situation.facts_of(meant, now)
