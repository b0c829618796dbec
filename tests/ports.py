"""Ports for processes of tests: none is handed out twice in a run, and none is one that the system lends."""

import secrets
import socket
from collections.abc import Sequence

_HANDED_OUT: set[int] = set()


def free_port(beside: Sequence[int] = ()) -> int:
    """One that nobody has, below those that the system lends to whoever calls out: it is still free when its process
    starts, or starts again. Parameters: beside, offsets of neighbours that must be free as well."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        wanted = {port, *(port + offset for offset in beside)}
        if wanted & _HANDED_OUT or not all(map(_is_free, wanted)):
            continue
        _HANDED_OUT.update(wanted)
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
