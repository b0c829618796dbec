"""Every case file comes out as it says, and every row of the table of acceptance cases has its files."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from liuhen.base.errors import InvalidInput
from liuhen.edge.boot import load_rulebooks
from liuhen.policy.binding import TermKind
from liuhen.policy.casecheck import judged
from liuhen.policy.casefile import EXPECTED, Asks, case_of
from liuhen.policy.decision import Order, StepKind
from liuhen.policy.facts.claim import Remedy
from liuhen.policy.facts.schema import schema
from liuhen.policy.facts.standing import Source, Standing
from liuhen.policy.facts.tables import facts_of, table_from

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.rglob("*.toml"))
ROWS = {  # of the table of acceptance cases
    "A01", "A02", "A04", "A05", "B01", "B02", "B04", "B05", "B07", "B08", "B09", "B11", "B13", "B15",
    "B16", "C01", "C02", "C04", "C06", "C09", "C10", "C11", "C12", "C14", "C17", "C20", "C22", "C23",
    "D01", "D02", "D06", "D07", "D08", "D11", "D13", "E01", "E04", "E06", "E08", "E10", "F01", "F02",
    "F05", "F07", "G01", "G02", "G03", "G04", "G05", "H01", "H02", "H04", "I01", "I03", "J01", "J02",
    "J04", "J06", "J07", "J08", "K01", "K04", "K06", "K09", "K12", "K13", "K14", "K19", "K21",
}  # fmt: skip
books = cache(load_rulebooks)


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_comes_out_as_it_says(path: Path) -> None:
    case = case_of(read(path))
    assert case.id == path.stem
    assert judged(case, books()) == ()


def test_every_row_has_its_files() -> None:
    found = {case_of(read(path)).row for path in CASES.glob("*.toml")}
    assert found == ROWS


def test_what_a_row_expects_is_written_out() -> None:
    for path in CASES.glob("*.toml"):
        for expect in _expectations(read(path)):
            assert expect["cites"], path.stem
            assert {"amount", "amount_max", "moment", "binding", "route", "step", "signal"} & expect.keys(), path.stem


def _expectations(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [table["expect"], *(step["expect"] for step in table.get("then", []))]


def _base() -> dict[str, Any]:
    return read(CASES / "C01-invalid-key.toml")


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("facts.goods.kind", "car", "facts.goods.kind"),
        ("facts.goods.colour", "red", "facts.goods.colour"),
        ("facts.goods.sealed_delivery", 1, "facts.goods.sealed_delivery"),
        ("facts.capacity.captured_fen", -1, "facts.capacity.captured_fen"),
        ("facts.capacity.captured_fen", "1.005", "facts.capacity.captured_fen"),
        ("facts.capacity.captured_fen", 10**13, "facts.capacity.captured_fen"),
        ("facts.capacity.captured_fen", 99.5, "facts.capacity.captured_fen"),
        ("facts.capacity.refunded_fen", "100.01", "facts.capacity.refunded_fen"),
        ("facts.capacity.duplicate_captured_fen", "100.01", "facts.capacity.duplicate_captured_fen"),
        ("facts.now", "2026-11-10T12:00:00", "facts.now"),
        ("facts.now", "yesterday", "facts.now"),
        ("facts.now", "2999-01-01T00:00:00Z", "facts.now"),
        ("facts.delivery.delivered_at", "2027-01-01T00:00:00Z", "facts.delivery.delivered_at"),
        ("facts.redemption.revealed_at", "2026-11-10T10:00:00+08:00", "facts.redemption.revealed_at"),
        ("facts.redemption.seal", "sealed", "facts.redemption.revealed_at"),
        ("facts.redemption", {"seal": "none"}, "facts.redemption.seal"),
        ("facts.delivery", {}, "facts.redemption.seal"),
        ("facts.order", {}, "facts.order.placed_at"),
        ("facts.redemption.used_permille", 1001, "facts.redemption.used_permille"),
        ("facts.measure.had", 1, None),
        ("facts.measure", {"had": 3, "total": 2}, "facts.measure.had"),
        ("facts.defects.invalid_key", {"value": True, "by": "issuer"}, "facts.defects.invalid_key.by"),
        ("facts.defects.invalid_key", {"source": "issuer"}, "facts.defects.invalid_key.value"),
        ("facts.defects.invalid_key", {"value": True, "standing": "unknown"}, "facts.defects.invalid_key"),
        ("facts.defects.invalid_key", {"value": True, "source": "nobody"}, "facts.defects.invalid_key"),
        ("facts.claim.seller.answered_at", "2026-11-10T11:00:00+08:00", "facts.claim.seller.answered_at"),
        ("facts.claim.seller", "silent", "facts.claim.seller"),
        ("facts.order.bad_units", 2, "facts.order.bad_units"),
        ("facts.parties.buyer_age", 151, "facts.parties.buyer_age"),
        ("rulebook", "", "rulebook"),
        ("rulebook", "1999-01-1", "rulebook"),
        ("title", "x" * 401, "title"),
        ("units", [{"count": 501}], "units[0].count"),
        ("units", [{"count": 0}], "units[0].count"),
        ("units", [{"count": 300}, {"count": 201}], "units[1].count"),
        ("units", [{}] * 501, "units"),
        ("then", [{"facts": {}, "expect": {}}], "then[0].expect"),
        ("then", [{"fact": {}, "expect": {"outcome": "FULL"}}], "then[0].fact"),
        ("term", {"kind": "silence_agrees"}, "term"),
        ("asks", "advice", "asks"),
        ("expect.outcome", "ALL", "expect.outcome"),
        ("expect.amount", ["2.00", "1.00"], "expect.amount"),
        ("expect.liable", ["nobody", "me"], "expect.liable"),
        ("expect.cites", ["民法典"], "expect.cites"),
        ("expect.cites", ["某某法12"], "expect.cites"),
        ("expect.claims", {"anger": True}, "expect.claims.anger"),
        ("expect.claims", {"interest": False}, "expect.claims.interest"),
        ("expect.mood", "good", "expect.mood"),
    ],
)
def test_a_mistake_is_named_with_its_place(path: str, value: Any, where: str | None) -> None:
    table = _base()
    place = table
    *groups, name = path.split(".")
    for group in groups:
        place = place.setdefault(group, {})
    place[name] = value
    if where is None:
        case_of(table)
        return
    with pytest.raises(InvalidInput) as caught:
        judged(case_of(table), books())
    assert caught.value.data["path"] == where


def test_the_page_for_those_who_write_cases_names_all_there_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "cases.md").read_text("utf-8")
    words = [str(word) for kind in (Asks, TermKind, Source, Standing, Remedy, Order, StepKind) for word in kind]
    words += [str(value) for field in schema().values() if field.type is not bool for value in field.values]
    assert [word for word in [*schema(), *words, *EXPECTED] if f"`{word}`" not in page] == []
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example and judged(case_of(tomllib.loads(example[1])), books()) == ()


@pytest.mark.parametrize("path", FILES[::7], ids=lambda path: path.stem)
def test_facts_written_out_read_back(path: Path) -> None:
    for moment in case_of(read(path)).moments:
        for facts in dict.fromkeys(moment.units):
            assert facts_of(table_from(facts)) == facts
            assert facts_of(msgspec.json.decode(msgspec.json.encode(table_from(facts)))) == facts
