"""A PostgreSQL of the bench's own, with the memory of a real server; every round begins from a template database."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from bench import proc
from liuhen.base import embedded_cluster
from liuhen.base.db import connect_owner
from liuhen.base.embedded_cluster import Cluster
from liuhen.base.migrate import APP_ROLE

SETTINGS = {"shared_buffers": "2GB", "max_wal_size": "16GB", "checkpoint_timeout": "20min"}
"""Over those of base/embedded_cluster.py; fsync and synchronous_commit are on, the rest is PostgreSQL's default."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a database did between two looks. transactions and buffers as pg_stat_database counts them; cpu, seconds."""

    cpu: float
    transactions: int
    buffers: int


class Server:
    """A running server. Databases are named by the bench; `dsn` signs in as their owner."""

    def __init__(self, dsn: str, programs: Path, pid: int = 0) -> None:
        """Parameters: dsn, of any of its databases; programs, the folder of pgbench; pid, of the postmaster."""
        self._address = urlsplit(dsn)
        self._programs = programs
        self.pid = pid

    def dsn(self, database: str) -> str:
        return urlunsplit(self._address._replace(path=f"/{database}"))

    def environment(self, database: str, role: str | None = APP_ROLE) -> dict[str, str]:
        """How programs of PostgreSQL sign in: as the application does, or as the owner with role None."""
        asked = dict(parse_qsl(self._address.query))
        found = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PGHOST": asked.get("host") or self._address.hostname or "",
            "PGPORT": asked.get("port") or str(self._address.port or 5432),
            "PGUSER": unquote(self._address.username or ""),
            "PGPASSWORD": unquote(self._address.password or ""),
            "PGDATABASE": database,
        }
        return found | ({"PGOPTIONS": f"-c role={role} -c timezone=UTC"} if role else {})

    def program(self, name: str) -> str:
        return str(self._programs / name)

    @asynccontextmanager
    async def owner(self, database: str) -> AsyncIterator[Any]:
        connection = await connect_owner(self.dsn(database))
        try:
            yield connection
        finally:
            await connection.close()

    async def has(self, database: str) -> bool:
        async with self.owner("postgres") as owner:
            return bool(await owner.fetchval("select true from pg_database where datname = $1", database))

    async def databases(self, head: str) -> list[str]:
        """Names that begin with this."""
        async with self.owner("postgres") as owner:
            rows = await owner.fetch("select datname from pg_database where starts_with(datname, $1)", head)
        return [row[0] for row in rows]

    async def fresh(self, database: str, template: str | None = None) -> None:
        """The database as a copy of its template, and a checkpoint, so that no round pays for another's pages."""
        async with self.owner("postgres") as owner:
            await owner.execute(f"drop database if exists {database} with (force)")
            copied = f" template {template} strategy file_copy" if template else ""
            await owner.execute(f"create database {database}{copied}")
            await owner.execute("checkpoint")

    async def drop(self, database: str) -> None:
        async with self.owner("postgres") as owner:
            await owner.execute(f"drop database if exists {database} with (force)")

    async def rename(self, old: str, new: str) -> None:
        async with self.owner("postgres") as owner:
            await owner.execute(f"alter database {old} rename to {new}")

    async def load(self, database: str) -> Load:
        """What it has done so far. Connections tell what they did when they end, or a second later."""
        async with self.owner("postgres") as owner:
            row = await owner.fetchrow(
                "select xact_commit, blks_hit + blks_read as buffers from pg_stat_database where datname = $1", database
            )
        return Load(proc.server_cpu(self.pid), row["xact_commit"], row["buffers"])


class Bench(Server):
    """A server of the bench's own, which stops with it."""

    def __init__(self, folder: Path, more: Mapping[str, str] | None = None) -> None:
        """Parameters: folder, for the data; more, settings over SETTINGS."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.cluster = Cluster(folder.absolute())
        user = embedded_cluster.server_user(self.cluster)
        binaries = embedded_cluster.programs(self.cluster, "auto", user)
        if self.cluster.major() is None:
            embedded_cluster.create(self.cluster, binaries, user, durable=True)
        embedded_cluster.start(self.cluster, binaries, user, durable=True, more={**SETTINGS, **(more or {})})
        pid = self.cluster.live_pid()
        assert pid is not None
        password = quote(embedded_cluster.read_password(self.cluster), safe="")
        host = quote(str(self.cluster.socket_dir), safe="")
        name, port = embedded_cluster.SUPERUSER, embedded_cluster.PORT
        super().__init__(f"postgresql://{name}:{password}@/postgres?host={host}&port={port}", binaries.folder, pid)

    def stop(self) -> None:
        embedded_cluster.stop(self.cluster)

    def __enter__(self) -> "Bench":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
