"""Places between two effects: each has a name, a row in docs/survival.md, and a test that ends a process there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "liuhen"
_CALLS = {"refund", "query_refund", "query_payment"}


def effects(tree: ast.AST) -> list[str]:
    """Calls that take effect outside of the statement they stand in: transactions, channels, the object store."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner, name = ast.unparse(node.func.value), node.func.attr
        if (
            name in {"transact", "at_once"}
            or (name in _CALLS and "channel" in owner)
            or (name in {"put", "delete"} and owner.endswith("objects"))
        ):
            found.append(f"{owner}.{name}")
    return found


def points(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "point":
            assert isinstance(node.args[0], ast.Constant), ast.unparse(node)
            yield node.args[0].value


def _of_code() -> set[str]:
    return {name for path in HOUSE.rglob("*.py") for name in points(ast.parse(path.read_text("utf-8")))}


def _of_page() -> set[str]:
    text = (ROOT / "docs" / "survival.md").read_text("utf-8")
    return set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", text, re.M))


def nameless(text: str) -> bool:
    """Whether more effects stand in a file than names between them."""
    tree = ast.parse(text)
    return len(list(points(tree))) < len(effects(tree)) - 1


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (
            "await db.transact(a)\npoint('x.a_and_b')\nawait channel.refund(b)",
            "await db.transact(a)\nawait channel.refund(b)",
        ),
        ("await objects.put(a)", "await objects.put(a)\nawait db.at_once(b)"),
    ],
)
def test_the_rule_lets_good_pass_and_catches_bad(good: str, bad: str) -> None:
    assert not nameless(good) and nameless(bad)


def test_every_place_between_two_effects_of_a_flow_has_a_name() -> None:
    flows = [path for path in (HOUSE / "flows").rglob("*.py") if effects(ast.parse(path.read_text("utf-8")))]
    assert len(flows) > 50
    assert [path.name for path in flows if nameless(path.read_text("utf-8"))] == []


def test_every_point_has_its_row_and_every_row_its_point() -> None:
    assert _of_code() == _of_page()
    assert len(_of_code()) >= 20


def test_a_test_ends_a_process_at_every_point() -> None:
    here = Path(__file__).name
    text = "".join(path.read_text("utf-8") for path in ROOT.glob("tests/**/*.py") if path.name != here)
    assert [name for name in sorted(_of_code()) if f'"{name}"' not in text] == []
