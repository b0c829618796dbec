"""Alert rules and the board ask for what /metrics has; every alarm has its paragraph in docs/operate.md."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from tests.edge.doors import Doors
from tests.flows.world import World

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "ops" / "prometheus" / "liuhen.rules.yml"
TESTS = ROOT / "ops" / "prometheus" / "liuhen.rules.test.yml"
BOARD = ROOT / "ops" / "grafana" / "liuhen.json"
METRIC = re.compile(r"\bliuhen_\w+")
LABEL = re.compile(r"(liuhen_\w+)\{([^}]*)\}")


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def board() -> list[str]:
    return [target["expr"] for panel in json.loads(BOARD.read_text("utf-8"))["panels"] for target in panel["targets"]]


async def shown(doors: Doors, world: World) -> str:
    """/metrics of a house where everything was seen once."""
    await world.seller()
    here = doors.client(ip="127.0.0.1")
    await here.get("/help")
    return (await here.get("/metrics")).text


async def test_every_name_and_label_that_is_asked_for_is_there(doors: Doors, world: World) -> None:
    text = await shown(doors, world)
    there = set(re.findall(r"^(liuhen_\w+)", text, re.M))
    asked = [rule["expr"] for rule in rules()] + board()
    assert len(asked) > 30
    assert {name for expr in asked for name in METRIC.findall(expr)} - there == set()
    for name, labels in (found for expr in asked for found in LABEL.findall(expr)):
        for label in re.findall(r"(\w+)\s*(?:=|!=|=~)\s*\"", labels):
            assert re.search(rf"^{name}\{{[^}}]*\b{label}=\"", text, re.M), f"{name} has no label {label}"
        for label, value in re.findall(r"(\w+)=\"([\w]+)\"", labels):
            assert re.search(rf"^{name}\{{[^}}]*\b{label}=\"{value}\"", text, re.M), (
                f"{name}: {label}={value} is never said"
            )


def test_every_alarm_says_what_to_do() -> None:
    page = (ROOT / "docs" / "operate.md").read_text("utf-8")
    named = [rule["alert"] for rule in rules()]
    assert len(named) == len(set(named))
    for rule in rules():
        assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
        assert rule["annotations"]["runbook_url"] == f"docs/operate.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in {"critical", "warning"}
    assert re.findall(r"^### (Liuhen\w+)$", page, re.M) == named, "the alarms of operate.md, in the rules' order"


def test_the_rules_own_tests_expect_all_of_them() -> None:
    """`promtool test rules` runs them; here it is only seen that none is left out."""
    cases = yaml.safe_load(TESTS.read_text("utf-8"))["tests"]
    (sample,) = cases[-1]["promql_expr_test"][0]["exp_samples"]
    assert sample["value"] == len(rules())
