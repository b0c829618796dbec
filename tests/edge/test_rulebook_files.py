"""The files of the rulebook: read whole at the start, kept as published; and the same data over the API."""

import hashlib
import shutil
from pathlib import Path

import pytest

from liuhen.base.errors import InvalidInput
from liuhen.edge import boot
from liuhen.policy.clauses.registry import CLAUSES, PRECEDENCE
from liuhen.policy.rulebook import REQUIRED
from tests.edge.doors import Doors
from tests.edge.house import House
from tests.flows.world import World

SHIPPED = Path(boot.__file__).parents[1] / "data" / "rulebook"
LATEST = "2027-01-1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped files, to be spoiled."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "rulebook"))


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def _list_again(folder: Path) -> None:
    """As an operator who hides an edit would."""
    lines = [
        f'"{path.stem}" = "{hashlib.sha256(path.read_bytes()).hexdigest()}"\n'
        for path in sorted(folder.glob("20*.toml"))
    ]
    (folder / "versions.toml").write_text("".join(lines))


def test_the_shipped_line_is_good_and_kept_as_published() -> None:
    line = boot.load_rulebooks()
    assert [book.version for book in line] == ["2026-11-1", LATEST]
    assert all(book.params.keys() == REQUIRED.keys() for book in line)


def test_an_edited_version_stops_the_house_at_the_door(folder: Path) -> None:
    _replace(folder / "2026-11-1.toml", "value = 900\n", "value = 600\n")
    with pytest.raises(InvalidInput, match="edited") as refused:
        boot.load_rulebooks(folder)
    assert refused.value.data["version"] == "2026-11-1"


def test_a_lost_version_is_missed(folder: Path) -> None:
    (folder / "2026-11-1.toml").unlink()
    with pytest.raises(InvalidInput):
        boot.load_rulebooks(folder)


def test_an_unlisted_version_is_told_its_line(folder: Path) -> None:
    (folder / "versions.toml").unlink()
    with pytest.raises(InvalidInput, match="add this line") as refused:
        boot.load_rulebooks(folder)
    line = refused.value.data["line"]
    assert line == f'"2026-11-1" = "{hashlib.sha256((folder / "2026-11-1.toml").read_bytes()).hexdigest()}"'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2027-01-01T00:00:00+08:00", "2026-11-20T00:00:00+08:00"),  # four days of notice
        ("comment_until = 2026-11-05", "comment_until = 2026-10-25"),  # five days to comment
        ("comment_until = 2026-11-05", "comment_until = 2026-11-17"),  # still open when published
        ("weighty = true", "weighty = false\nsurprise = 1"),
        ('version = "2027-01-1"', 'version = "2027-01-2"'),  # not the file's name
        ("2027-01-01T00:00:00+08:00", "2027-01-01T00:00:00"),  # a time without a zone
        ("value = 172800", "value = 3600"),  # below the limit
        ("[changes.review_days]", "[changes.reservation]"),  # a reason for what did not change
        ("[transition]", "[transitions]"),
        ("[params.", "[[params."),
        ("weighty", "= weighty"),  # not TOML
    ],
)
def test_a_bad_new_version_stops_the_house_even_when_listed(folder: Path, old: str, new: str) -> None:
    _replace(folder / f"{LATEST}.toml", old, new)
    _list_again(folder)
    with pytest.raises(InvalidInput):
        boot.load_rulebooks(folder)


def test_a_draft_is_not_listed_and_may_change(folder: Path) -> None:
    path = folder / f"{LATEST}.toml"
    _replace(path, "weighty = true", "weighty = true\ndraft = true")
    _list_again(folder)
    with pytest.raises(InvalidInput, match="draft"):
        boot.load_rulebooks(folder)
    listed = (folder / "versions.toml").read_text().splitlines(keepends=True)
    (folder / "versions.toml").write_text(listed[0])
    assert [book.draft for book in boot.load_rulebooks(folder)] == [False, True]


async def test_the_same_over_the_api(doors: Doors, world: World) -> None:
    House(doors, world)
    nobody = await doors.api()
    items = (await nobody.get("/api/v1/rules")).json()["items"]
    assert [(one["version"], one["stage"], one["follows"], one["current"]) for one in items] == [
        (LATEST, "announced", "2026-11-1", False),
        ("2026-11-1", "in_force", None, True),
    ]
    book = (await nobody.get(f"/api/v1/rules/{LATEST}")).json()
    assert book["transition_zh"] and book["transition_en"] and book["weighty"]
    assert {value["name"] for value in book["values"]} == set(REQUIRED)
    for value in book["values"]:
        assert value["least"] <= value["value"] <= value["most"]
    assert [clause["id"] for clause in book["clauses"]] == [clause.id for clause in CLAUSES]
    assert book["precedence"] == list(PRECEDENCE)
    change = (await nobody.get(f"/api/v1/rules/2026-11-1/diff/{LATEST}")).json()
    instant = next(one for one in change["values"] if one["name"] == "instant_window")
    assert (instant["old"], instant["new"], instant["gains"]) == (86_400, 172_800, "buyer")
    assert instant["why_zh"] and instant["why_en"]
    clause = next(one for one in change["clauses"] if one["id"] == "promise.instant")
    assert "24 小时" in clause["old_title_zh"] and "48 小时" in clause["new_title_zh"]
    back = (await nobody.get(f"/api/v1/rules/{LATEST}/diff/2026-11-1")).json()
    assert all(one["why_zh"] is None for one in back["values"])
    missing = await nobody.get("/api/v1/rules/2026-11-1/diff/2020-01-1")
    assert missing.status_code == 404
