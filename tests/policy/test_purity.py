"""The pure floors import nothing that touches the world, divide nothing and use no float."""

import ast
from pathlib import Path

import pytest

import liuhen.money.amount
import liuhen.policy
import liuhen.timing

BANNED = {
    "os", "io", "pathlib", "tomllib", "gettext", "random", "socket", "secrets", "uuid", "time", "sys", "subprocess",
    "asyncio", "asyncpg", "litestar", "jinja2", "uvicorn", "httpx", "structlog", "logging", "json", "locale",
}  # fmt: skip
ROOT = Path(liuhen.policy.__path__[0])
FILES = sorted(
    [
        *ROOT.rglob("*.py"),
        Path(liuhen.money.amount.__file__),
        *(p for p in Path(liuhen.timing.__path__[0]).glob("*.py") if p.name != "clock.py"),
    ]
)


def faults(tree: ast.AST) -> list[str]:
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.split(".")[0] in BANNED]
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in BANNED:
            found.append(node.module)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("liuhen."):
            floor = node.module.split(".")[1]
            if floor not in {"policy", "timing", "money", "base"} or node.module.endswith(".clock"):
                found.append(node.module)
            if floor == "base" and node.module != "liuhen.base.errors":
                found.append(node.module)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            found.append("division")
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append("float")
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"datetime.now", "float", "open", "round"}:
            found.append(ast.unparse(node.func))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT.parent)))
def test_pure(path: Path) -> None:
    assert faults(ast.parse(path.read_text())) == []


def test_a_bad_sample_is_caught() -> None:
    bad = "import os\nfrom liuhen.orders.store import x\nfrom datetime import datetime\na = 1 / 2.0\ndatetime.now()"
    assert set(faults(ast.parse(bad))) == {"os", "liuhen.orders.store", "division", "float", "datetime.now"}
