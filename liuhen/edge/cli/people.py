"""`liuhen create-user`, `reset-link` and `reset-second-factor`: letting people in when no page can, such as the first
admin."""

import argparse
import getpass
import sys
from datetime import datetime
from typing import Any

from liuhen.base.errors import InvalidInput
from liuhen.edge.cli.shell import in_house
from liuhen.edge.context import App
from liuhen.flows.people.issue_reset_link import IssueResetLink, ResetLinkIssued, issue_reset_link
from liuhen.flows.people.register_party import PartyRegistered, RegisterParty, register_party
from liuhen.flows.people.reset_second_factor import ResetSecondFactor, reset_second_factor
from liuhen.parties.model import Agreement, Role


def register(commands: Any) -> None:
    """Adds this group's commands."""
    create = commands.add_parser("create-user", help="a login, with staff roles if asked; reads the password")
    create.add_argument("login", help="3 to 64 characters; capitals do not count")
    create.add_argument("--name", default="", help="shown to others (default: the login)")
    create.add_argument("--role", action="append", default=[], choices=[role.value for role in Role])
    create.set_defaults(run=_create)
    link = commands.add_parser("reset-link", help="a link that lets a party set a new password once")
    link.add_argument("login", help="whose password it is")
    link.set_defaults(run=_link)
    reset = commands.add_parser("reset-second-factor", help="takes off a second factor that was lost; on record")
    reset.add_argument("login", help="who lost it")
    reset.add_argument("--reason", required=True, help="how you know that it is he; kept with the staff acts")
    reset.set_defaults(run=_reset)


def _create(chosen: argparse.Namespace) -> int:
    password = _password()

    async def work(app: App, now: datetime) -> PartyRegistered:
        cmd = RegisterParty(
            login=chosen.login,
            password=password,
            terms_version=app.agreements.current(Agreement.USER_TERMS, now).version,
            display_name=chosen.name,
            roles=frozenset(map(Role, chosen.role)),
        )
        return await register_party(app.db, cmd, now=now, keys=app.keys, agreements=app.agreements)

    made = in_house(work)
    print(f"{made.login} may sign in. Recovery code, shown this once: {made.recovery_code}")
    if chosen.role:
        print("Staff need a second factor: sign in at once and set one up before anybody else learns the password.")
    return 0


def _link(chosen: argparse.Namespace) -> int:
    async def work(app: App, now: datetime) -> tuple[str, ResetLinkIssued]:
        return app.settings.address, await issue_reset_link(
            app.db, IssueResetLink(login=chosen.login), now=now, keys=app.keys
        )

    address, issued = in_house(work)
    print(f"{address}/reset/{issued.token}")
    print(f"It works once, until {issued.expires_at:%Y-%m-%d %H:%M} UTC.")
    return 0


def _reset(chosen: argparse.Namespace) -> int:
    async def work(app: App, now: datetime) -> None:
        await reset_second_factor(app.db, ResetSecondFactor(login=chosen.login, reason=chosen.reason), now=now)

    in_house(work)
    print(f"{chosen.login} signs in with the password alone. All devices and tokens are signed out.")
    return 0


def _password() -> str:
    """Typed twice at a terminal, else the first line of the input; never an argument that others could see."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Once more: "):
        raise InvalidInput("The two passwords differ.")
    return first
