"""The table on the seal sheet: now and after, in policy's own words."""

from dataclasses import dataclass

from liuhen.edge.web.translate import translate
from liuhen.flows.aftersale.compare_seal import BothSides, SealCompared
from liuhen.policy.decision import Decision, StepKind
from liuhen.policy.explain import ground_sentence, headline, step_text


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@dataclass(frozen=True, slots=True)
class Row:
    """One question, answered for the whole and for the broken seal. why: the clause that makes the difference."""

    term: str
    now: str
    after: str
    why: str = ""


def rows_of(both: SealCompared, lang: str) -> tuple[Row, ...]:
    """What the buyer should know before he breaks a seal."""

    def say(msgid: str) -> str:
        return translate(lang, msgid)

    return (
        _result(say(_("不想要")), both.unwanted, lang),
        Row(say(_("有问题")), headline(both.fault.sealed, lang), headline(both.fault.broken, lang)),
        Row(say(_("要多久")), _how_long(both.fault.sealed, lang), _how_long(both.fault.broken, lang)),
        Row(say(_("谁看得到")), say(_("没有人")), say(_("你；有争议时审核员写明理由也能看。每次都留记录"))),
    )


def _result(term: str, both: BothSides, lang: str) -> Row:
    before, after = headline(both.sealed, lang), headline(both.broken, lang)
    why = ground_sentence(both.broken, lang) if both.broken.ground != both.sealed.ground else ""
    return Row(term, before, after, why)


def _how_long(decision: Decision, lang: str) -> str:
    if decision.next_step.kind is StepKind.PAY:
        return translate(lang, _("几秒"))
    return step_text(decision.next_step, lang)
