"""Files that people hand in: whole or not at all, under keys that cannot leave the store."""

import asyncio
from pathlib import Path

import pytest

from liuhen.base.errors import InvalidInput, NotFound, Unavailable
from liuhen.base.objects import ObjectStore

KEY = "originals/0190b0a0-0000-7000-8000-000000000000/ab12"


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """The same behaviour on a folder and behind a URL (memory stands for S3)."""
    return ObjectStore.open(tmp_path / "objects" if request.param == "folder" else "memory:///")


async def test_put_get_delete(store: ObjectStore) -> None:
    assert not await store.exists(KEY)
    await store.put(KEY, b"one")
    await store.put(KEY, b"one")
    assert await store.exists(KEY)
    assert await store.get(KEY) == b"one"
    await store.delete(KEY)
    await store.delete(KEY)
    with pytest.raises(NotFound):
        await store.get(KEY)


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "A", "a b", "a/.b", "a" * 201, "a\n"])
async def test_a_key_cannot_leave_the_store(store: ObjectStore, key: str) -> None:
    for act in (store.put(key, b"x"), store.get(key), store.exists(key), store.delete(key)):
        with pytest.raises(InvalidInput):
            await act


async def test_a_folder_holds_whole_files_for_its_owner_alone(tmp_path: Path) -> None:
    store = ObjectStore.open(tmp_path / "objects")
    data = bytes(range(256)) * 4096
    await asyncio.gather(*(store.put(KEY, data) for _ in range(8)))
    files = [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]
    assert files == [tmp_path / "objects" / KEY]
    assert files[0].read_bytes() == data
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "objects").stat().st_mode & 0o777 == 0o700


def test_a_place_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Unavailable):
        ObjectStore.open(tmp_path / "file" / "below")
    with pytest.raises(Unavailable):
        ObjectStore.open("nonsense://place")
