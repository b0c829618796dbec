"""The house rules, on samples first and then on the house."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tidy import rules

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "liuhen"
SOURCES = sorted(HOUSE.rglob("*.py"))
SQL_FILES = sorted(HOUSE.rglob("*.sql"))

# Where a rule does not hold, and why.
CLOCKS = {"timing/clock.py", "edge/channels/sandbox/wall.py"}  # the sandbox is a stranger: it has a clock of its own
ASKS_CLOCK = {"base/health.py"}  # `check` compares the database's clock with ours
BEGINS = {
    "base/db.py",
    "base/migrate.py",
}  # the one transaction function; migrations run before there is an application

SAMPLES: list[tuple[Callable[[ast.Module], Iterator[str]], str, str]] = [
    (rules.clock, "def f(now): return clock.now()", "from datetime import datetime\nx = datetime.now(UTC)"),
    (rules.sql_time, 'q = "select a from b where at < $1"', 'q = "select a from b where at < now()"'),
    (rules.sql_here, 'x = "selected"', 'x = "select a from b"'),
    (rules.floats, "x = 7 // 2", "x = 7 / 2"),
    (rules.floats, "x = 1", "x = 0.5"),
    (rules.transactions, "await db.transact(work, now=now)", "await conn.commit()"),
    (rules.inner_imports, "import os\ndef f(): return os", "def f():\n    import os\n    return os"),
    (rules.long_functions, "def f():\n" + "    x = 1\n" * 69, "def f():\n" + "    x = 1\n" * 70),
    (
        rules.swallowed,
        "try:\n    f()\nexcept ValueError as e:\n    raise X from e",
        "try:\n    f()\nexcept ValueError:\n    pass",
    ),
    (
        rules.channel_in_transaction,
        "async def f(db: Database): await channel.refund(x)",
        "async def f(tx: Tx): await channel.refund(x)",
    ),
    (rules.one_public_function, "def f(): ...\ndef _g(): ...", "def f(): ...\ndef g(): ..."),
]


@pytest.mark.parametrize(("rule", "good", "bad"), SAMPLES)
def test_each_rule_lets_good_pass_and_catches_bad(
    rule: Callable[[ast.Module], Iterator[str]], good: str, bad: str
) -> None:
    assert list(rule(ast.parse(good))) == []
    assert list(rule(ast.parse(bad))) != []


def test_rules_on_plain_text_catch_bad() -> None:
    assert list(rules.sql_file_time("select 1 -- now() is banned")) == []
    assert list(rules.sql_file_time("create table a (at timestamptz default now())"))
    assert list(rules.placeholders("x = 1")) == []
    assert list(rules.placeholders("# TODO later"))


def _faults(rule: Callable[[ast.Module], Iterator[str]], files: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(HOUSE)} {fault}" for path in files for fault in rule(ast.parse(path.read_text("utf-8")))
    ]


def _but(exempt: set[str]) -> list[Path]:
    return [path for path in SOURCES if str(path.relative_to(HOUSE)) not in exempt]


def test_time_is_a_parameter() -> None:
    assert _faults(rules.clock, _but(CLOCKS)) == []
    assert _faults(rules.sql_time, _but(ASKS_CLOCK)) == []
    assert [f"{p.name} {f}" for p in SQL_FILES for f in rules.sql_file_time(p.read_text("utf-8"))] == []


def test_sql_lives_in_stores_reads_ledger_and_base() -> None:
    floors = ("edge", "flows", "steps", "policy", "signals", "timing")
    doors = [path for floor in floors for path in sorted((HOUSE / floor).rglob("*.py"))]
    others = [path for path in sorted((HOUSE / "money").glob("*.py")) if path.name != "ledger.py"]
    models = [path for path in SOURCES if path.name == "model.py"]
    assert _faults(rules.sql_here, [*doors, *others, *models]) == []


def test_money_and_rights_are_whole_numbers() -> None:
    assert (
        _faults(rules.floats, [p for room in ("money", "policy") for p in sorted((HOUSE / room).rglob("*.py"))]) == []
    )


def test_one_place_begins_and_commits() -> None:
    assert _faults(rules.transactions, _but(BEGINS)) == []


def test_no_channel_is_called_inside_a_transaction() -> None:
    assert _faults(rules.channel_in_transaction, SOURCES) == []


def test_imports_stand_at_the_top() -> None:
    assert _faults(rules.inner_imports, SOURCES) == []


def test_functions_and_files_are_short() -> None:
    assert _faults(rules.long_functions, SOURCES) == []
    files = [*SOURCES, *SQL_FILES, *HOUSE.rglob("*.html"), *ROOT.glob("tests/**/*.py")]
    long = {p.name: n for p in files if (n := len(p.read_text("utf-8").splitlines())) > rules.MAX_FILE}
    assert long == {}


def test_no_error_is_swallowed_and_nothing_is_put_off() -> None:
    assert _faults(rules.swallowed, SOURCES) == []
    found = [f"{p.relative_to(HOUSE)} {f}" for p in SOURCES for f in rules.placeholders(p.read_text("utf-8"))]
    assert found == []


def test_a_flow_is_one_verb() -> None:
    flows = [p for p in sorted((HOUSE / "flows").rglob("*.py")) if p.name != "__init__.py"]
    assert _faults(rules.one_public_function, flows) == []


def test_init_files_are_empty() -> None:
    assert [str(p) for p in HOUSE.rglob("__init__.py") if p.read_text("utf-8").strip()] == []


def test_rooms_are_small() -> None:
    """model, store and at most two more named files; a fifth is a second room."""
    rooms = [path.parent.name for path in HOUSE.glob("*/store.py")]
    assert len(rooms) >= 10
    more = {
        room: sorted({p.stem for p in (HOUSE / room).glob("*.py")} - {"__init__", "model", "store"}) for room in rooms
    }
    assert {room: names for room, names in more.items() if len(names) > 2} == {}


def test_sql_functions_of_flows_name_no_table() -> None:
    """A flow may own one SQL function that only calls those of rooms and money."""
    tables = {
        line.split()[2]
        for path in (HOUSE / "migrations").glob("*.sql")
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("create table")
    }
    assert "ledger_transfer" in tables
    for path in (HOUSE / "flows").rglob("*.sql"):
        words = set(path.read_text("utf-8").replace("(", " ").replace(",", " ").split())
        assert not words & tables, path.name
