"""The table of limits in docs/operate.md is the code's. LIUHEN_WRITE_DOCS=1 writes it anew."""

import os
import re
from datetime import timedelta
from pathlib import Path

from liuhen.base.config import Settings
from liuhen.edge.limits import COSTLY, PAGES, STRANGERS, UPLOADS_UNDER_WAY, Rate
from liuhen.flows.people.comment_on_rules import MAX_COMMENTS
from liuhen.flows.trade.stage_stock import MAX_STAGED
from liuhen.parties import limits
from liuhen.parties.limits import Limit

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operate.md"
BEGIN, END = "<!-- limits: written by tests/tidy/test_limits.py -->\n", "<!-- /limits -->"
# What is counted in the database, in words: (what, for whom).
WORDS = {
    "sign_in.login": ("signing in, and making a token with a password", "login"),
    "sign_in.ip": ("the same", "address"),
    "register.ip": ("joining", "address"),
    "reset.login": ("setting a new password with the recovery code, asking to be let in", "login"),
    "reset.ip": ("the same", "address"),
    "password.party": ("giving the old password to set a new one", "account"),
    "code.party": ("second factor: codes", "account"),
    "code.day": ("the same", "account"),
    "code.ip": ("second factor: codes and passkeys", "address"),
}


def table() -> str:
    calls = Settings().api_calls_per_minute
    lines = ["| What | Counted for | At once | In the long run | Where |", "|---|---|---|---|---|"]
    for limit in _counted():
        what, whom = WORDS[limit.name]
        lines.append(f"| {what} | {whom} | {limit.most} | {limit.most} in {_span(limit.window)} | database |")
    lines.append(
        f"| a call of the API (a question with many units counts one per ten) | token, and address | {calls // 5}"
        f" | {calls} a minute (`api_calls_per_minute`) | process |"
    )
    lines += [_row(rate, "account, or address") for rate in (PAGES, *COSTLY)]
    lines.append(_row(STRANGERS, "address"))
    lines.append(f"| uploads under way at a time | account, or address | {UPLOADS_UNDER_WAY} | | process |")
    lines.append(
        f"| comments on a coming version of the rules | account and version | {MAX_COMMENTS} | for good | database |"
    )
    lines.append(
        "| key files that wait for their confirmation (the oldest goes) | shop |"
        f" {MAX_STAGED} | 30 min each | database |"
    )
    return "\n".join(lines) + "\n"


def _row(rate: Rate, whom: str) -> str:
    return f"| {rate.what} | {whom} | {rate.burst} | {rate.per_minute} a minute | process |"


def _counted() -> list[Limit]:
    return [value for value in vars(limits).values() if isinstance(value, Limit)]


def _span(length: timedelta) -> str:
    return {1440: "a day", 60: "an hour"}.get(minutes := int(length.total_seconds()) // 60, f"{minutes} min")


def test_the_table_of_limits_is_the_codes() -> None:
    assert {limit.name for limit in _counted()} == set(WORDS)
    page = PAGE.read_text("utf-8")
    found = re.search(re.escape(BEGIN) + "(.*?)" + re.escape(END), page, re.S)
    assert found
    if os.environ.get("LIUHEN_WRITE_DOCS"):
        PAGE.write_text(page[: found.start(1)] + table() + page[found.end(1) :], "utf-8")
        return
    assert found[1] == table()
