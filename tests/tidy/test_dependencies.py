"""What we take from others: locked by hash, under licences that we may use, each with a reason."""

import json
import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8").partition("## Dependencies")[2]
_NAME = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[\w,-]+\])?==(\S+)", re.MULTILINE)

ALLOWED = (
    "MIT", "MIT-0", "MIT-CMU", "BSD", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "PSF-2.0", "MPL-2.0", "ISC",
    "BlueOak-1.0.0",
)  # fmt: skip
_AS = {  # how packages write them
    "MIT License": "MIT",
    "BSD License": "BSD",
    "BSD 2-Clause License": "BSD-2-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_REFUSED = re.compile(r"GPL|SSPL|BUSL|Commons Clause|proprietary", re.IGNORECASE)


def licences(name: str) -> list[str]:
    """What a package says of itself: its expression, else its classifiers, else its text. Empty if it says nothing."""
    told = metadata(name)
    if expression := told.get("License-Expression"):
        return re.split(r" (?:AND|OR) ", expression.strip("()"))
    classified = [kind.rpartition("::")[2].strip() for kind in told.get_all("Classifier") or [] if "License ::" in kind]
    text = (told.get("License") or "").split("\n")[0]
    found = classified or re.split(r" (?:AND|OR) ", text)
    return [_AS.get(one.strip(), one.strip()) for one in found if one.strip()]


def locked() -> list[str]:
    return sorted({name for lock in LOCKS for name, _ in _NAME.findall(lock.read_text("utf-8"))})


def test_every_package_is_locked_with_hashes() -> None:
    for lock in LOCKS:
        blocks = re.split(r"\n(?=[a-z0-9])", lock.read_text("utf-8"))
        unhashed = [block.split("\n")[0] for block in blocks if "==" in block and "--hash=sha256:" not in block]
        assert unhashed == [], lock.name
        assert not re.search(r"^(?:-e|git\+|https?:|--extra-index)", lock.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", locked())
def test_its_licence_is_known_and_allowed(name: str) -> None:
    try:
        found = licences(name)
    except PackageNotFoundError:  # locked for another system
        pytest.fail(f"{name} is locked, but not installed here: its licence cannot be read")
    assert found, f"{name} says nothing of its licence"
    assert not [one for one in found if _REFUSED.search(one)], (name, found)
    assert any(one in ALLOWED or one.startswith("MIT License") or one == "BSD" for one in found), (name, found)


def test_what_is_refused_is_refused() -> None:
    for text in ("GPL-3.0-only", "GNU Affero General Public License v3", "AGPL-3.0", "LGPLv2"):
        assert _REFUSED.search(text) or text not in ALLOWED


def test_the_style_sheets_tools_too() -> None:
    packages = json.loads((ROOT / "assets" / "package-lock.json").read_text("utf-8"))["packages"]
    parts = {name: facts for name, facts in packages.items() if name}
    assert len(parts) > 30
    assert [name for name, facts in parts.items() if facts.get("license") not in ALLOWED] == []
    assert [name for name, facts in parts.items() if not facts.get("integrity", "").startswith("sha512-")] == []


def test_each_direct_one_has_its_reason() -> None:
    """Every line of requirements/*.in and of assets/package.json stands in the page's table, and nothing else does."""
    lines = {
        line.strip() for path in (ROOT / "requirements").glob("*.in") for line in path.read_text("utf-8").splitlines()
    }
    asked = {re.split(r"[\[<>=~ ;]", line)[0] for line in lines if line and not line.startswith(("-", "#"))}
    asked |= set(json.loads((ROOT / "assets" / "package.json").read_text("utf-8"))["devDependencies"])
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert told == asked
