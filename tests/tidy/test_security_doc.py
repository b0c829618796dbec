"""docs/security.md: every requirement of ASVS 5.0.0, levels 1 and 2, once; every file that is to show it is there."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
ROWS = [line for line in TEXT.splitlines() if re.match(r"\| V\d", line)]
LIST = [line.split() for line in (ROOT / "tests/tidy/asvs-5.0.0.txt").read_text("utf-8").splitlines() if line[0] == "V"]


def test_the_list_is_the_standards() -> None:
    """70 requirements of level 1, 183 of level 2, 92 of level 3."""
    assert Counter(level for _, level in LIST) == {"1": 70, "2": 183, "3": 92}


def test_every_requirement_of_levels_1_and_2_stands_there_once() -> None:
    told = Counter(number for row in ROWS for number in re.findall(r"V\d+\.\d+\.\d+", row.split("|")[1]))
    wanted = {number for number, level in LIST if level in "12"}
    assert sorted(wanted - set(told)) == []
    assert {number: times for number, times in told.items() if times > 1 or number not in wanted} == {}


def test_every_row_has_a_verdict_and_something_that_shows_it() -> None:
    for row in ROWS:
        _, numbers, asks, verdict, shown, _ = row.split("|")
        assert asks.strip() and re.match(r"(met|partly: |n/a: |the operator's)", verdict.strip()), numbers
        assert re.search(r"`[\w./@-]+`", shown), numbers
        if verdict.strip().startswith("partly"):
            assert len(verdict) > 30, numbers


def test_every_file_named_is_there() -> None:
    """Paths, and headings of this and other pages."""
    named = set(re.findall(r"`((?:[\w-]+/)+[\w.@*-]+)`", TEXT))
    assert len(named) > 80
    assert [name for name in sorted(named) if not list(ROOT.glob(name))] == []
    for page, heading in re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", TEXT):
        text = (ROOT / "docs" / page).read_text("utf-8") if page else TEXT
        headings = {_anchor(line) for line in text.splitlines() if line.startswith("#")}
        assert heading in headings, (page, heading)


def _anchor(line: str) -> str:
    """As pages of repositories make it."""
    plain = re.sub(r"[^\w\s-]", "", line.lstrip("#").strip().lower())
    return re.sub(r"\s", "-", plain)
