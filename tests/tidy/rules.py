"""House rules that imports can't show, as functions from source text to sentences. Each has a good and a bad sample."""

import ast
import re
from collections.abc import Iterator

MAX_FUNCTION, MAX_FILE = 70, 500
_CLOCKS = {"now", "utcnow", "today"}
_SQL_TIME = re.compile(
    r"\b(now\s*\(\s*\)|current_timestamp|current_date|localtimestamp|clock_timestamp|statement_timestamp)", re.I
)
_SQL_WORD = re.compile(r"\b(select|insert into|update|delete from|create table|create or replace)\b", re.I)
_SQL_START = re.compile(r"\s*(select\s|insert into\s|update \w+ set\s|delete from\s|with \w+ as \()")
_COMMIT = re.compile(r"^\s*(begin|commit|rollback)\s*;?\s*$", re.I)


def clock(tree: ast.AST) -> Iterator[str]:
    """now() lives in timing/clock.py: elsewhere time is a parameter."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = ast.unparse(node.func.value)
        if node.func.attr in _CLOCKS and owner.split(".")[-1] in {"datetime", "date"}:
            yield f"line {node.lineno}: {owner}.{node.func.attr}()"
        if (owner, node.func.attr) in {("time", "time"), ("time", "time_ns")}:
            yield f"line {node.lineno}: time.{node.func.attr}()"


def sql_time(tree: ast.AST) -> Iterator[str]:
    """No now() in our SQL: time is bound."""
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if _SQL_WORD.search(text) and _SQL_TIME.search(text):
            yield f"line {node.lineno}: SQL reads the clock"


def sql_here(tree: ast.AST) -> Iterator[str]:
    """SQL lives in stores, reads, the ledger and base: a flow, a step or a door asks them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL_START.match(node.value):
            yield f"line {node.lineno}: SQL"


def sql_file_time(text: str) -> Iterator[str]:
    bare = re.sub(r"--[^\n]*", "", text)
    for match in _SQL_TIME.finditer(bare):
        yield f"SQL reads the clock: {match.group(0)}"


def floats(tree: ast.AST) -> Iterator[str]:
    """Money and rights are whole numbers: no float, no division that makes one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"line {node.lineno}: the float {node.value}"
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield f"line {node.lineno}: a division with /"
        if isinstance(node, ast.Name) and node.id == "float":
            yield f"line {node.lineno}: float"


def transactions(tree: ast.AST) -> Iterator[str]:
    """Only base/db.py begins and commits."""
    for node in ast.walk(tree):
        called = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
        if called in {"commit", "rollback", "transaction"}:
            yield f"line {node.lineno}: .{called}()"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _COMMIT.match(node.value):
            yield f"line {node.lineno}: SQL {node.value.strip()}"


def inner_imports(tree: ast.AST) -> Iterator[str]:
    for function in _functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"line {node.lineno}: an import inside {function.name}"


def long_functions(tree: ast.AST) -> Iterator[str]:
    for function in _functions(tree):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > MAX_FUNCTION:
            yield f"{function.name} has {length} lines"


def swallowed(tree: ast.AST) -> Iterator[str]:
    """No error disappears without a word."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and all(isinstance(item, ast.Pass) for item in node.body):
            yield f"line {node.lineno}: an error is swallowed"


def channel_in_transaction(tree: ast.AST) -> Iterator[str]:
    """Who holds a transaction (a parameter of type Tx) does not call a payment channel."""
    calls = {"refund", "query_refund", "query_payment"}
    for function in _functions(tree):
        holds = any(arg.annotation is not None and ast.unparse(arg.annotation) == "Tx" for arg in function.args.args)
        if not holds:
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
                called = node.value.func
                if (
                    isinstance(called, ast.Attribute)
                    and called.attr in calls
                    and "channel" in ast.unparse(called.value)
                ):
                    yield f"line {node.lineno}: {function.name} calls a channel in a transaction"


def one_public_function(tree: ast.Module) -> Iterator[str]:
    """A flow's file has one public function: one verb."""
    public = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
    ]
    if len(public) != 1:
        yield f"public functions: {', '.join(public) or 'none'}"


def placeholders(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"#.*\b(TODO|FIXME|XXX)\b|\bNotImplementedError\b", line):
            yield f"line {number}: a placeholder"


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
