"""Whatever the code sends or records has words: kinds are collected from the code itself."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

from liuhen.edge.web import events, notices, ranges
from liuhen.edge.web.reasons import REASONS, choices
from liuhen.policy.facts.claim import ReasonCode
from liuhen.reads.evidence import ChainEvent

CODE = Path(__file__).parents[2] / "liuhen"
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
_PLACES = {("notices", "send"): 2, ("", "tell"): 3, ("", "record"): 4, ("", "say"): 2}
_IN_OTHER_WORDS = {"kind"}  # a parameter of the function that passes it on


def _texts(node: ast.expr) -> set[str]:
    """The constants that an argument can be; an f-string is told by its beginning."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=body, orelse=otherwise):
            return _texts(body) | _texts(otherwise)
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return {f"{text}*"}
        case ast.Name(id=name):
            return {name} if name in _IN_OTHER_WORDS else {f"?{name}"}
        case _:
            return {f"?{ast.unparse(node)}"}


def _kinds(owner: str, name: str) -> set[str]:
    found: set[str] = set()
    for path in sorted((CODE / "steps").glob("*.py")) + sorted((CODE / "flows").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            func = node.func
            if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
                here = (func.value.id, func.attr)
            else:
                here = ("", getattr(func, "id", ""))
            if here == (owner, name):
                found |= _texts(node.args[_PLACES[here]])
    return found - _IN_OTHER_WORDS


def test_every_message_has_words() -> None:
    sent = _kinds("notices", "send") | _kinds("", "tell")
    assert len(sent) > 20
    assert sent <= set(notices.TABLE), sent - set(notices.TABLE)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", sorted(notices.TABLE))
def test_message_with_and_without_data(kind: str, lang: str) -> None:
    full = {
        "order_no": "LH1", "case_no": "TK1", "refund_no": "TF1", "title": "木棉", "amount_fen": 9800, "asked_fen": 9800,
        "total_fen": 9800, "net_fen": 9604, "due_at": NOW.isoformat(), "until": NOW.isoformat(), "route": "BALANCE",
        "why": "LATE", "from": "BUYER", "reason": "INVALID_KEY", "imported": 100, "filename": "a.txt",
        "before": 500, "after": 300, "way": "totp", "name": "手机",
    }  # fmt: skip
    said = notices.words(kind, full, lang=lang, now=NOW)
    assert said.title and "%(" not in said.title + said.text and "–" not in said.title
    assert notices.words(kind, {}, lang=lang, now=NOW).title
    assert notices.words("NEW_KIND", {}, lang=lang, now=NOW).text == "NEW_KIND"


def test_every_event_on_record_has_words() -> None:
    recorded = _kinds("", "record") | _kinds("", "say")
    plain = {kind for kind in recorded if kind.isupper() and not kind.endswith("*")}
    assert len(plain) > 25
    assert plain <= set(events.KINDS), plain - set(events.KINDS)
    assert {kind for kind in recorded if kind.endswith("*")} == {"ORDER_*"}
    assert {"ORDER_CANCELLED", "ORDER_EXPIRED"} <= set(events.KINDS)


def test_an_unknown_event_shows_by_its_name() -> None:
    reader = events.Reader("zh", NOW, "buyer", {})
    payload = {"kind": "SOMETHING_NEW", "at": NOW.isoformat(), "actor": {"role": "PLATFORM", "id": None}, "data": {}}
    assert events.entry(ChainEvent(seq=3, payload=payload, hash="00"), reader)["text"] == "SOMETHING_NEW"


def test_reasons_are_complete_and_sorted_by_what_fits() -> None:
    assert set(REASONS) == set(ReasonCode)
    for states in ({"SEALED"}, {"REVEALED"}, {"TO_DELIVER"}, {"HANDED_OVER"}, {"SEALED", "REVEALED"}):
        first, rest = choices(["card_key"], states)
        assert sorted([*first, *rest]) == sorted(ReasonCode)  # each once
    assert choices(["card_key"], {"REVEALED"})[0][0] is ReasonCode.INVALID_KEY
    assert choices(["card_key"], {"SEALED"})[0][0] is ReasonCode.CHANGE_OF_MIND


def test_ranges() -> None:
    assert ranges.write([3, 1, 2, 7]) == "1-3,7"
    assert ranges.read(["1-3,7", "2"]) == [1, 2, 3, 7]
    assert ranges.words([1, 2], "zh") == "第 1、2 件" and ranges.words(range(1, 501), "en") == "items 1–500"
    assert ranges.words([], "zh") == "" and ranges.words(range(1, 40, 2), "zh") == "20 件"
