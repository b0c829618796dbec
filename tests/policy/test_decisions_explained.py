"""The ten decisions in the docs are what the rules say today, and each of them answers the reader's three questions."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def script() -> ModuleType:
    """The command that writes the page."""
    spec = importlib.util.spec_from_file_location("decisions_explained", ROOT / "bin" / "decisions_explained.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_rules_say() -> None:
    made = script()
    assert made.TARGET.read_text() == made.written(), "run: python bin/decisions_explained.py"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_says_how_much_why_and_what_next(lang: str) -> None:
    made = script()
    result, why, _, _, following, *_ = made.HEADS[lang]
    for name, *story in made.STORIES:
        text = made._one(name, story[0], lang)
        assert all(f"{head}\n" in text for head in (why, following)), name
        assert f"**{result}" in text
        assert "{" not in text
        assert "None" not in text
