"""Every citation resolves to a verified article, paragraph and item in the version in force."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from liuhen.policy.clauses.registry import CLAUSES
from liuhen.policy.decision import Cite
from liuhen.policy.law import ALIASES, NAMES, articles_of, cite_text, standing_on
from tests.policy.make_statute_refs import shape

REFS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "statute_refs.json").read_text())
TODAY = "2026-11-22"
CITED = sorted(
    {(clause.id, cite) for clause in CLAUSES for cite in clause.cites}, key=lambda pair: (pair[0], str(pair[1]))
)


def resolve(cite: Cite) -> dict[str, Any]:
    law = ALIASES.get(cite.law, cite.law)
    found = [
        ref
        for ref in REFS
        if (ref["law"], ref["article"]) == (law, cite.article)
        and ref["effective_from"] <= TODAY
        and (ref["repealed"] is None or ref["repealed"] > TODAY)
    ]
    assert len(found) == 1, f"{cite} stands in {len(found)} versions"
    return found[0]


@pytest.mark.parametrize(("clause", "cite"), CITED)
def test_cite_resolves(clause: str, cite: Cite) -> None:
    items = resolve(cite)["items"]
    assert cite.paragraph <= len(items), "no such paragraph"
    if cite.item:
        assert cite.item <= items[max(cite.paragraph, 1) - 1], "no such item"


@pytest.mark.parametrize("clause", [c.id for c in CLAUSES])
def test_each_clause_names_its_basis(clause: str) -> None:
    assert next(c for c in CLAUSES if c.id == clause).cites


def test_platforms_own_rules_are_never_cited_as_law() -> None:
    assert {cite.law for _, cite in CITED} <= NAMES.keys()


def test_a_wrong_cite_would_be_found() -> None:
    with pytest.raises(AssertionError):
        resolve(Cite("电商法", 999))
    assert resolve(Cite("消法", 25, 1, 4))["items"][0] == 4


def test_paragraphs_and_items_are_counted_as_the_research_says() -> None:
    assert shape("甲：\n（一）乙\n（二）丙\n丁") == [2, 0]


def test_cites_read_as_people_write_them() -> None:
    assert cite_text(Cite("消法", 25, 1, 3), "zh") == "消费者权益保护法 第25条第1款第三项"
    assert cite_text(Cite("民法典", 563, 1, 3), "en") == "Civil Code art. 563(1)(3)"
    assert cite_text(Cite("电商法", 20), "zh") == "电子商务法 第20条"


DAYS = (date(2024, 9, 1), date(2025, 3, 1), date(2025, 6, 1), date(2026, 1, 15), date(2026, 3, 1), date(2026, 11, 22))


@pytest.mark.parametrize("day", DAYS)
def test_each_clause_cites_the_law_as_it_stood_on_the_day_of_the_fact(day: date) -> None:
    """A predecessor where there was one, nothing where the law had not begun, and always an article of that day."""
    for clause in CLAUSES:
        for cite in standing_on(articles_of(clause.cites), day):
            law = ALIASES.get(cite.law, cite.law)
            found = [
                ref
                for ref in REFS
                if (ref["law"], ref["article"]) == (law, cite.article)
                and ref["effective_from"] <= day.isoformat()
                and (ref["repealed"] is None or ref["repealed"] > day.isoformat())
            ]
            assert len(found) == 1, f"{clause.id}: {cite} on {day}"


def test_articles_that_moved_are_found_where_they_stood() -> None:
    renumbered, replaced = Cite("网安法", 23), Cite("投诉举报办法", 23)
    both = articles_of((renumbered, replaced))
    assert standing_on(both, date(2025, 12, 31)) == (Cite("网安法", 21), Cite("投诉举报暂行办法", 21))
    assert standing_on(both, date(2026, 4, 15)) == (renumbered, replaced)
    assert standing_on(articles_of((Cite("平台规则办法", 19, 2),)), date(2026, 1, 31)) == ()
