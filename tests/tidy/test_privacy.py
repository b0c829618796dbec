"""docs/privacy.md names every column that can hold words, bytes or addresses: personal or not, and until when."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from liuhen.base.config import RETENTION_DAYS
from liuhen.base.db import connect_owner
from liuhen.base.migrate import REWRITABLE

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "privacy.md").read_text("utf-8")
_NAMED = re.compile(r"`([a-z_]+\.[a-z_0-9]+)`")


@pytest.fixture
async def owner(dsn: str) -> Any:
    conn = await connect_owner(dsn)
    yield conn
    await conn.close()


def tables() -> tuple[str, str]:
    """The text of the personal table and that of the rest."""
    personal, rest = PAGE.split("## Personal")[1].split("## Not personal")
    return personal, rest


async def test_every_column_stands_in_one_of_the_two_tables(owner: Any) -> None:
    rows = await owner.fetch(
        "select table_name || '.' || column_name as name from information_schema.columns where table_schema = 'public'"
        " and data_type in ('text', 'bytea', 'jsonb', 'json', 'ARRAY', 'inet', 'character varying')"
    )
    named = Counter(name for text in tables() for name in _NAMED.findall(text))
    assert [name for name, times in named.items() if times > 1] == []
    assert set(named) == {row["name"] for row in rows}


def test_each_personal_column_has_a_reason_and_an_end() -> None:
    lines = [line for line in tables()[0].splitlines() if line.startswith("| `")]
    assert len(lines) > 20
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert len(cells) == 4 and all(cells), line


async def test_what_may_be_written_again_is_personal(owner: Any) -> None:
    """A table that only grows opens a column for erasure alone, but for seals and the bookkeeping of both."""
    erasure = ("erased_at", "rule", "erased", "objects", "objects_gone_at")
    own = {f"erasure.{name}" for name in erasure} | {"key_version.gone", "key_version.gone_at"}
    personal = set(_NAMED.findall(tables()[0]))
    for row in await owner.fetch(REWRITABLE):
        assert f"{row['place']}.{row['name']}" in personal | own


def test_the_least_time_is_the_laws() -> None:
    assert RETENTION_DAYS == 1096 and "1096" in PAGE
