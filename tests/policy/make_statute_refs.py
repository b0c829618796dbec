"""Writes data/statute_refs.json: for each article that a clause or the lint cites, its shape and the hash of its text.

Texts of statutes are not kept here. Run: python tests/policy/make_statute_refs.py PATH_OF_THE_RESEARCH_FILE
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from liuhen.policy.binding import CITES as TERM_CITES
from liuhen.policy.clauses.registry import CLAUSES
from liuhen.policy.law import ALIASES
from liuhen.policy.lint.lint import CITES as LINT_CITES
from liuhen.policy.outside import CITES as OUTSIDE_CITES
from liuhen.policy.selfcheck.told import CLAIM_CITES
from liuhen.policy.words.elsewhere import GROUND_CITES

TARGET = Path(__file__).parent / "data" / "statute_refs.json"


def shape(text: str) -> list[int]:
    """Items per paragraph. An item is a line that begins with a full-width bracket; any other line is a paragraph."""
    items: list[int] = []
    for line in text.splitlines():
        if line.strip().startswith("（"):
            items[-1] += 1
        elif line.strip():
            items.append(0)
    return items


def reference(entry: dict[str, Any]) -> dict[str, Any]:
    """What the tests need to know of one article."""
    return {
        "law": entry["short"],
        "article": entry["article"],
        "effective_from": entry["effective_from"],
        "repealed": entry["repealed"],
        "items": shape(entry["text"]),
        "sha256": hashlib.sha256(entry["text"].encode()).hexdigest(),
    }


def main() -> None:
    """Raises SystemExit when a cited article is missing or not verified in the research file."""
    entries = json.loads(Path(sys.argv[1]).read_text())
    wanted = {(ALIASES.get(c.law, c.law), c.article) for clause in CLAUSES for c in clause.cites}
    wanted |= {(ALIASES.get(c.law, c.law), c.article) for c in (*LINT_CITES, *OUTSIDE_CITES, *TERM_CITES)}
    wanted |= {
        (ALIASES.get(c.law, c.law), c.article)
        for cites in (*CLAIM_CITES.values(), *GROUND_CITES.values())
        for c in cites
    }
    found = [reference(e) for e in entries if (e["short"], e["article"]) in wanted and e["verified"]]
    missing = wanted - {(ref["law"], ref["article"]) for ref in found}
    if missing:
        raise SystemExit(f"cited but not verified in the research file: {sorted(missing)}")
    found.sort(key=lambda ref: (ref["law"], ref["article"], ref["effective_from"]))
    lines = ",\n".join(json.dumps(ref, ensure_ascii=False) for ref in found)
    TARGET.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
