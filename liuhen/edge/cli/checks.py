"""What `liuhen check` looks at. Each check answers findings; it changes nothing."""

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec

from liuhen.base.config import Settings
from liuhen.base.crypto import KeyRing
from liuhen.base.embedded_bin import OLDEST_MAJOR
from liuhen.base.errors import LiuhenError
from liuhen.base.health import DatabaseFacts
from liuhen.base.keyfile import read, version_fault
from liuhen.flows.outbox.look_at_books import NAME as BOOKS
from liuhen.flows.outbox.look_at_chains import NAME as CHAINS
from liuhen.flows.outbox.note_look import BACKUP
from liuhen.timing.workdays import Calendar, shanghai_day

CALENDAR_AHEAD = timedelta(days=365)
CLOCK_TOLERANCE = timedelta(seconds=2)
BEAT_TOLERANCE = timedelta(seconds=60)
BACKUP_TOLERANCE = timedelta(hours=26)


class Grade(StrEnum):
    """OK is fine; TODO is the operator's to do before real trade; BAD must be mended."""

    OK = "ok"
    TODO = "todo"
    BAD = "bad"


class Finding(msgspec.Struct, frozen=True):
    """One line of the check."""

    what: str
    grade: Grade
    sentence: str


def database(facts: DatabaseFacts) -> Iterator[Finding]:
    """Version, schema and what would lose acknowledged work."""
    if facts.major < OLDEST_MAJOR:
        yield Finding("database", Grade.BAD, f"PostgreSQL {facts.version} is older than {OLDEST_MAJOR}.")
    else:
        yield Finding("database", Grade.OK, f"PostgreSQL {facts.version} answers.")
    if facts.encoding != "UTF8":
        sentence = f"The database has the encoding {facts.encoding} and miscounts Chinese: restore a backup into UTF8."
        yield Finding("encoding", Grade.BAD, sentence)
    if facts.missing:
        yield Finding("schema", Grade.BAD, f"Not applied yet: {', '.join(facts.missing)}; run liuhen migrate.")
    else:
        yield Finding("schema", Grade.OK, "All migrations are applied.")
    if facts.unsafe:
        yield Finding(
            "durability", Grade.BAD, f"Switched off: {', '.join(facts.unsafe)}; a power cut would lose money and keys."
        )


def roles(facts: DatabaseFacts) -> Iterator[Finding]:
    """The application may add to the record but never change it."""
    if not facts.role_there:
        yield Finding("roles", Grade.BAD, "The application's role liuhen_app is missing; run liuhen migrate.")
    elif facts.role_out_of_reach:
        owner = facts.role_out_of_reach
        sentence = f"{owner} may not act as liuhen_app. As PostgreSQL's superuser: grant liuhen_app to {owner};"
        yield Finding("roles", Grade.BAD, sentence)
    elif facts.role_too_strong:
        yield Finding("roles", Grade.BAD, "The application's role liuhen_app is a superuser or bypasses row security.")
    elif facts.writable:
        names = ", ".join(facts.writable)
        yield Finding("roles", Grade.BAD, f"The application could change what is only to be added to: {names}.")
    else:
        yield Finding("roles", Grade.OK, "The application can add to the record and change none of it.")


def clock(facts: DatabaseFacts, now: datetime) -> Iterator[Finding]:
    """Ours against the database's: two machines that disagree would decide deadlines differently. now: UTC."""
    apart = abs(facts.clock - now)
    good = apart <= CLOCK_TOLERANCE
    sentence = f"This machine's clock and the database's are {apart.total_seconds():.1f} s apart"
    yield Finding("clock", Grade.OK if good else Grade.BAD, sentence + ("." if good else "; synchronise them."))


def calendar(known: Calendar, now: datetime) -> Iterator[Finding]:
    """Working days are known for the next twelve months. now: UTC."""
    until = shanghai_day(now + CALENDAR_AHEAD)
    years = {year.year: year for year in known.years}
    lacking = [str(year) for year in range(shanghai_day(now).year, until.year + 1) if year not in years]
    guessed = [str(year.year) for year in known.years if year.provisional and year.year >= shanghai_day(now).year]
    if lacking:
        yield Finding("calendar", Grade.BAD, f"No working days for {', '.join(lacking)}: add liuhen/data/workdays.")
    elif guessed:
        names = ", ".join(guessed)
        yield Finding("calendar", Grade.TODO, f"{names} is provisional: the State Council has not announced it yet.")
    else:
        yield Finding("calendar", Grade.OK, f"Working days are known until the end of {max(years)}.")


