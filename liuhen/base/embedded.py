"""A PostgreSQL server without a system service: started by its first user, stopped soon after its last.

Every process that uses the server holds a shared lock on one file; a lock vanishes with its process,
however that ends. A small watcher (embedded_watch) stops the server once nobody holds the lock any more, and
starts it again where it died under its users.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from liuhen.base import embedded_cluster
from liuhen.base.embedded_bin import SOURCES, EmbeddedError
from liuhen.base.embedded_cluster import Cluster

__all__ = ["EmbeddedError", "Server", "erase", "revive", "start"]

USERS_LOCK = "postgres.users.lock"
WATCH_LOCK = "postgres.watch.lock"
_START_LOCK = "postgres.start.lock"
_LOCK_SECONDS = 180
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class Server:
    """A running server that this process uses. `dsn` signs in as the owner of the database."""

    def __init__(self, dsn: str, cluster: Cluster | None = None, users_lock: int | None = None) -> None:
        self.dsn = dsn
        self._cluster = cluster
        self._users_lock = users_lock

    def stop(self) -> None:
        """Stops using the server; the server itself stops at once if this was its last user."""
        if self._users_lock is None or self._cluster is None:
            return
        lock, self._users_lock = self._users_lock, None
        try:
            if _became_last(lock):
                embedded_cluster.stop(self._cluster)
        finally:
            os.close(lock)

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    data_dir: Path, source: str = "auto", database_url: str | None = None, *, durable: bool = True
) -> Server:
    """The database of a data folder: somebody else's server by its address, a live one of ours, or a new one.

    Parameters: source, `auto` (the address if there is one, else system programs, else the wheel's), `dsn`
    (the address alone), `system` or `wheel` (an address is left aside); durable=False: no fsync, for tests.
    Raises EmbeddedError with one clear sentence.
    """
    if source not in SOURCES:
        raise EmbeddedError(f"LIUHEN_PG must be one of {', '.join(SOURCES)}, not {source!r}.")
    if source == "dsn" and not database_url:
        raise EmbeddedError("LIUHEN_PG=dsn needs LIUHEN_DATABASE_URL.")
    if database_url and source in ("auto", "dsn"):
        return Server(database_url)
    cluster = Cluster(_made(data_dir))
    gate = _lock(cluster.data_dir / _START_LOCK, fcntl.LOCK_EX, "start")
    try:
        # Taken before the first look at the server, so that the watcher cannot stop it under us.
        users = _lock(cluster.data_dir / USERS_LOCK, fcntl.LOCK_SH, "stop")
        try:
            _watch(cluster.data_dir, source, durable)  # first: a start that fails half way leaves nothing unattended
            _bring_up(cluster, source, durable)
            dsn = _dsn(cluster)
        except BaseException:
            os.close(users)
            raise
    finally:
        os.close(gate)
    return Server(dsn, cluster, users)


def revive(data_dir: Path, source: str, *, durable: bool) -> bool:
    """Starts a server again that died under its users: killed, or stopped by a full disk. For the watcher.

    Somebody who is starting, stopping or erasing it is left alone. Returns whether it lives; False: try again later.
    """
    cluster = Cluster(data_dir)
    if cluster.live_pid() is not None:
        return True
    users, gate = _open(data_dir / USERS_LOCK), _open(data_dir / _START_LOCK)
    try:
        if not _try(users, fcntl.LOCK_SH) or not _try(gate, fcntl.LOCK_EX):
            return False
        _bring_up(cluster, source, durable)
    except EmbeddedError:  # the server's own log says why; it may be another time
        return False
    finally:
        os.close(gate)
        os.close(users)
    return True


def erase(data_dir: Path) -> None:
    """Deletes the server's data for good. Raises EmbeddedError while somebody uses it."""
    if not (data_dir / "postgres").exists():
        return
    cluster = Cluster(_made(data_dir))
    lock = _open(cluster.data_dir / USERS_LOCK)
    try:
        if not _became_last(lock):
            raise EmbeddedError(f"The database in {data_dir} is in use: stop the other process first.")
        embedded_cluster.stop(cluster)
        shutil.rmtree(cluster.home)
        cluster.password_file.unlink(missing_ok=True)
        if cluster.socket_dir.exists():
            shutil.rmtree(cluster.socket_dir)
    finally:
        os.close(lock)


def _bring_up(cluster: Cluster, source: str, durable: bool) -> None:
    if cluster.live_pid() is None or not cluster.ready():
        try:
            user = embedded_cluster.server_user(cluster)
            binaries = embedded_cluster.programs(cluster, source, user)
            if cluster.major() is None:
                embedded_cluster.create(cluster, binaries, user, durable=durable)
                _follow_owner(cluster.password_file)
            embedded_cluster.start(cluster, binaries, user, durable=durable)
        except OSError as error:
            raise EmbeddedError(f"The data folder {cluster.data_dir} cannot be used: {error}.") from error


def _dsn(cluster: Cluster) -> str:
    password = quote(embedded_cluster.read_password(cluster), safe="")
    host = quote(str(cluster.socket_dir), safe="")
    name = embedded_cluster.SUPERUSER
    return f"postgresql://{name}:{password}@/{embedded_cluster.DATABASE}?host={host}&port={embedded_cluster.PORT}"


def _made(data_dir: Path) -> Path:
    folder = data_dir.absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(f"The data folder {folder} cannot be made: {error.strerror}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise EmbeddedError(f"The data folder {folder} cannot be written to.")
    return folder


def _open(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EmbeddedError(f"The lock file {path} cannot be opened: {error.strerror}.") from error
    _follow_owner(path)
    return descriptor


def _follow_owner(path: Path) -> None:
    """What root makes in somebody's data folder stays usable for its owner."""
    owner = path.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _lock(path: Path, kind: int, doing: str) -> int:
    descriptor = _open(path)
    give_up = time.monotonic() + _LOCK_SECONDS
    while not _try(descriptor, kind):
        if time.monotonic() > give_up:
            os.close(descriptor)
            raise EmbeddedError(
                f"Another process has tried to {doing} the server of {path.parent} for three minutes."
            )
        time.sleep(0.02)
    return descriptor


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise EmbeddedError(f"The data folder's file system keeps no locks: {error.strerror}.") from error
    return True


def _became_last(lock: int) -> bool:
    """True, holding the lock alone, if nobody else uses the server.

    The watcher probes the lock for an instant; that must not be taken for another user.
    """
    give_up = time.monotonic() + _LOCK_SECONDS
    while time.monotonic() < give_up:
        if _try(lock, fcntl.LOCK_EX):
            return True
        if _try(lock, fcntl.LOCK_SH):
            return False
        time.sleep(0.02)
    return False


def _watch(data_dir: Path, source: str, durable: bool) -> None:
    """Makes sure that a watcher lives. It leaves our session, so Ctrl-C does not reach it."""
    probe = _open(data_dir / WATCH_LOCK)
    alone = _try(probe, fcntl.LOCK_EX)
    os.close(probe)
    if alone:
        paths = [str(_PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        words = [str(data_dir), source, "durable" if durable else "fast"]
        subprocess.run(
            [sys.executable, "-m", "liuhen.base.embedded_watch", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            check=True,
        )
