"""What bin/test runs once Python's packages are there: the rest of the set-up, then the parts."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from liuhen.base import embedded, embedded_bin
from liuhen.base.errors import LiuhenError

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
T = TypeVar("T")

PARTS: dict[str, list[str]] = {
    "tidy": ["tests/tidy"],
    "unit": ["tests/policy", "tests/money", "tests/rooms"],
    "flows": ["tests/flows", "tests/edge"],
    "browser": ["tests/browser"],
    "survival": ["tests/survival"],
    "long": ["tests/long"],
}
LINTERS = [
    ["-m", "ruff", "check", "."],
    ["-m", "mypy"],
    ["-c", "from importlinter.cli import lint_imports_command as run; run()"],
]
_CLUSTER_CONFIG = Path("/etc/postgresql-common/createcluster.conf")


class SetupError(Exception):
    """Something the tests need is missing and cannot be installed here."""


def main(arguments: Sequence[str]) -> int:
    """Exit code: 0 all green, 1 something failed, 2 something is missing."""
    part, options = (arguments[0], arguments[1:]) if arguments else ("all", [])
    chosen = [name for name in PARTS if name != "long"] if part == "all" else [part]
    if part not in (*PARTS, "setup", "all"):
        print(f"bin/test: there is no part {part}: choose setup, {', '.join(PARTS)} or all.", file=sys.stderr)
        return 2
    try:
        _timed("setup", _set_up)
        with start_server() as server:
            environ = {key: value for key, value in os.environ.items() if not key.startswith("LIUHEN_")}
            environ["LIUHEN_TEST_DSN"] = server.dsn
            results = {} if part == "setup" else {name: _run(name, environ, options) for name in chosen}
    except (SetupError, LiuhenError) as error:
        print(f"bin/test: {error}", file=sys.stderr)
        return 2
    failed = [name for name, good in results.items() if not good]
    print(f"bin/test: {'failed: ' + ', '.join(failed) if failed else 'all green'}")
    return 1 if failed else 0


def start_server() -> embedded.Server:
    """The server for tests: without fsync, kept between runs, made anew where it cannot be started any more."""
    folder = ROOT / ".cache" / "test-postgres"
    try:
        return embedded.start(folder, durable=False)
    except embedded.EmbeddedError:
        embedded.erase(folder)
        return embedded.start(folder, durable=False)


def chromium() -> str | None:
    """The browser's program: LIUHEN_CHROMIUM, else the first known name on PATH."""
    return os.environ.get("LIUHEN_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def _run(name: str, environ: dict[str, str], options: Sequence[str]) -> bool:
    """All of a part, even after its first failure: one run shows everything that is to mend."""
    commands = LINTERS if name == "tidy" else []
    commands = [*commands, ["-m", "pytest", *PARTS[name], *options]]
    return _timed(name, lambda: [_call(command, environ) for command in commands].count(False) == 0)


def _timed(name: str, work: Callable[[], T]) -> T:
    print(f"== {name}", flush=True)
    began = time.monotonic()
    result = work()
    verdict = "FAILED" if result is False else "ok"
    print(f"== {name}: {verdict} after {time.monotonic() - began:.1f} s", flush=True)
    return result


def _call(arguments: Sequence[str], environ: dict[str, str]) -> bool:
    code = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environ, check=False).returncode
    if code != 0:
        print(f"bin/test: {' '.join(arguments)} ended with code {code}", flush=True)
    return code == 0


def _set_up() -> None:
    """A browser, Chinese fonts, the system's PostgreSQL (all branches are tested); by apt where allowed."""
    missing = []
    if os.geteuid() != 0:
        print("bin/test: not root, so the launcher's ways of starting PostgreSQL for root and full disks go untested.")
    if chromium() is None:
        missing.append("chromium")
    if not _has_chinese_font():
        missing += ["fontconfig", "fonts-noto-cjk"]
    if not _has_system_postgres():
        missing.append("postgresql")
        _keep_clusters_away()
    if missing:
        _apt(missing)
    for what, there in (
        ("Chromium", chromium() is not None),
        ("a Chinese font", _has_chinese_font()),
        ("PostgreSQL 15 or newer as a system package", _has_system_postgres()),
    ):
        if not there:
            raise SetupError(f"{what} is needed for the tests and could not be installed.")


def _has_chinese_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    found = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip())


def _has_system_postgres() -> bool:
    try:
        embedded_bin.choose("system", None, ROOT)
    except embedded.EmbeddedError:
        return False
    return True


def _keep_clusters_away() -> None:
    """Debian's package would make and start a server of its own; we want the programs alone."""
    if os.geteuid() == 0 and not _CLUSTER_CONFIG.exists():
        _CLUSTER_CONFIG.parent.mkdir(parents=True, exist_ok=True)
        _CLUSTER_CONFIG.write_text("create_main_cluster = false\n")


def _apt(packages: Sequence[str]) -> None:
    names = " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SetupError(f"Missing for the tests: {names}; install them (apt-get is not open to this user).")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    keep = ["-o", "Dpkg::Options::=--force-confold"]
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *keep, *packages],
    ):
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise SetupError(f"Missing for the tests: {names}; apt-get could not install them: {last}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