def keys(settings: Settings, facts: DatabaseFacts) -> Iterator[Finding]:
    """The master key file is there, private and the one of this database; and how to keep it."""
    path = settings.master_key_path
    if facts.witness is None and not path.exists():
        yield Finding("keys", Grade.TODO, f"No master key yet; the first start makes {path}.")
        return
    try:
        ring = KeyRing.of(read(path))
    except LiuhenError as error:
        yield Finding("keys", Grade.BAD, f"{error.message} No card key can be read: mend it, or bring its copy.")
        return
    if facts.witness not in (None, ring.witness()):
        yield Finding("keys", Grade.BAD, f"{path} is not the key that this database was sealed with.")
    elif fault := version_fault(ring, facts.key_versions):
        yield Finding("keys", Grade.BAD, f"{path} {fault}.")
    elif stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding("keys", Grade.BAD, f"{path} can be read by others; run chmod 600 on it.")
    else:
        yield Finding("keys", Grade.OK, f"{path} fits this database and is private.")
        yield Finding("backup", Grade.OK, _backup_advice(path))


def _backup_advice(path: Path) -> str:
    return (
        f"Copy {path} to a place apart from the database's backups (liuhen backup-keys), again after every rotation:"
        f" either is worthless without the other, and whoever has both can read every card key."
    )


def staff(settings: Settings) -> Iterator[Finding]:
    """Whether a password alone lets anybody act as staff."""
    if settings.staff_need_factor:
        yield Finding("staff", Grade.OK, "Staff need a second factor.")
    else:
        yield Finding(
            "staff",
            Grade.TODO,
            "Staff get in by a password alone; set staff_second_factor to required before real trade.",
        )


def worker(facts: DatabaseFacts, now: datetime) -> Iterator[Finding]:
    """Somebody carries out what falls due. now: UTC."""
    fresh = [name for name, beat in facts.beats.items() if now - beat <= BEAT_TOLERANCE]
    if fresh:
        yield Finding("worker", Grade.OK, f"At work: {', '.join(fresh)}.")
    elif facts.beats:
        last = max(facts.beats.values())
        yield Finding("worker", Grade.BAD, f"No sign of life since {last:%Y-%m-%d %H:%M:%S} UTC; start liuhen worker.")
    else:
        yield Finding("worker", Grade.BAD, "No worker has ever run; start liuhen worker.")


def looks(facts: DatabaseFacts, now: datetime) -> Iterator[Finding]:
    """What the worker found by itself, and when the last backup was made. now: UTC."""
    for name, command in ((BOOKS, "liuhen books check"), (CHAINS, "liuhen evidence verify --all")):
        look = facts.looks.get(name)
        if look is not None and look.told:
            yield Finding(name, Grade.BAD, f"The worker found {look.told} faults; run {command}.")
        elif look is not None:
            yield Finding(name, Grade.OK, f"No fault when the worker looked at {look.looked_at:%Y-%m-%d %H:%M} UTC.")
    last = facts.looks.get(BACKUP)
    if last is None:
        yield Finding("copy", Grade.TODO, "No backup of this database was ever made; run liuhen backup FOLDER.")
    else:
        old = now - last.looked_at > BACKUP_TOLERANCE
        sentence = f"The last whole backup was made at {last.looked_at:%Y-%m-%d %H:%M} UTC."
        yield Finding("copy", Grade.BAD if old else Grade.OK, sentence)


def disclosure(settings: Settings) -> Iterator[Finding]:
    """What the law wants at the foot of every page."""
    empty = settings.empty_disclosure()
    if empty:
        yield Finding("disclosure", Grade.TODO, f"Still empty at the foot of every page: {', '.join(empty)}.")
    else:
        yield Finding("disclosure", Grade.OK, "Operator, licence, ICP number and complaint entry are filled in.")
    if settings.demo:
        yield Finding("demo", Grade.TODO, "This is a demo market: never for real trade.")
    elif settings.sandbox_enabled:
        yield Finding("sandbox", Grade.BAD, "The sandbox channel is open outside a demo: it moves no real money.")
