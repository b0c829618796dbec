"""Whether this process has been told to stop: it still answers, but nobody should send it anything new.

One word per process, as the signal is: the server sets it, /readyz and the headers of answers look at it.
"""

import threading

_told = threading.Event()


def begin() -> None:
    """From now on /readyz says so, and each answer closes its connection."""
    _told.set()


def begun() -> bool:
    return _told.is_set()
