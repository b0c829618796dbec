"""Self-check without signing in: describe a situation, and the rules that decide real cases say what would happen."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.params import QueryParameter

from liuhen.edge.context import Ctx
from liuhen.edge.web.forms import prefilled
from liuhen.edge.web.kinds import KINDS
from liuhen.edge.web.public import check_facts as asked
from liuhen.edge.web.reasons import REASONS
from liuhen.edge.web.render import render
from liuhen.edge.web.view import view_of
from liuhen.policy import explain
from liuhen.policy.clauses.registry import NUMBERS
from liuhen.policy.decide import decide
from liuhen.policy.decision import Decision, Mark
from liuhen.policy.law import cite_text

Text = Annotated[str, QueryParameter(max_length=40)]
_MARKS = {Mark.MET: "met", Mark.NOT_MET: "not", Mark.UNKNOWN: "unknown"}


@get("/check")
async def check(
    ctx: Ctx, kind: Text = "", stage: Text = "", reason: Text = "", hours: Text = "", use: Text = "", agreed: Text = ""
) -> Response[Any]:
    """The form; with a situation in the address also the answer. Nothing is kept."""
    lang = view_of(ctx.request).lang
    rulebook = ctx.app.rulebook(ctx.now)
    facts = asked.facts_of(
        asked.Situation(kind=kind, stage=stage, reason=reason, hours=hours, use=use, agreed=agreed == "1"), ctx.now
    )
    decision = decide(facts, rulebook) if facts is not None else None
    return render(
        ctx.request,
        "public/check.html",
        kinds=tuple(KINDS.values()),
        stages=asked.STAGES,
        reasons=tuple((code.value, words.label) for code, words in REASONS.items()),
        typed=prefilled(
            kind=kind, stage=stage, reason=reason, hours=hours or "1", use=use, agreed="1" if agreed == "1" else ""
        ),
        incomplete=bool(stage or reason) and decision is None,
        decision=decision,
        headline=explain.headline(decision, lang) if decision else "",
        step=explain.step_text(decision.next_step, lang) if decision else "",
        clauses=_decisive(decision, lang) if decision else (),
        rulebook=rulebook,
    )


def _decisive(decision: Decision, lang: str) -> tuple[dict[str, Any], ...]:
    """The clauses on which the answer rests, the one that decides first, as ui.clauses takes them."""
    found = sorted((one for one in decision.clauses if one.decisive), key=lambda one: one.id != decision.ground)
    return tuple(
        {
            "state": _MARKS[one.mark],
            "bold": explain.sentence(one.id, one, lang),
            "cites": [
                (NUMBERS[one.id], f"/rules#c-{NUMBERS[one.id].replace('.', '-')}"),
                *((cite_text(cite, lang), "/rules#law") for cite in one.cites),
            ],
        }
        for one in found
    )


routes = [check]
