"""`liuhen migrate`, `liuhen check`, `liuhen database-url`."""

import argparse
import asyncio
import os
import sys
from typing import Any

from liuhen.base.config import Settings, read_settings
from liuhen.base.health import examine
from liuhen.base.migrate import migrate
from liuhen.edge import boot
from liuhen.edge.cli import checks
from liuhen.edge.cli.checks import Finding, Grade
from liuhen.edge.cli.shell import open_server
from liuhen.timing.clock import SystemClock


def register(commands: Any) -> None:
    """Adds this group's commands."""
    commands.add_parser("migrate", help="bring the database to this version").set_defaults(run=_migrate)
    url = commands.add_parser("database-url", help="the owner's address, for pg_dump and psql; holds the password")
    url.set_defaults(run=_url)
    check = commands.add_parser("check", help="look at everything an operator must keep right; changes nothing")
    check.set_defaults(run=_check)


def _migrate(chosen: argparse.Namespace) -> int:
    with open_server(read_settings(os.environ)) as server:
        applied = asyncio.run(migrate(server.dsn, SystemClock().now()))
    print(f"Applied: {', '.join(applied)}." if applied else "The database is up to date.")
    return 0


def _url(chosen: argparse.Namespace) -> int:
    """Our own server must be kept up by another process: it stops soon after its last user."""
    with open_server(read_settings(os.environ)) as server:
        print(server.dsn)
    return 0


def _check(chosen: argparse.Namespace) -> int:
    """Exit code 1 if anything must be mended; what is merely left to do leaves it 0."""
    settings = read_settings(os.environ)
    with open_server(settings) as server:
        findings = asyncio.run(_look(settings, server.dsn))
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        print(f"{finding.grade.value:<4}  {finding.what:<{width}}  {finding.sentence}")
    bad = sum(finding.grade is Grade.BAD for finding in findings)
    if bad:
        print(f"liuhen check: {bad} to mend.", file=sys.stderr)
    return 1 if bad else 0


async def _look(settings: Settings, dsn: str) -> list[Finding]:
    facts = await examine(dsn)
    now = SystemClock().now()
    return [
        *checks.database(facts),
        *checks.roles(facts),
        *checks.clock(facts, now),
        *checks.calendar(boot.load_calendar(), now),
        *checks.keys(settings, facts),
        *checks.staff(settings),
        *checks.worker(facts, now),
        *checks.looks(facts, now),
        *checks.disclosure(settings),
    ]
