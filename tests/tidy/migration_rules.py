"""What a migration may do while the version before serves, as functions from SQL to sentences.

Expand, migrate, contract: a migration adds or relaxes; what nobody uses any more goes in a later version
(docs/decisions/0061-migrations-while-serving.md).
"""

import re
from collections.abc import Iterator

# Read whole in milliseconds, so a check or an index of theirs holds nobody up.
SMALL = {"api_token", "half_session", "heartbeat", "issuer", "key_witness", "migration", "passkey", "rate_window"}
SMALL |= {"reset_link", "reset_wish", "rule_comment", "session", "shop", "sign_in", "totp_factor"}
_TABLE = r"(?:if exists )?(?:only )?(?P<table>\w+)"
_NEW_COLUMN = re.compile(r"add column (?:if not exists )?\w+ [a-z]")
_SCANS = re.compile(r"\b(check|references|unique|primary key|generated)\b")
_RELAXES = re.compile(
    r"alter column \w+ (?:drop not null|drop default|set default .+|set statistics \d+)"
    r"|drop constraint (?:if exists )?\w+_(?:check|fkey)|validate constraint \w+|set \(.*\)"
)


def statements(sql: str) -> list[str]:
    """Bare statements in lower case, one space between words."""
    bare = re.sub(r"--[^\n]*", "", sql)
    return [" ".join(part.lower().split()) for part in bare.split(";") if part.strip()]


def breaks(sql: str) -> Iterator[str]:
    """Why a file cannot be applied while the version before serves."""
    found = statements(sql)
    made = {match[1] for text in found if (match := re.match(r"create table (?:if not exists )?(\w+)", text))}
    for text in found:
        if "concurrently" in text and len(found) > 1:
            yield f"an index that is built beside the traffic is alone in its file: {text[:80]}"
        elif reason := _reason(text, made):
            yield f"{reason}: {text[:80]}"


def _reason(text: str, made: set[str]) -> str | None:
    if re.match(r"create table |comment on |grant |revoke ", text):
        return None
    if match := re.match(
        r"create (?:unique )?index (?P<beside>concurrently if not exists \w+ )?.*?on (?P<table>\w+)", text
    ):
        if match["beside"] or match["table"] in made | SMALL:
            return None
        return "an index on a table that may be large stops its writers: create index concurrently if not exists NAME"
    if match := re.match(rf"alter table {_TABLE} (?P<acts>.*)", text):
        if match["table"] in made:
            return None
        return next(filter(None, (_act(act, match["table"]) for act in _parts(match["acts"]))), None)
    if match := re.match(r"insert into (\w+)", text):
        return None if match[1] in made | SMALL else "rows of a table in use are written by the program, in batches"
    if re.match(r"update |delete |with ", text):
        return "rows of a table in use are changed by the program, in batches"
    if re.match(r"drop |truncate ", text):
        return "the version before still uses it: it goes in a later version"
    return "not known to be harmless"


def _act(act: str, table: str) -> str | None:
    """One act of an `alter table`."""
    if _NEW_COLUMN.match(act):
        if "not null" in act and " default " not in act:
            return "the version before writes no such column: it needs a default, or may be null"
        if _SCANS.search(act) and table not in SMALL:
            return "the whole table is read under the strongest lock: add the constraint not valid, validate it later"
        return None
    if act.startswith("add constraint ") and act.endswith(" not valid"):
        return "the version before may write what this forbids" if "check" not in act else None
    return None if _RELAXES.fullmatch(act) else "it breaks the version before, or holds the strongest lock for long"


def _parts(acts: str) -> list[str]:
    """The acts of one `alter table`, parted at commas outside of brackets."""
    parts, depth, begin = [], 0, 0
    for place, letter in enumerate(acts):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(acts[begin:place].strip())
            begin = place + 1
    return [*parts, acts[begin:].strip()]
