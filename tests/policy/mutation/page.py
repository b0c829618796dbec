"""docs/mutants.md: the part that is written by the hunt, and the reasons that people have given for survivors."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "mutants.md"
REASONS = Path(__file__).parent / "reasons.toml"
_BEGIN, _END = "<!-- written by the hunt -->\n", "<!-- to here -->\n"


def reasons() -> dict[str, str]:
    """For each survivor, by name, why nobody can or need notice it. Raises ValueError for a name with two reasons."""
    found: dict[str, str] = {}
    for group in tomllib.loads(REASONS.read_text("utf-8")).get("reason", []):
        for name in group["mutants"]:
            if name in found:
                raise ValueError(f"two reasons for {name}")
            found[name] = group["why"]
    return found


def table() -> str:
    """The survivors with their reasons, as the page shows them."""
    names: dict[str, list[str]] = {}
    for name, why in reasons().items():
        names.setdefault(why, []).append(f"`{name}`")
    rows = [f"| {'<br>'.join(group)} | {why} |" for why, group in names.items()]
    return "\n".join(["| Survivor | Why |", "|---|---|", *rows]) + "\n"


def write(found: Any) -> None:
    """The numbers and the table anew."""
    real = len(found.noticed) + len(found.left)
    numbers = (
        f"| | |\n|---|---|\n| tried | {real + len(found.equal)} |\n| noticed by a test | {len(found.noticed)} |\n"
        f"| proven equal | {len(found.equal)} |\n| surviving | {len(found.left)} |\n\n"
        f"Of those that are not proven equal, {100 * len(found.left) / real:.1f} % survive.\n\n"
    )
    before, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
    PAGE.write_text(before + _BEGIN + numbers + table() + _END + rest.partition(_END)[2], "utf-8")
