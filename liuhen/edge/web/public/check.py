"""Self-check without signing in: one question at a time, then what the rules that decide real cases say.

Nothing is kept: the answers stand in the address, which this site does not log.
"""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get

from liuhen.edge.context import Ctx
from liuhen.edge.web.public import check_view
from liuhen.edge.web.render import render
from liuhen.edge.web.view import view_of
from liuhen.policy.selfcheck import walk
from liuhen.policy.selfcheck.said import fault_of, said_of
from liuhen.policy.selfcheck.table import BY_KEY

_MOST_PARAMS = 60


@get("/check")
async def check(ctx: Ctx) -> Response[Any]:
    """The next question, or the answer. `edit` asks a question again; `skip` leaves its numbers open."""
    given = _given(ctx.request.query_params.multi_items())
    lang = view_of(ctx.request).lang
    rulebook = ctx.app.rulebook(ctx.now)
    said = said_of(given)
    question = BY_KEY.get(given.get("edit", ""))
    if question is not None and not walk.can_ask(question, said):
        question = None
    wrong = next((key for key in said.answers if BY_KEY[key].numbers and fault_of(key, given)), None)
    question = question or (BY_KEY[wrong] if wrong else walk.next_question(said, rulebook))
    asked = None
    if question is not None:
        missed = given.get("of") == question.key and "edit" not in given
        asked = check_view.asking(question, said, given, rulebook, lang, missed=missed)
    return render(
        ctx.request,
        "public/check.html",
        asked=asked,
        answered=check_view.answered(said, given, rulebook, lang),
        result=None if asked else check_view.result(said, given, rulebook, ctx.now, lang),
        rulebook=rulebook,
    )


def _given(items: Any) -> Mapping[str, str]:
    """What stands in the address, the last of each name, none of it long. A skipped question loses its numbers."""
    given = {str(key)[:40]: str(value)[: check_view.MOST_TYPED] for key, value in list(items)[:_MOST_PARAMS]}
    skipped = given.pop("skip", "")
    return {key: value for key, value in given.items() if not (skipped and key.startswith(f"{skipped}."))}


routes = [check]
