"""An operator's command about master keys dies between the file and the database; given again, it ends well."""

import asyncio
import os
from datetime import datetime
from pathlib import Path

import pytest

from liuhen.base import faults
from liuhen.base.config import Settings
from liuhen.base.crypto import KeyFile, KeyRing, new_master_key, parse_key_file, write_key_file
from liuhen.base.db import Database
from liuhen.base.errors import InvalidInput, Unavailable
from liuhen.base.keyfile import open_key_ring
from liuhen.edge.boot import open_app
from liuhen.edge.cli.main import main
from tests.flows.mortal import Act, live
from tests.flows.world import World


async def command(_: Database, *words: str, environment: dict[str, str]) -> int:
    """A command line in a process of its own."""
    os.environ.update(environment)
    return await asyncio.to_thread(main, words)


async def _state(db: Database, folder: Path) -> tuple[set[int], dict[int, str | None]]:
    """Versions in the file, and what the database says of each that it knows."""
    file = parse_key_file((folder / "master.keys").read_text("utf-8"))
    async with db.read() as tx:
        rows = await tx.fetch("select version, gone from key_version order by version")
    return set(file.keys), {row["version"]: row["gone"] for row in rows}


CASES = [
    ("rotate_key.file_and_versions", 1, ("rotate",), ({1, 2, 3}, {1: None, 2: None, 3: None})),
    ("retire_key.versions_and_file", 2, ("retire", "1"), ({2}, {1: "RETIRED", 2: None})),
]


@pytest.mark.parametrize(("point", "keys", "words", "wanted"), CASES)
async def test_a_command_that_died_is_given_again(
    db: Database, dsn: str, now: datetime, tmp_path: Path, point: str, keys: int, words: tuple[str, ...], wanted: object
) -> None:
    """Parameters: keys, how many the file has before."""
    made = {version: parse_key_file(new_master_key(version)).keys[version] for version in range(1, keys + 1)}
    (tmp_path / "master.keys").write_text(write_key_file(KeyFile(made, {})), "utf-8")
    await open_key_ring(db, tmp_path / "master.keys", now)
    environment = {"LIUHEN_DATABASE_URL": dsn, "LIUHEN_DATA_DIR": str(tmp_path), "LIUHEN_DEMO": "true"}
    act = Act(command, ("keys", *words), {"environment": environment})
    assert live(dsn, tmp_path, act, point=point).died
    assert live(dsn, tmp_path, act).answer == "0"
    assert await _state(db, tmp_path) == wanted
    await open_key_ring(db, tmp_path / "master.keys", now)


async def test_a_given_up_key_file_that_was_never_made(db: Database, dsn: str, now: datetime, tmp_path: Path) -> None:
    """The database knows a version whose file was never written: nothing was sealed with it, it goes the same way."""
    await open_key_ring(db, tmp_path / "master.keys", now)
    (tmp_path / "master.keys").unlink()
    named = {"environment": {"LIUHEN_DATABASE_URL": dsn, "LIUHEN_DATA_DIR": str(tmp_path), "LIUHEN_DEMO": "true"}}
    lost = Act(command, ("keys", "give-up", "1"), named)
    assert live(dsn, tmp_path, lost, point="give_up_key.versions_and_file").died
    again = Act(command, ("keys", "give-up", "1", "2"), named)
    assert live(dsn, tmp_path, again).answer == "0"
    assert await _state(db, tmp_path) == ({3}, {1: "LOST", 2: "LOST", 3: None})
    await open_key_ring(db, tmp_path / "master.keys", now)


async def test_a_key_that_was_half_given_up(db: Database, dsn: str, now: datetime, tmp_path: Path) -> None:
    """Dead after its first commit: the command can be given again, and no key that nobody can open stays on sale."""
    made = {version: parse_key_file(new_master_key(version)).keys[version] for version in (1, 2)}
    (tmp_path / "master.keys").write_text(write_key_file(KeyFile(made, {})), "utf-8")
    ring = await open_key_ring(db, tmp_path / "master.keys", now)
    world = World(db, now, keys=KeyRing({1: made[1]}))
    seller = await world.seller()
    product = await world.listing(seller)
    await world.shelve(seller, product, 3)
    (tmp_path / "master.keys").write_text(write_key_file(KeyFile({2: made[2]}, ring.lookups)), "utf-8")
    named = {"environment": {"LIUHEN_DATABASE_URL": dsn, "LIUHEN_DATA_DIR": str(tmp_path), "LIUHEN_DEMO": "true"}}
    lost = Act(command, ("keys", "give-up", "1"), named)
    assert live(dsn, tmp_path, lost, point="transaction.commit_and_answer").died
    assert live(dsn, tmp_path, lost).answer == "0"
    assert await world.key_states(product) == {"VOID": 3}
    assert await _state(db, tmp_path) == ({2}, {1: "LOST", 2: None})


async def test_an_armed_process_opens_no_real_market(tmp_path: Path) -> None:
    faults.arm("pay_refund.claim_and_call:2")
    try:
        with pytest.raises(Unavailable, match="LIUHEN_FAULT"):
            await open_app(Settings(data_dir=str(tmp_path)))
    finally:
        faults.arm("")
    assert not faults.armed()


@pytest.mark.parametrize("text", ["a.b:0", "a.b:x", "a.b:-1", "a.b:1.5"])
def test_a_point_is_armed_by_name_and_number(text: str) -> None:
    with pytest.raises(InvalidInput):
        faults.arm(text)
    assert not faults.armed()
