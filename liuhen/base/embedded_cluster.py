"""One PostgreSQL data folder: make it, start it, find out whether it runs, stop it."""

import hashlib
import os
import secrets
import shlex
import shutil
import signal
import stat
import tempfile
import time
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
_LOG_LIMIT = 5_000_000

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
        """Inside the data folder, or a short private folder where that path is too long for a socket."""
        inside = self.home / "run"
        if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= _SOCKET_PATH_LIMIT:
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
        command = Path(f"/proc/{pid}/cmdline")
        if Path("/proc/self/cmdline").exists():
            try:
                return pid if os.fsencode(self.pgdata) in command.read_bytes().split(b"\0") else None
            except OSError:
                return None
        try:
            os.kill(pid, 0)
        except OSError:
            return None
        return pid

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


def start(cluster: Cluster, binaries: Binaries, user: ServerUser, *, durable: bool) -> None:
    """Starts the server and waits until it takes connections, recovering first where it has crashed."""
    if cluster.live_pid() is not None:
        _await_ready(cluster)
        return
    _make_socket_dir(cluster, user)
    _forget_reused_pid(cluster)
    _turn_log(cluster)
    values = {**_SETTINGS, **(_SAFE if durable else _FAST)}
    values["unix_socket_directories"] = _quoted(cluster.socket_dir)
    options = " ".join(shlex.quote(f"--{key}={value}") for key, value in values.items())
    command = [binaries.program("pg_ctl"), "start", "-w", "-t", str(_START_SECONDS)]
    command += ["-D", str(cluster.pgdata), "-l", str(cluster.log), "-o", options]
    give_up = time.monotonic() + _LEFTOVER_SECONDS
    while True:
        seen = cluster.log.stat().st_size if cluster.log.exists() else 0
        answer = user.run(command)
        if answer.returncode == 0:
            return
        said = _log_since(cluster, seen)
        # Children of a killed postmaster need a moment to notice; PostgreSQL refuses until the last has gone.
        if "shared memory block" not in said or time.monotonic() > give_up:
            break
        time.sleep(0.2)
    raise EmbeddedError(f"PostgreSQL does not start in {cluster.pgdata}: {_last(said or answer.stderr)}")


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


def _await_ready(cluster: Cluster) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while not cluster.ready():
        if cluster.live_pid() is None or time.monotonic() > give_up:
            raise EmbeddedError(f"The server in {cluster.pgdata} never became ready; see {cluster.log}.")
        time.sleep(0.02)


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


def _forget_reused_pid(cluster: Cluster) -> None:
    """Removes postmaster.pid when its number is another program's by now: PostgreSQL would never start."""
    lines = cluster.pid_lines()
    if lines and lines[0].strip().isdigit() and Path(f"/proc/{int(lines[0])}").exists():
        (cluster.pgdata / "postmaster.pid").unlink(missing_ok=True)


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
