"""`liuhen policy`: asks the rules about files, and holds them to what files expect. No database is needed."""

import io
import json
from pathlib import Path

import pytest

from liuhen.edge.cli.main import main

Say = pytest.CaptureFixture[str]
CASES = Path(__file__).parents[1] / "policy" / "cases"


def test_a_decision_in_words(capsys: Say) -> None:
    assert main(["policy", "decide", str(CASES / "E01-partial-seller-fault.toml"), "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    for words in (
        "PARTIAL · 部分退 ¥80.00",
        "怎么算：",
        "民法典 第566条",
        "还可以做什么",
        "✓*",
        "✗",
        "?",
        "2026-11-1",
    ):
        assert words in told


def test_what_would_change_it_and_where_to_turn(capsys: Say) -> None:
    assert main(["policy", "decide", str(CASES / "B02-unviewed-confirmed.toml"), "--place", "elsewhere"]) == 0
    told = capsys.readouterr().out
    assert "What would change it" in told and "no exclusion had been confirmed" in told
    assert "The court" in told and "The platform where you bought it" in told


def test_a_demand_for_money_is_warned_of(capsys: Say) -> None:
    assert main(["policy", "decide", str(CASES / "more" / "fee-demanded-said.toml"), "--lang", "zh"]) == 0
    assert "不要转账" in capsys.readouterr().out


def test_facts_alone_from_standard_input_as_data(monkeypatch: pytest.MonkeyPatch, capsys: Say) -> None:
    facts = {
        "now": "2026-11-22T04:00:00Z",
        "goods": {"kind": "card_key", "sealed_delivery": True},
        "order": {"placed_at": "2026-11-22T03:00:00Z"},
        "claim": {"reason": "CHANGE_OF_MIND", "requested_at": "2026-11-22T04:00:00Z"},
        "capacity": {"captured_fen": "98.00"},
    }
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(facts).encode())))
    assert main(["policy", "decide", "-", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["decision"]["outcome"], found["decision"]["amount_fen"]) == ("FULL", 9800)
    assert found["texts"][0]["headline"] == "¥98.00 goes back in full"


def test_many_alike_are_told_once(capsys: Say) -> None:
    assert main(["policy", "decide", str(CASES / "H01-3-of-50.toml")]) == 0
    told = capsys.readouterr().out
    assert told.startswith("PARTIAL ¥60.00 · 50 ×\n") and "── 3 × ──" in told and "── 47 × ──" in told


def test_cases_as_expected(capsys: Say) -> None:
    assert main(["policy", "cases", str(CASES / "C10-edited-screenshot.toml")]) == 0
    assert capsys.readouterr().out == "1 case files (1 decision): 1 as expected, 0 differ, 0 unreadable\n"


def test_cases_by_a_version(capsys: Say) -> None:
    file = str(CASES / "C01-invalid-key.toml")
    assert main(["policy", "cases", file, "--rulebook", "2026-11-1"]) == 0
    assert main(["policy", "cases", file, "--rulebook", "1999-01-1"]) == 2
    assert "no such version" in capsys.readouterr().out


def test_a_difference_and_a_mistake(tmp_path: Path, capsys: Say) -> None:
    text = (CASES / "C01-invalid-key.toml").read_text()
    wrong = text.replace('amount = "100.00"', 'amount = "99.99"')
    (tmp_path / "wrong.toml").write_text(wrong)
    assert main(["policy", "cases", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert "amount" in told and "¥99.99" in told and "1 differ" in told
    (tmp_path / "bad.toml").write_text(text.replace("card_key", "car"))
    (tmp_path / "worse.json").write_text("{")
    assert main(["policy", "cases", str(tmp_path)]) == 2
    told = capsys.readouterr().out
    assert "facts.goods.kind is not one of the words" in told and "2 unreadable" in told
    assert main(["policy", "cases", str(tmp_path), "--json"]) == 2
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(bool(row["problem"]), len(row["differences"])) for row in rows] == [(True, 0), (True, 0), (False, 1)]


@pytest.mark.parametrize("what", ["nowhere", "empty"])
def test_nothing_to_judge(what: str, tmp_path: Path, capsys: Say) -> None:
    folder = tmp_path / "nowhere" if what == "nowhere" else tmp_path
    assert main(["policy", "cases", str(folder)]) == 2
    assert "no case file" in capsys.readouterr().err


def test_a_file_that_is_not_there(tmp_path: Path, capsys: Say) -> None:
    assert main(["policy", "decide", str(tmp_path / "gone.toml")]) == 2
    assert "cannot be read" in capsys.readouterr().err
