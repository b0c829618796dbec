"""Migrations that can be applied while the version before serves; functions that old processes go on calling."""

import re
from pathlib import Path

import pytest

from liuhen.base.migrate import BREAKING, migration_files
from tests.tidy.migration_rules import breaks

HOUSE = Path(__file__).resolve().parents[2] / "liuhen"
SINCE = "0019"  # what came before was applied before anybody served
STAR = re.compile(r"\bselect \* from (?!\()(\w+)|\breturning \*", re.I)
FOR_COMMANDS = {"reads/audit.py"}  # reads rows whole on purpose; a command that meets a migration is run again

GOOD = (
    "create table a (book_id uuid primary key, n int check (n > 0)); create index on a (n)",
    "create table a (n int); alter table a add check (n < 9)",
    "alter table orders add column gift boolean not null default false, add column note text",
    "alter table orders alter column note drop not null; alter table orders drop constraint orders_state_check",
    "create index concurrently if not exists orders_gift on orders (book_id, id) where gift",
    "alter table orders add constraint fine check (total_fen > 0) not valid",
    "alter table orders validate constraint fine",
    "alter table session add column second text check (second in ('a', 'b'))",
    "comment on table orders is 'a; -- b'",
)
BAD = (
    ("alter table orders drop column note", "breaks the version before"),
    ("alter table orders rename column note to text", "breaks the version before"),
    ("alter table orders rename to order", "breaks the version before"),
    ("alter table orders alter column total_fen type numeric", "breaks the version before"),
    ("alter table orders alter column note set not null", "breaks the version before"),
    ("alter table orders add column gift boolean not null", "needs a default"),
    ("alter table orders add column gift text check (gift in ('a'))", "not valid"),
    ("alter table orders add column a int, drop column b", "breaks the version before"),
    ("alter table orders add constraint fine check (total_fen > 0)", "breaks the version before"),
    ("alter table orders drop constraint orders_pkey", "breaks the version before"),
    ("create index on orders (book_id, id)", "concurrently"),
    ("create index concurrently if not exists x on orders (id); alter table a add column b int", "alone in its file"),
    ("drop table orders", "later version"),
    ("drop function stock_take", "later version"),
    ("update orders set total_fen = 0", "in batches"),
    ("insert into orders select * from old_orders", "in batches"),
    ("lock table orders", "not known to be harmless"),
    ("do $$ begin perform 1; end $$", "not known to be harmless"),
)


def test_migrations_leave_the_version_before_in_peace() -> None:
    wrong = {name: list(breaks(sql)) for name, sql in migration_files() if name >= SINCE and name not in BREAKING}
    assert {name: faults for name, faults in wrong.items() if faults} == {}


def test_what_breaks_is_there_and_breaks() -> None:
    """A name in BREAKING that breaks nothing would stop a shop for nothing."""
    files = dict(migration_files())
    assert all(list(breaks(files[name])) for name in BREAKING)


@pytest.mark.parametrize("sql", GOOD)
def test_what_only_adds_or_relaxes(sql: str) -> None:
    assert list(breaks(sql)) == []


@pytest.mark.parametrize(("sql", "why"), BAD)
def test_what_would_break_or_stop_a_running_version(sql: str, why: str) -> None:
    assert why in " ".join(breaks(sql))


def test_statements_name_their_columns() -> None:
    """`select *` of a table changes its answer when a migration adds a column, and a prepared one then fails once."""
    files = [path for path in HOUSE.rglob("*") if path.suffix in {".py", ".sql"} and "migrations" not in path.parts]
    assert files
    found = {
        f"{path.relative_to(HOUSE)}: {match[0]}"
        for path in files
        if str(path.relative_to(HOUSE)) not in FOR_COMMANDS
        for match in STAR.finditer(path.read_text("utf-8"))
        if match[1] != "unnest" and not _inside(path.read_text("utf-8")[: match.start()])
    }
    assert found == set()


def _inside(before: str) -> bool:
    """Whether it is a question within another one, which names what it takes of it."""
    return re.sub(r"--[^\n]*\n", "", before).rstrip().endswith("(")
