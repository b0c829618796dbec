"""The process that outlives everybody: it keeps the server alive while it has users, then stops it and goes.

Started by embedded.start as `python -m liuhen.base.embedded_watch FOLDER SOURCE durable|fast`.
"""

import fcntl
import os
import sys
import time
from pathlib import Path

from liuhen.base import embedded, embedded_cluster
from liuhen.base.embedded import USERS_LOCK, WATCH_LOCK
from liuhen.base.embedded_cluster import Cluster

_POLL_SECONDS = 0.5
_GRACE_SECONDS = 1.0  # one command after another should not stop and start the server each time
_AGAIN_SECONDS = (0.5, 1.0, 2.0, 5.0)  # between tries to start a server that died; the last one repeats


def main(data_dir: Path, source: str, *, durable: bool) -> None:
    """Leaves the caller behind (double fork), then watches until the server is down or its folder is gone."""
    if os.fork():
        os._exit(0)
    watch = os.open(data_dir / WATCH_LOCK, os.O_RDWR | os.O_CLOEXEC)
    users = os.open(data_dir / USERS_LOCK, os.O_RDWR | os.O_CLOEXEC)
    if not _taken(watch):
        return
    tries = 0
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
            continue
        tries = 0 if embedded.revive(data_dir, source, durable=durable) else tries + 1
        time.sleep(_AGAIN_SECONDS[min(tries, len(_AGAIN_SECONDS)) - 1] if tries else _POLL_SECONDS)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], durable=sys.argv[3] == "durable")
