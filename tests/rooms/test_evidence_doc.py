"""docs/evidence-chain.md names every kind of event that the code records, and no other."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Kinds that are put together at run time, each by the one line that does so.
COMPOSED = {"close_order.py": {"ORDER_CANCELLED", "ORDER_EXPIRED"}}
SAID = {"REFUND_SENT", "REFUND_ARRIVED", "REFUND_FAILED"}  # steps.arrival.say hands its kind on


def recorded() -> set[str]:
    """The kinds in calls of `record` and `say`."""
    kinds: set[str] = set()
    for folder in ("flows", "steps"):
        for path in (ROOT / "liuhen" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    place = {"record": 4, "say": 2}.get(node.func.id)
                    if place is not None and len(node.args) > place:
                        kinds |= kinds_in(node.args[place], path.name)
    return kinds


def kinds_in(argument: ast.expr, file: str) -> set[str]:
    if isinstance(argument, ast.Constant):
        return {str(argument.value)}
    if isinstance(argument, ast.JoinedStr):
        return COMPOSED[file]
    return {leaf.value for leaf in ast.walk(argument) if isinstance(leaf, ast.Constant) and str(leaf.value).isupper()}


def documented() -> set[str]:
    text = (ROOT / "docs" / "evidence-chain.md").read_text("utf-8")
    return set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))


def test_the_page_lists_what_the_code_records() -> None:
    assert recorded() | SAID == documented()
