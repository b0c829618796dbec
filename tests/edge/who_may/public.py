"""The market and what everybody may read."""

from tests.edge.who_may.table import Row, Table

_ALL = "200 200 200 200 200 200 200"

ROWS: Table = {
    "GET /": _ALL,
    "GET /p/{product_id}": _ALL,
    "GET /shops/{book_id}": _ALL,
    "GET /rules": _ALL,
    "GET /rules/{version}": Row(_ALL, at={"version": "2026-11-1"}),
    "GET /rules/{version}/text": Row(_ALL, at={"version": "2026-11-1"}),
    "POST /rules/{version}/comments": Row(
        "in 303 303 303 303 303 303", {"text": "第 6.1 条很好"}, at={"version": "2027-01-1"}
    ),
    "GET /rules/{old}/diff/{new}": Row(_ALL, at={"old": "2026-11-1", "new": "2027-01-1"}),
    "GET /check": _ALL,
    "GET /complaint": _ALL,
    "GET /privacy": _ALL,
    "GET /help": _ALL,
    "GET /problems/{code}": Row("404 404 404 404 404 404 404", at={"code": "nothing-of-ours"}),
}
