"""The process that outlives everybody: once nobody holds the users' lock, it stops the server and goes.

Started by embedded.start as `python -m liuhen.base.embedded_watch FOLDER`.
"""

import fcntl
import os
import sys
import time
from pathlib import Path

from liuhen.base import embedded_cluster
from liuhen.base.embedded import USERS_LOCK, WATCH_LOCK
from liuhen.base.embedded_cluster import Cluster

_POLL_SECONDS = 0.5
_GRACE_SECONDS = 1.0  # one command after another should not stop and start the server each time


def main(data_dir: Path) -> None:
    """Leaves the caller behind (double fork), then watches until the server is down or its folder is gone."""
    if os.fork():
        os._exit(0)
    watch = os.open(data_dir / WATCH_LOCK, os.O_RDWR | os.O_CLOEXEC)
    users = os.open(data_dir / USERS_LOCK, os.O_RDWR | os.O_CLOEXEC)
    if not _taken(watch):
        return
    while True:
        if _taken(users):
            fcntl.flock(users, fcntl.LOCK_UN)
            time.sleep(_GRACE_SECONDS)
            if _taken(users):
                embedded_cluster.stop(Cluster(data_dir))
                # In this order: whoever gets the users' lock next must find the watcher's place free.
                os.close(watch)
                os.close(users)
                return
        time.sleep(_POLL_SECONDS)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]))
