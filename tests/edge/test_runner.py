"""bin/test names what it cannot set up, and a skipped test is never a green one."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import runner

ROOT = Path(__file__).resolve().parents[2]


def test_what_is_missing_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A machine without browser, fonts and apt-get."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("LIUHEN_CHROMIUM", raising=False)
    assert runner.main(["setup"]) == 2
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("bin/test: Missing for the tests: chromium fontconfig fonts-noto-cjk")


def test_unknown_part_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["everything"]) == 2
    assert capsys.readouterr().err == (
        "bin/test: there is no part everything: choose setup, tidy, unit, flows, browser, survival, long or all.\n"
    )


def test_a_skipped_test_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "test_lazy.py").write_text("import pytest\n\n\ndef test_lazy():\n    pytest.skip('no time')\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "--rootdir", str(ROOT), "-c", "pyproject.toml"]
    done = subprocess.run([*command, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "1 skipped" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1


def test_every_folder_of_tests_belongs_to_a_part() -> None:
    known = {folder for folders in runner.PARTS.values() for folder in folders}
    there = {f"tests/{path.parent.name}" for path in (ROOT / "tests").glob("*/test_*.py")}
    assert there <= known
