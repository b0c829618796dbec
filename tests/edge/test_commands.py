"""The operator's commands on a real database: each does its work or says in one sentence why not."""

import asyncio
import io
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest

from liuhen.base.db import connect_owner
from liuhen.edge.boot import load_calendar
from liuhen.edge.cli import checks
from liuhen.edge.cli.main import main
from liuhen.timing.clock import SystemClock

Say = pytest.CaptureFixture[str]


@pytest.fixture
async def house(fresh_dsn: Callable[[], Awaitable[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An installation of its own: a migrated database and an empty data folder, by environment."""
    dsn = await fresh_dsn()
    monkeypatch.setenv("LIUHEN_DATABASE_URL", dsn)
    monkeypatch.setenv("LIUHEN_DATA_DIR", str(tmp_path / "data"))
    return dsn


@pytest.fixture
async def bare(house: str) -> str:
    """The same before the first migration."""
    owner = await connect_owner(house)
    await owner.execute("drop schema public cascade; create schema public")
    await owner.close()
    return house


def test_migrate_once(bare: str, capsys: Say) -> None:
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out.startswith("Applied: 0001_base.sql, ")
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == "The database is up to date.\n"


@pytest.mark.parametrize("command", [["serve"], ["worker"], ["reset-link", "somebody"]])
def test_without_a_schema_the_way_out_is_named(
    bare: str, capsys: Say, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("LIUHEN_PORT", "0")
    assert main(command) == 2
    assert capsys.readouterr().err == (
        "liuhen: The database lacks 0001_base.sql and maybe more: run liuhen migrate first.\n"
    )


def test_first_admin_and_a_link_for_him(house: str, capsys: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a long pass phrase\n"))
    assert main(["create-user", "anna", "--role", "admin"]) == 0
    said = capsys.readouterr().out
    assert re.fullmatch(r"anna may sign in\. Recovery code, shown this once: \S+\nStaff need .*\n", said)
    assert main(["reset-link", "Anna"]) == 0
    link, until = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/reset/lh_r_\S+", link)
    assert until.startswith("It works once, until ")
    assert main(["reset-link", "nobody"]) == 2
    assert capsys.readouterr().err == "liuhen: there is no login nobody\n"


async def test_a_lost_second_factor_is_taken_off_on_record(
    house: str, capsys: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a long pass phrase\n"))
    assert await asyncio.to_thread(main, ["create-user", "anna", "--role", "admin"]) == 0
    wish = ["reset-second-factor", "anna", "--reason", "came to the office with her passport"]
    assert await asyncio.to_thread(main, wish) == 2
    assert capsys.readouterr().err == "liuhen: there is no second factor\n"
    owner = await connect_owner(house)
    try:
        await owner.execute(
            "insert into totp_factor select party_id, '\\x00', 0, now(), now() from sign_in where login = 'anna'"
        )
        assert await asyncio.to_thread(main, wish) == 0
        assert capsys.readouterr().out.startswith("anna signs in with the password alone.")
        act = await owner.fetchrow("select act, reason, staff_id from staff_act")
    finally:
        await owner.close()
    assert tuple(act) == ("RESET_SECOND_FACTOR", wish[-1], UUID(int=0))


def test_a_weak_password_is_refused(house: str, capsys: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert main(["create-user", "anna"]) == 2
    assert "10 characters" in capsys.readouterr().err


def test_check_of_a_new_house(house: str, capsys: Say) -> None:
    assert main(["check"]) == 1
    said = capsys.readouterr()
    (calendar,) = checks.calendar(load_calendar(), SystemClock().now())  # what is announced by today
    grades = {line.split()[1]: line.split()[0] for line in said.out.splitlines()}
    assert grades.pop("durability", "bad") == "bad", "test servers go without fsync, and check must see it"
    assert grades == {
        "database": "ok",
        "schema": "ok",
        "roles": "ok",
        "clock": "ok",
        "calendar": calendar.grade,
        "keys": "todo",
        "staff": "ok",
        "worker": "bad",
        "copy": "todo",
        "disclosure": "todo",
    }
    assert said.err.endswith(" to mend.\n")


def test_address_for_backups(house: str, capsys: Say) -> None:
    assert main(["database-url"]) == 0
    assert capsys.readouterr().out == house + "\n"


def test_wrong_setting_is_one_sentence(house: str, capsys: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIUHEN_POOL_SIZE", "many")
    assert main(["check"]) == 2
    assert capsys.readouterr().err.startswith("liuhen: pool_size (environment LIUHEN_POOL_SIZE) cannot be used")


def test_the_proof_of_every_record(house: str, capsys: Say) -> None:
    assert main(["evidence", "verify", "--all"]) == 0
    assert capsys.readouterr().out == "0 of 0 orders hold: 0 links, 0 original pictures.\n"
    assert main(["evidence", "verify", "LH000000-0000000X"]) == 2
    for wrong in (["verify"], ["verify", "--all", "LH000000-0000000X"]):
        with pytest.raises(SystemExit):
            main(["evidence", *wrong])
