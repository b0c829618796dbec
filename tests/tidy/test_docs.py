"""Pages that can go stale are compared with what they describe."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "liuhen"


def test_every_room_has_its_line_and_every_line_its_room() -> None:
    named = set(re.findall(r"^\| `([\w/]+)/` \|", (ROOT / "docs" / "rooms.md").read_text("utf-8"), re.M))
    top = {p.name for p in HOUSE.iterdir() if p.is_dir() and not p.name.startswith("__")} - {"flows"}
    inner = {f"flows/{p.name}" for p in (HOUSE / "flows").iterdir() if p.is_dir() and not p.name.startswith("__")}
    doors = {f"edge/{p.name}" for p in (HOUSE / "edge").iterdir() if p.is_dir() and not p.name.startswith("__")}
    assert named == top | inner | doors


def test_lock_files_carry_hashes_and_no_addresses() -> None:
    locks = [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "assets" / "package-lock.json"]
    assert len(locks) == 5
    for lock in locks:
        text = lock.read_text("utf-8")
        assert not re.search(r"https?://(?!.*opencollective|.*github\.com/sponsors)", text), lock.name
    for lock in locks[:-1]:
        text = lock.read_text("utf-8")
        assert text.count("==") <= text.count("--hash=sha256:")


def test_no_machine_path_is_committed() -> None:
    pattern = re.compile(r"(?<![\w.])/(?:work|root)/")
    files = [p for p in ROOT.glob("**/*") if p.suffix in {".py", ".md", ".toml", ".sh", ".sql", ".html"}]
    kept = [p for p in files if not {".venv", ".cache", "node_modules", "var"} & set(p.relative_to(ROOT).parts)]
    assert kept
    assert [
        str(p.relative_to(ROOT)) for p in kept if pattern.search(p.read_text("utf-8")) and p.name != "test_docs.py"
    ] == []
