"""The master key: made once, kept private, and never silently replaced."""

import stat
from datetime import datetime
from pathlib import Path

import pytest

from liuhen.base.crypto import new_master_file
from liuhen.base.db import Database
from liuhen.base.keyfile import KeyFileError, open_key_ring, read, read_or_make


async def test_made_once_private_and_the_same_afterwards(db: Database, now: datetime, tmp_path: Path) -> None:
    path = tmp_path / "data" / "master.keys"
    first = await open_key_ring(db, path, now)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (await open_key_ring(db, path, now)).witness() == first.witness()
    assert [entry.name for entry in path.parent.iterdir()] == ["master.keys"]


async def test_lost_key_is_not_replaced(db: Database, now: datetime, tmp_path: Path) -> None:
    path = tmp_path / "master.keys"
    await open_key_ring(db, path, now)
    path.unlink()
    with pytest.raises(KeyFileError, match="put it back from its backup"):
        await open_key_ring(db, path, now)
    assert not path.exists()


async def test_foreign_key_is_refused(db: Database, now: datetime, tmp_path: Path) -> None:
    path = tmp_path / "master.keys"
    await open_key_ring(db, path, now)
    path.write_text(new_master_file())
    with pytest.raises(KeyFileError, match="not the one"):
        await open_key_ring(db, path, now)


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.secret"
    assert read_or_make(path, lambda: "one") == "one"
    assert read_or_make(path, lambda: "two") == "one"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match=r"file/master\.keys cannot be made"):
        read_or_make(tmp_path / "file" / "master.keys", lambda: "x")


def test_a_file_of_another_user_says_whose_it_must_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a copy by root."""

    def refused(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(KeyFileError, match="chown"):
        read(tmp_path / "master.keys")
