"""What a newcomer mistypes is answered by one sentence that says where to look: no frames, no part of a password."""

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from liuhen.base import pg_tools
from liuhen.base.config import Settings
from liuhen.base.db import connect_owner
from liuhen.base.errors import Unavailable
from liuhen.base.health import examine
from liuhen.base.migrate import migrate
from liuhen.edge.cli import main as command
from liuhen.edge.cli.main import main
from liuhen.edge.cli.restore import _bring_back
from tests.conftest import NOW

Say = pytest.CaptureFixture[str]
HERE = "postgresql://owner:hidden@127.0.0.1:1/house"


@pytest.fixture(autouse=True)
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIUHEN_DATABASE_URL", HERE)
    monkeypatch.setenv("LIUHEN_DATA_DIR", str(tmp_path / "data"))


@pytest.mark.parametrize("said", [["migrate"], ["check"]])
@pytest.mark.parametrize(
    ("url", "words"),
    [
        (HERE, "Does PostgreSQL run"),
        ("postgresql://owner:hidden@/house?host=/nowhere", "No such file or directory. Does PostgreSQL run"),
        (f"{HERE}?sslmode=verify-full&sslrootcert=/nowhere", "the files that database_url names"),
        (f"{HERE}?sslmode=verify-ful", "`sslmode` parameter must be one of"),
        ("postgresql://owner:hid/den@127.0.0.1/house", "/ as %2F"),
        ("postgresql://owner:hid#den@127.0.0.1/house", "/ as %2F"),
    ],
)
def test_a_wrong_address(monkeypatch: pytest.MonkeyPatch, capsys: Say, said: list[str], url: str, words: str) -> None:
    monkeypatch.setenv("LIUHEN_DATABASE_URL", url)
    assert main(said) == 2
    err = capsys.readouterr().err
    assert err.startswith("liuhen: The database does not answer: ") and words in err
    assert err.count("\n") == 1 and "hid" not in err


def _with(dsn: str, *, user: str = "", database: str = "") -> str:
    parts = urlsplit(dsn)
    place = f"{user}:x@{parts.netloc.rpartition('@')[2]}" if user else parts.netloc
    return urlunsplit(parts._replace(netloc=place, path=f"/{database}" if database else parts.path))


async def test_a_wrong_role_or_database(server_dsn: str) -> None:
    with pytest.raises(Unavailable, match=r"See role and password in database_url"):
        await migrate(_with(server_dsn, user="nobody_here"), NOW)
    with pytest.raises(Unavailable, match=r"Make it, or mend its name"):
        await migrate(_with(server_dsn, database="no_such_house"), NOW)


async def test_a_database_that_cannot_hold_chinese(server_dsn: str, tmp_path: Path) -> None:
    owner, name = await connect_owner(server_dsn), f"test_{os.getpid()}_ascii"
    try:
        await owner.execute(f"create database {name} encoding 'SQL_ASCII' locale 'C' template template0")
        dsn = _with(server_dsn, database=name)
        for act in (migrate(dsn, NOW), _bring_back(Settings(database_url=dsn), dsn, tmp_path, None)):  # type: ignore[arg-type]
            with pytest.raises(Unavailable, match=r"encoding SQL_ASCII.*encoding 'UTF8' template template0"):
                await act
        assert await pg_tools.is_empty(dsn)
        assert (await examine(dsn)).encoding == "SQL_ASCII"
    finally:
        await owner.execute(f"drop database if exists {name}")
        await owner.close()


async def test_an_old_server(fresh_dsn: Callable[[], Awaitable[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liuhen.base.migrate.OLDEST_MAJOR", 99)
    with pytest.raises(Unavailable, match=r"PostgreSQL \d+ is too old: 99 or newer"):
        await migrate(await fresh_dsn(), NOW)


async def test_an_owner_who_does_not_own(server_dsn: str, fresh_dsn: Callable[[], Awaitable[str]]) -> None:
    dsn, name = await fresh_dsn(), f"stranger_{os.getpid()}"
    owner = await connect_owner(dsn)
    try:
        await owner.execute("drop schema public cascade; create schema public; grant usage on schema public to public")
        await owner.execute(f"create role {name} login password 'x'")
        with pytest.raises(Unavailable, match=rf"permission denied for schema public.*owner to {name}; grant"):
            await migrate(_with(dsn, user=name), NOW)
    finally:
        await owner.execute(f"drop role {name}")
        await owner.close()


def test_a_copy_of_the_keys_where_nobody_may_write(
    capsys: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "master.keys").write_text("liuhen-master-keys\n")
    (tmp_path / "words").write_text("a long pass phrase\n")
    wish = ["backup-keys", "--passphrase-file", str(tmp_path / "words")]
    assert main([*wish, str(tmp_path / "missing" / "copy")]) == 2
    assert "missing/copy cannot be written: No such file or directory. Name a place" in capsys.readouterr().err

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert main([*wish, str(tmp_path / "copy")]) == 2
    assert "No space left" in capsys.readouterr().err
    assert not (tmp_path / "copy").exists(), "half a copy would pass for one"


def test_what_the_system_refuses_is_one_sentence(capsys: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: object) -> int:
        raise PermissionError(13, "Permission denied", "/nowhere/x")

    monkeypatch.setattr(command.GROUPS[1], "_migrate", refused)
    assert main(["migrate"]) == 2
    assert capsys.readouterr().err == "liuhen: /nowhere/x: Permission denied.\n"


def test_keep_is_looked_at_before_a_backup_is_made(capsys: Say, tmp_path: Path) -> None:
    for wrong in ("0", "-1", "x"):
        with pytest.raises(SystemExit):
            main(["backup", str(tmp_path), "--keep", wrong])
        assert "at least one backup is kept" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def _all(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield below
                yield from _all(below)


def test_every_command_and_what_it_wants_is_explained() -> None:
    found = list(_all(command.parser()))
    assert len(found) > 30
    for one in found:
        assert one.description and one.description.endswith("."), f"{one.prog} --help does not say what it is for"
        for action in one._actions:
            known = action.help or action.choices
            assert known, f"{one.prog} --help does not say what {action.metavar or action.dest} is"


async def test_a_house_that_cannot_open(fresh_dsn: Callable[[], Awaitable[str]], tmp_path: Path) -> None:
    """As the journal has it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "master.keys").write_text("not a key\n")
    environ = {**os.environ, "LIUHEN_DATABASE_URL": await fresh_dsn(), "LIUHEN_PORT": "0"}
    words = [sys.executable, "-m", "liuhen.edge.cli.main", "serve"]
    run = await asyncio.to_thread(subprocess.run, words, env=environ, capture_output=True, text=True, timeout=60)
    assert run.returncode != 0
    assert "Traceback" not in run.stderr
    assert "liuhen: " in run.stderr and run.stderr.count("\n") <= 2
