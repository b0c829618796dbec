"""The committed stylesheet is what bin/css makes of today's templates. Needs node and npm."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_stylesheet_is_the_built_one(tmp_path: Path) -> None:
    built = tmp_path / "liuhen.css"
    done = subprocess.run([ROOT / "bin/css", built], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    committed = ROOT / "liuhen/edge/web/static/liuhen.css"
    assert built.read_bytes() == committed.read_bytes(), "run bin/css and commit the stylesheet"
