"""The self-check over the API: described at once, or question by question; nothing of ours is promised elsewhere."""

from typing import Any

import pytest

from tests.edge.doors import Doors

PATH = "/api/v1/self-check"
SEALED = {"kind": "card_key", "stage": "sealed", "reason": "CHANGE_OF_MIND", "hours": 2}
DEAD_KEY = {
    "kind": "card_key", "where": "elsewhere", "topic": "broken", "detail": "invalid", "official": "page",
    "proof": "recording", "seller": "silent", "paid": "", "paid.paid": "98",
}  # fmt: skip


async def ask(doors: Doors, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    if "answers" in body:
        body = {"answers": [{"key": key, "value": value} for key, value in body["answers"].items()]}
    answer = await (await doors.browser()).client.post(PATH, json=body)
    found: dict[str, Any] = answer.json()
    return answer.status_code, found


async def test_a_situation_as_before(doors: Doors) -> None:
    status, found = await ask(doors, SEALED)
    assert status == 200
    assert found["headline_zh"] == "全额退 ¥100.00"
    assert found["question"] is None
    assert found["statement_zh"] is None
    assert found["decision"]["ground"] == "promise.instant"


async def test_more_can_be_said_of_a_situation(doors: Doors) -> None:
    revealed = {"kind": "card_key", "stage": "revealed", "reason": "INVALID_KEY", "hours": 2, "proof": "recording"}
    _, here = await ask(doors, {**revealed, "seller": "silent", "paid_fen": 9_800})
    assert here["decision"]["ground"] == "seller.deemed_approved"
    _, there = await ask(doors, {**revealed, "seller": "silent", "paid_fen": 9_800, "where": "elsewhere"})
    assert there["decision"]["ground"] == "seller.unrebutted"
    assert there["headline_en"] == "If it is so, ¥98.00 is due in full unless the seller proves otherwise"
    assert [step["key"] for step in there["steps"]][:2] == ["seller", "platform"]
    assert any("60 日" in limit for step in there["steps"] for limit in step["limits"])


async def test_elsewhere_the_instant_refund_is_not_promised(doors: Doors) -> None:
    _, found = await ask(doors, {**SEALED, "where": "elsewhere"})
    assert found["decision"]["ground"] != "promise.instant"


async def test_question_by_question(doors: Doors) -> None:
    answers: dict[str, str] = {}
    for _ in range(12):
        status, found = await ask(doors, {"answers": answers})
        assert status == 200
        question = found["question"]
        if question is None:
            break
        answers[question["key"]] = DEAD_KEY[question["key"]]
        for number in question["numbers"]:
            answers[number["key"]] = DEAD_KEY[number["key"]]
        assert question["numbers"] or DEAD_KEY[question["key"]] in [one["key"] for one in question["choices"]]
    assert answers == DEAD_KEY
    assert found["decision"]["amount_fen"] == 9_800
    assert "退还实付的 ¥98.00" in found["statement_zh"]
    assert "Please pay back ¥98.00" in found["statement_en"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"kind": "card_key", "reason": "MINOR"}, "stage"),
        ({"answers": {"kind": "nonsense"}}, "answers.kind"),
        ({"answers": {"where": "here", "detail": "invalid"}}, "answers.detail"),
        ({"answers": {**DEAD_KEY, "paid.paid": "x"}}, "answers.paid"),
    ],
)
async def test_what_does_not_fit_is_named(doors: Doors, body: dict[str, Any], field: str) -> None:
    status, found = await ask(doors, body)
    assert status == 422
    assert found["data"]["field"] == field
