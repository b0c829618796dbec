"""liuhen rulebook backtest, diff, export and invent, as an operator calls them."""

import importlib
import json
import sys
import tomllib
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from types import ModuleType

import pytest

from liuhen.base.db import Database
from liuhen.edge.cli.main import main
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.tables import facts_of
from tests.flows.refunds import Bought

Say = pytest.CaptureFixture[str]
FIRST = Path("liuhen/data/rulebook/2026-11-1.toml")


@pytest.fixture
def plan(tmp_path: Path) -> str:
    """A version that nobody has published: the seller has three days, and seven days become fourteen."""
    text = FIRST.read_text("utf-8").replace('version = "2026-11-1"', 'version = "2027-05-1"')
    for name, before, after in (("seller_answer", 86_400, 259_200), ("no_reason_window", 691_200, 1_209_600)):
        text = text.replace(f"[params.{name}]\nvalue = {before}", f"[params.{name}]\nvalue = {after}")
    assert tomllib.loads(text)["params"]["seller_answer"]["value"] == 259_200
    file = tmp_path / "plan.toml"
    file.write_text(text, "utf-8")
    return str(file)


@pytest.fixture
def cases(tmp_path: Path, capsys: Say) -> str:
    file = str(tmp_path / "cases.parquet")
    assert main(["rulebook", "invent", file, "--cases", "1600", "--seed", "3"]) == 0
    assert capsys.readouterr().out == f"{file}: 1,600 invented cases, seed 3.\n"
    return file


def test_a_report_in_figures_and_cases(plan: str, cases: str, capsys: Say) -> None:
    assert main(["rulebook", "backtest", "2026-11-1", plan, "--cases", cases, "--examples", "2", "--check", "30"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2026-11-1 → 2027-05-1\n")
    assert " of 1,600 cases are decided otherwise (" in out
    assert "seller.deemed_approved → " in out
    assert out.count("── case ") == 2
    assert "the reason given (claim.reason): " in out
    assert out.endswith("30 random cases were judged again by the engine that decides: no difference.\n")


def test_the_same_as_data(plan: str, cases: str, tmp_path: Path, capsys: Say) -> None:
    out = tmp_path / "result.json"
    asked = ["rulebook", "backtest", "2026-11-1", plan, "--cases", cases, "--json", "--out", str(out), "--check", "0"]
    assert main(asked) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == json.loads(out.read_text("utf-8"))
    assert said["total"]["cases"] == sum(line["cases"] for line in said["by_kind"].values()) == 1600
    assert said["total"]["changed"] == sum(one["line"]["changed"] for one in said["shifts"])
    example = said["examples"][0]
    assert example["old"]["ground"] != example["new"]["ground"] or example["old"] != example["new"]
    assert facts_of(example["facts"], "facts").claim.reason in ReasonCode


def test_what_cannot_be_done_is_one_sentence(plan: str, cases: str, tmp_path: Path, capsys: Say) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(Path(plan).read_text("utf-8").replace("259200", "1"), "utf-8")
    for asked, sentence in (
        (["2026-11-1", "1999-01-1", "--cases", cases], "There is no version 1999-01-1; there are 2026-11-1"),
        (["2026-11-1", str(bad), "--cases", cases], "a rulebook value breaks its limits (name: seller_answer"),
        (["2026-11-1", str(tmp_path / "none.toml"), "--cases", cases], "cannot be read"),
        (["2026-11-1", plan, "--cases", str(tmp_path / "none.parquet")], "There is no file"),
        (["2026-11-1", plan, "--cases", plan], "cannot be read as a Parquet file"),
        (["2026-11-1", plan, "--cases", cases, "--examples", "4000"], "--examples goes from 0 to 40."),
    ):
        assert main(["rulebook", "backtest", *asked]) == 2
        said = capsys.readouterr().err
        assert sentence in said
        assert said.startswith("liuhen: ") and said.count("\n") == 1
    assert main(["rulebook", "invent", str(tmp_path / "x"), "--cases", "7"]) == 2


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("24 hours → 3 days", "better for: the seller", "Of 8,000 invented cases")),
        ("zh", ("对谁更有利：买家", "8,000 个虚构案件")),
    ],
)
def test_a_difference_in_words_and_in_clauses(plan: str, capsys: Say, lang: str, words: tuple[str, ...]) -> None:
    assert main(["rulebook", "diff", "2026-11-1", plan, "--lang", lang, "--sample", "8000"]) == 0
    out = capsys.readouterr().out
    for word in words:
        assert word in out
    assert "seller.deemed_approved" in out
    assert main(["rulebook", "diff", plan, plan, "--sample", "0"]) == 0
    assert "say the same." in capsys.readouterr().out


def test_a_difference_without_the_calculator(plan: str, capsys: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> ModuleType:
        if name.endswith(".rulebook_sample"):
            raise ModuleNotFoundError("No module named 'duckdb'", name="duckdb")
        return found(name)

    found = importlib.import_module
    monkeypatch.setattr(importlib, "import_module", missing)
    assert main(["rulebook", "diff", "2026-11-1", plan]) == 0
    said = capsys.readouterr()
    assert "24 hours → 3 days" in said.out
    assert f"{sys.executable} -m pip install -r /" in said.err


@pytest.fixture
async def history(
    fresh_dsn: Callable[[], Awaitable[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, now: datetime
) -> None:
    """An installation with two decided units: a return at once, and one refused."""
    dsn = await fresh_dsn()
    monkeypatch.setenv("LIUHEN_DATABASE_URL", dsn)
    monkeypatch.setenv("LIUHEN_DATA_DIR", str(tmp_path / "data"))
    db = await Database.open(dsn)
    try:
        world = Bought(db, now)
        placed = await world.bought(2)
        units = [row["id"] for row in await world.units(placed)]
        await world.ask_one(placed, ReasonCode.CHANGE_OF_MIND, units[0])
        await world.reveal(placed, units[1])
        await world.ask_one(placed, ReasonCode.CHANGE_OF_MIND, units[1])
    finally:
        await db.close()


def test_on_the_history_of_the_platform(history: None, plan: str, tmp_path: Path, capsys: Say) -> None:
    file = str(tmp_path / "history.parquet")
    assert main(["rulebook", "export", file]) == 0
    assert capsys.readouterr().out == f"{file}: 2 decided units.\n"
    assert main(["rulebook", "backtest", "2026-11-1", plan, "--cases", file]) == 0
    from_file = capsys.readouterr().out
    assert "0 of 2 cases are decided otherwise (0.00%)." in from_file
    assert main(["rulebook", "backtest", "2026-11-1", plan]) == 0
    assert capsys.readouterr().out == from_file
