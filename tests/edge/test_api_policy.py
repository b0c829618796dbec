"""POST /policy/decisions: the rules asked about facts, in the form of case files."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from liuhen.edge.api.facts_schema import facts_schema
from liuhen.edge.rate import TokenBuckets
from liuhen.policy.casefile import case_of
from liuhen.policy.facts.tables import table_from
from tests.edge.callers import V1
from tests.edge.described import as_described
from tests.edge.doors import Doors

CASES = Path(__file__).parents[1] / "policy" / "cases"
PATH = f"{V1}/policy/decisions"


def facts(name: str) -> list[dict[str, Any]]:
    """The units of a case file's first moment, as JSON."""
    case = case_of(tomllib.loads((CASES / f"{name}.toml").read_text()))
    return [msgspec.to_builtins(table_from(unit)) for unit in case.moments[0].units]


async def ask(doors: Doors, body: Any) -> Any:
    answer = await (await doors.api()).send("POST", PATH, body)
    as_described(answer)
    return answer


async def test_a_visitor_asks_and_is_told_in_words(doors: Doors) -> None:
    answer = await ask(doors, {"units": facts("E01-partial-seller-fault")})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["outcome"], found["amount_fen"]) == ("PARTIAL", 8000)
    unit = found["units"][0]
    assert unit["decision"]["liable"] == "seller"
    assert unit["texts"]["headline"] == "部分退 ¥80.00"
    assert unit["texts"]["sum"].endswith("¥80.00")
    assert any(clause["mark"] == "unknown" for clause in unit["texts"]["clauses"])


async def test_many_units_are_joined(doors: Doors) -> None:
    answer = await ask(doors, {"units": facts("H01-3-of-50"), "lang": "en", "what_would_change": False})
    found = answer.json()
    assert (found["outcome"], found["amount_fen"], len(found["units"])) == ("PARTIAL", 6000, 50)
    assert found["units"][0]["texts"]["headline"].startswith("¥20.00")
    assert all(unit["decision"]["what_would_change"] == [] for unit in found["units"])


async def test_what_would_change_is_said_unless_not_wanted(doors: Doors) -> None:
    found = (await ask(doors, {"units": facts("B02-unviewed-confirmed"), "lang": "en"})).json()
    changes = found["units"][0]["decision"]["what_would_change"]
    assert len(changes) == len(found["units"][0]["texts"]["changes"]) > 0


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"units": []}, None),
        ({"units": [{}] * 101}, None),
        ({"units": [{}]}, "units[0].now"),
        ({"units": [{"now": "2026-11-22T04:00:00Z"}]}, "units[0].goods.kind"),
        ({"units": [{"now": "soon"}]}, "units[0].now"),
        ({"rulebook": "1999-01-1"}, "rulebook"),
        ({"on": "1999-01-01T00:00:00Z"}, None),
        ({"lang": "fr"}, None),
        ({"colour": "red"}, None),
    ],
)
async def test_a_mistake_is_refused_with_its_place(doors: Doors, change: dict[str, Any], path: str | None) -> None:
    answer = await ask(doors, {"units": facts("C01-invalid-key"), **change})
    assert answer.status_code == 422
    if path:
        assert answer.json()["data"]["path"] == path


async def test_a_version_that_is_in_force_then(doors: Doors) -> None:
    for more in ({"rulebook": "2026-11-1"}, {"on": "2026-11-20T00:00:00+08:00"}):
        found = (await ask(doors, {"units": facts("C01-invalid-key"), **more})).json()
        assert found["units"][0]["decision"]["rulebook_version"] == "2026-11-1"


@pytest.mark.parametrize("depth", [500, 40_000])
async def test_a_table_too_deep_is_refused(doors: Doors, depth: int) -> None:
    body = b'{"units": [{"goods": ' + b'{"x": ' * depth + b"1" + b"}" * depth + b"}]}"
    api = await doors.api()
    answer = await api.client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    as_described(answer)
    assert answer.status_code == 422


async def test_ten_units_count_as_one_call(doors: Doors) -> None:
    doors.app = replace(doors.app, api_rate=TokenBuckets(burst=10, per_minute=1))
    doors.site.state["house"] = doors.app
    unit = facts("C01-invalid-key")
    assert (await ask(doors, {"units": unit * 11, "what_would_change": False})).status_code == 200
    assert (await ask(doors, {"units": unit * 90, "what_would_change": False})).status_code == 429


@pytest.mark.parametrize("name", [path.stem for path in sorted(CASES.glob("*.toml")) if "[facts]" in path.read_text()])
def test_the_description_fits_what_is_taken(name: str) -> None:
    described = jsonschema.Draft202012Validator(facts_schema())
    for unit in facts(name)[:1]:
        assert [fault.message for fault in described.iter_errors(unit)] == []
        assert list(described.iter_errors({**unit, "colour": "red"}))
        assert list(described.iter_errors({key: value for key, value in unit.items() if key != "now"}))
