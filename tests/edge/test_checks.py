"""What `liuhen check` says, finding by finding, and what it sees in a real database."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from liuhen.base.config import Settings
from liuhen.base.crypto import new_master_file
from liuhen.base.db import Database, connect_owner
from liuhen.base.health import DatabaseFacts, examine
from liuhen.base.keyfile import open_key_ring
from liuhen.base.watch import Look
from liuhen.edge.cli import checks
from liuhen.edge.cli.checks import Finding, Grade
from liuhen.timing.workdays import Calendar, YearDays

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
FINE = DatabaseFacts(version="15.8", major=15, clock=NOW, role_there=True, beats={"worker-1": NOW}, witness=None)


def but(**changes: Any) -> DatabaseFacts:
    return msgspec.structs.replace(FINE, **changes)


def grades(findings: Any) -> dict[str, Grade]:
    return {finding.what: finding.grade for finding in findings}


def sentence(findings: Any) -> str:
    (finding,) = [item for item in findings if item.grade is not Grade.OK]
    assert isinstance(finding, Finding)
    return finding.sentence


def test_a_database_that_is_right() -> None:
    assert grades(checks.database(FINE)) == {"database": Grade.OK, "schema": Grade.OK}
    assert grades(checks.roles(FINE)) == {"roles": Grade.OK}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (but(major=14, version="14.2"), "14.2 is older than 15"),
        (but(missing=("0009_refunds.sql",)), "0009_refunds.sql; run liuhen migrate"),
        (but(encoding="SQL_ASCII"), "encoding SQL_ASCII"),
        (but(unsafe=("fsync",)), "fsync; a power cut would lose"),
    ],
)
def test_a_database_that_is_not(facts: DatabaseFacts, words: str) -> None:
    assert words in sentence(checks.database(facts))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (but(role_there=False), "liuhen_app is missing"),
        (but(role_out_of_reach="owner"), "grant liuhen_app to owner;"),
        (but(role_too_strong=True), "superuser"),
        (but(writable=("chain_event",)), "chain_event"),
    ],
)
def test_roles_that_are_too_strong_or_missing(facts: DatabaseFacts, words: str) -> None:
    assert words in sentence(checks.roles(facts))


def test_what_the_worker_found_and_how_old_the_copy_is() -> None:
    def found(hours: int, **faults: int) -> dict[str, Grade]:
        looks = {name: Look(name=name, looked_at=NOW, faults=count) for name, count in faults.items()}
        looks["backup"] = Look(name="backup", looked_at=NOW - timedelta(hours=hours))
        return grades(checks.looks(but(looks=looks), NOW))

    assert grades(checks.looks(FINE, NOW)) == {"copy": Grade.TODO}
    assert found(26, books=0, chains=0) == {"books": Grade.OK, "chains": Grade.OK, "copy": Grade.OK}
    assert found(27, books=1, chains=0) == {"books": Grade.BAD, "chains": Grade.OK, "copy": Grade.BAD}
    assert found(1, chains=2) == {"chains": Grade.BAD, "copy": Grade.OK}


def test_clocks_apart() -> None:
    assert grades(checks.clock(FINE, NOW + timedelta(seconds=2))) == {"clock": Grade.OK}
    assert "3.0 s apart; synchronise" in sentence(checks.clock(FINE, NOW - timedelta(seconds=3)))


def test_calendar_reaches_twelve_months_ahead() -> None:
    def known(*years: int, provisional: int = 0) -> Calendar:
        return Calendar(
            YearDays(
                year=year,
                off=frozenset([date(year, 1, 1)]),
                on=frozenset(),
                source="notice",
                provisional=year == provisional,
            )
            for year in years
        )

    assert grades(checks.calendar(known(2026, 2027), NOW)) == {"calendar": Grade.OK}
    assert "No working days for 2027" in sentence(checks.calendar(known(2025, 2026), NOW))
    assert "2027 is provisional" in sentence(checks.calendar(known(2026, 2027, provisional=2027), NOW))


def test_worker_must_have_been_seen_within_a_minute() -> None:
    assert grades(checks.worker(FINE, NOW + timedelta(seconds=60))) == {"worker": Grade.OK}
    assert "since 2026-11-22 04:00:00" in sentence(checks.worker(FINE, NOW + timedelta(seconds=61)))
    assert "No worker has ever run" in sentence(checks.worker(but(beats={}), NOW))


def test_disclosure_names_every_empty_field() -> None:
    assert "operator_name, operator_address, licence_no, icp_no" in sentence(checks.disclosure(Settings()))
    filled = Settings(
        operator_name="某公司",
        operator_address="某地",
        licence_no="91",
        icp_no="京ICP备1号",
        complaint_phone="010",
        complaint_email="a@b.example",
    )
    assert grades(checks.disclosure(filled)) == {"disclosure": Grade.OK}
    assert "no real money" in sentence(checks.disclosure(msgspec.structs.replace(filled, sandbox_enabled=True)))


async def test_keys_fit_are_private_and_are_to_be_copied(db: Database, dsn: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path / "data"))
    path = settings.master_key_path
    assert "first start makes" in sentence(checks.keys(settings, await examine(dsn)))

    await open_key_ring(db, path, NOW)
    facts = await examine(dsn)
    found = list(checks.keys(settings, facts))
    assert grades(found) == {"keys": Grade.OK, "backup": Grade.OK}
    assert str(path) in found[1].sentence

    path.chmod(0o644)
    assert "chmod 600" in sentence(checks.keys(settings, facts))
    path.write_text(new_master_file())
    assert "not the key" in sentence(checks.keys(settings, facts))
    path.unlink()
    assert "bring its copy" in sentence(checks.keys(settings, facts))


async def test_examine_sees_a_migrated_database(db: Database, dsn: str) -> None:
    facts = await examine(dsn)
    assert (facts.missing, facts.writable, facts.role_there, facts.role_too_strong) == ((), (), True, False)
    assert facts.clock.tzinfo is not None


async def test_examine_sees_a_record_that_could_be_changed(fresh_dsn: Any) -> None:
    dsn = await fresh_dsn()
    owner = await connect_owner(dsn)
    await owner.execute("grant update on chain_event to liuhen_app; delete from migration where name like '0012%'")
    assert (await examine(dsn)).missing == ("0012_money.sql",)
    await owner.execute("insert into migration values ('0012_money.sql', '', '2026-11-22T04:00:00Z')")
    await owner.close()
    assert (await examine(dsn)).writable == ("chain_event",)


async def test_examine_sees_an_empty_database(server_dsn: str, fresh_dsn: Any) -> None:
    dsn = await fresh_dsn()
    owner = await connect_owner(dsn)
    await owner.execute("drop schema public cascade; create schema public")
    await owner.close()
    assert "0001_base.sql" in (await examine(dsn)).missing
