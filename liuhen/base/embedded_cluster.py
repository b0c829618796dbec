"""One PostgreSQL data folder: make it, start it, find out whether it runs, stop it."""

import hashlib
import os
import secrets
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from liuhen.base import embedded_bin, embedded_user
from liuhen.base.embedded_bin import Binaries, EmbeddedError
from liuhen.base.embedded_user import ServerUser

SUPERUSER = "liuhen"
DATABASE = "liuhen"
PORT = 5432  # names the socket file only; nothing listens on TCP

_SOCKET_PATH_LIMIT = 107
_START_SECONDS = 120
_STOP_SECONDS = 60
_LEFTOVER_SECONDS = 30
_PATIENT_SECONDS = 2
_LOG_LIMIT = 5_000_000

_PROC = Path("/proc/self/cmdline").exists()

# The shell leaves the server behind in its own session and tells its number; paths are words, never parsed.
_DETACHED = '"$@" </dev/null >>"$0" 2>&1 & echo $!'

_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_checkpoints": "off",
}
_SAFE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """The places of one server. `home` belongs to the server's user, the rest to Liuhen's."""

    data_dir: Path

    @property
    def home(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def pgdata(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def password_file(self) -> Path:
        return self.data_dir / "postgres.password"

    @property
    def socket_dir(self) -> Path:
        """Inside the data folder, or a short private folder where that path is too long for a socket.

        A comma parts hosts in an address, so a path with one will not do either.
        """
        inside = self.home / "run"
        if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= _SOCKET_PATH_LIMIT and "," not in str(inside):
            return inside
        name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"liuhen-{name}"

    def major(self) -> int | None:
        """What PG_VERSION says; None if there is no data yet. Raises EmbeddedError on a broken folder."""
        if not self.pgdata.exists():
            return None
        try:
            return int((self.pgdata / "PG_VERSION").read_text().strip())
        except (OSError, ValueError) as error:
            raise EmbeddedError(
                f"The data folder {self.pgdata} is broken: its PG_VERSION cannot be read;"
                f" restore it from a backup or choose another data folder."
            ) from error

    def live_pid(self) -> int | None:
        """The process id of this folder's running postmaster, None if a crash left only its file behind."""
        lines = self.pid_lines()
        if not lines or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        if not _running(pid):
            return None
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if _PROC else []
        except OSError:
            return None
        return pid if os.fsencode(self.pgdata) in words or not _PROC else None

    def ready(self) -> bool:
        lines = self.pid_lines()
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def pid_lines(self) -> list[str]:
        try:
            return (self.pgdata / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []


def create(cluster: Cluster, binaries: Binaries, user: ServerUser, *, durable: bool) -> None:
    """initdb beside the final place and one rename: an interrupted run leaves no half folder behind."""
    fresh = cluster.home / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    password = secrets.token_urlsafe(24)
    handed = cluster.home / "password.new"
    _write_private(handed, password)
    user.own(handed)
    command = [binaries.program("initdb"), "-D", str(fresh), "-U", SUPERUSER, "-A", "scram-sha-256"]
    command += [f"--pwfile={handed}", "--locale=C.UTF-8", "-E", "UTF8"]
    answer = user.run(command if durable else [*command, "--no-sync"])
    handed.unlink()
    if answer.returncode != 0:
        raise EmbeddedError(f"PostgreSQL could not make its data in {cluster.home}: {_last(answer.stderr)}")
    single = [binaries.program("postgres"), "--single", "-D", str(fresh), "postgres"]
    answer = user.run(single, text=f"create database {DATABASE}\n")
    if answer.returncode != 0 or "ERROR" in answer.stderr:
        raise EmbeddedError(f"PostgreSQL could not make its database: {_last(answer.stderr)}")
    _write_private(cluster.password_file, password)
    fresh.rename(cluster.pgdata)


def read_password(cluster: Cluster) -> str:
    try:
        return cluster.password_file.read_text().strip()
    except OSError as error:
        raise EmbeddedError(
            f"The database password file {cluster.password_file} cannot be read: restore it from a backup."
        ) from error


def start(
    cluster: Cluster,
    binaries: Binaries,
    user: ServerUser,
    *,
    durable: bool,
    more: Mapping[str, str] | None = None,
) -> None:
    """Starts the server and waits until it takes connections, recovering first where it has crashed.

    Parameters: more, the server's settings over ours (a bench gives it the memory of a real server).
    """
    if _adopted(cluster):
        return
    _await_leftovers(cluster)
    _clear_traces(cluster)
    _make_socket_dir(cluster, user)
    _turn_log(cluster)
    seen = cluster.log.stat().st_size if cluster.log.exists() else 0
    values = {**_SETTINGS, **(_SAFE if durable else _FAST), **(more or {})}
    values["unix_socket_directories"] = _quoted(cluster.socket_dir)
    options = [word for key, value in values.items() for word in ("-c", f"{key}={value}")]
    command = [binaries.program("postgres"), "-D", str(cluster.pgdata), *options]
    answer = user.run(["/bin/sh", "-c", _DETACHED, str(cluster.log), *command])
    pid = answer.stdout.strip()
    give_up = time.monotonic() + _START_SECONDS
    while answer.returncode == 0 and pid and time.monotonic() < give_up:
        if cluster.live_pid() is not None and cluster.ready():
            return
        if not _running(int(pid)):
            break
        time.sleep(0.01)
    reason = _last(_log_since(cluster, seen) or answer.stderr)
    raise EmbeddedError(f"PostgreSQL does not start in {cluster.pgdata}: {reason}")


def stop(cluster: Cluster) -> None:
    """Fast shutdown; after a minute an immediate one (the next start then recovers)."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        pid = cluster.live_pid()
        if pid is None:
            return
        os.kill(pid, number)
        give_up = time.monotonic() + _STOP_SECONDS
        while cluster.live_pid() == pid and time.monotonic() < give_up:
            time.sleep(0.02)


def programs(cluster: Cluster, source: str, user: ServerUser) -> Binaries:
    """The programs that serve this folder, where the server's user can run them."""
    binaries = embedded_bin.choose(source, cluster.major(), cluster.data_dir)
    return embedded_user.reachable(binaries, user, cluster.home)


def server_user(cluster: Cluster) -> ServerUser:
    return embedded_user.prepare(cluster.home)


def _adopted(cluster: Cluster) -> bool:
    """Whether a live server is there and ready; one that is starting or stopping is waited for."""
    give_up = time.monotonic() + _START_SECONDS
    while cluster.live_pid() is not None:
        if cluster.ready():
            return True
        if time.monotonic() > give_up:
            raise EmbeddedError(f"The server in {cluster.pgdata} never became ready; see {cluster.log}.")
        time.sleep(0.02)
    return False


def _make_socket_dir(cluster: Cluster, user: ServerUser) -> None:
    folder = cluster.socket_dir
    if folder.parent == cluster.home:
        folder.mkdir(mode=0o700, exist_ok=True)
        user.own(folder)
        return
    owner = os.geteuid() if user.uid is None else user.uid
    try:
        folder.mkdir(mode=0o700)
        user.own(folder)
    except FileExistsError:
        # The place is shared with strangers: take the folder only if it is really ours and closed to them.
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != owner or stat.S_IMODE(facts.st_mode) & 0o077:
            raise EmbeddedError(
                f"The socket folder {folder} is not ours: remove it or choose a shorter data path."
            ) from None


def _await_leftovers(cluster: Cluster) -> None:
    """Children of a killed postmaster need a moment to notice; a second server beside them would ruin the data.

    Their mark is the shared memory that postmaster.pid names: as long as anybody is attached, somebody lives. Most go
    at once; the one that recovers after a crash waits a minute for a checkpointer that died as well, so what is still
    there after two seconds is killed: without a postmaster it can do nothing any more but stand in the way.
    """
    lines = cluster.pid_lines()
    words = lines[6].split() if len(lines) > 6 else []
    began = time.monotonic()
    while len(words) == 2 and _attached(words[1]):
        waited = time.monotonic() - began
        if waited > _PATIENT_SECONDS:
            _end_orphans(cluster)
        if waited > _LEFTOVER_SECONDS:
            raise EmbeddedError(f"Processes of a server that was killed still use {cluster.pgdata}: end them first.")
        time.sleep(0.05)


def _end_orphans(cluster: Cluster) -> None:
    """Kills what works in this data folder; the caller knows that its postmaster is dead and that nobody starts one."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            ours = (place / "comm").read_text().strip() == "postgres" and (place / "cwd").samefile(cluster.pgdata)
        except OSError:  # gone meanwhile, or a stranger's, whose folder we may not look at
            continue
        if ours:
            os.kill(int(place.name), signal.SIGKILL)


def _attached(segment: str) -> int:
    try:
        rows = [line.split() for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
    except OSError:
        return 0  # not Linux: PostgreSQL makes the same test itself
    return next((int(row[6]) for row in rows if row[1] == segment), 0)


def _clear_traces(cluster: Cluster) -> None:
    """Removes what a crash left behind where its process number lives on: PostgreSQL would refuse for ever.

    The number may belong to another program by now, or to a dead process that nobody has buried.
    """
    for path in (cluster.pgdata / "postmaster.pid", cluster.socket_dir / f".s.PGSQL.{PORT}.lock"):
        try:
            pid = path.read_text().split("\n", 1)[0].strip()
        except OSError:
            continue
        if pid.isdigit() and Path(f"/proc/{pid}").exists():
            path.unlink()


def _running(pid: int) -> bool:
    if _PROC:
        try:
            # Not the command line: that is empty for a moment while a process becomes another program.
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        return state not in ("Z", "X")  # dead, not yet buried
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _turn_log(cluster: Cluster) -> None:
    if cluster.log.exists() and cluster.log.stat().st_size > _LOG_LIMIT:
        cluster.log.rename(cluster.log.with_suffix(".old"))


def _log_since(cluster: Cluster, position: int) -> str:
    try:
        with cluster.log.open("rb") as file:
            file.seek(position)
            return file.read(100_000).decode(errors="replace")
    except OSError:
        return ""


def _last(text: str) -> str:
    """The line that tells most: the last fatal one, else the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    loud = [line for line in lines if any(word in line for word in ("FATAL:", "PANIC:", "error:", "ERROR:"))]
    return (loud or lines or ["it gave no reason"])[-1]


def _quoted(path: Path) -> str:
    return '"' + str(path).replace('"', '""') + '"'  # a list-valued setting: commas would part it


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
