"""Steps inside and outside as a page takes them: whom to turn to, what to do, what to bring, what the law sets."""

from collections.abc import Iterable
from typing import Any

from liuhen.policy import outside
from liuhen.policy.law import cite_text


def step_rows(steps: Iterable[outside.OutsideStep], lang: str) -> list[dict[str, Any]]:
    """As `ui.steps_outside` takes them, in their order."""
    return [
        {
            "who": outside.who(step, lang),
            "what": outside.what(step, lang),
            "needs": outside.needs(step, lang),
            "limits": [(outside.limit_words(one, lang), cite_text(one.cite, lang)) for one in step.limits],
            "cites": [cite_text(cite, lang) for cite in step.cites],
        }
        for step in steps
    ]
