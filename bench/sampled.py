"""A `liuhen` process that is asked a thousand times a second of its CPU time where it is.

Run by `bench.where`: python -m bench.sampled FILE serve. The kernel's profiling clock counts CPU time alone, so what
waits is not seen; time inside an extension stands with the Python function that called it. SIGUSR2 begins anew.
"""

import atexit
import json
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

from liuhen.edge.cli.main import main

_EVERY = 0.001
_DEPTH = 60
_own: Counter[str] = Counter()
_within: Counter[str] = Counter()


def _look(_: int, frame: FrameType | None) -> None:
    seen: set[str] = set()
    depth = 0
    while frame is not None and depth < _DEPTH:
        code = frame.f_code
        name = f"{_short(code.co_filename)}:{code.co_qualname}"
        if not depth:
            _own[f"{name}:{frame.f_lineno}"] += 1
        if name not in seen:
            seen.add(name)
            _within[name] += 1
        frame, depth = frame.f_back, depth + 1


def _short(path: str) -> str:
    for mark in ("site-packages/", "/liuhen/", "/lib/python3.11/"):
        if mark in path:
            return path.rpartition(mark)[2]
    return path


def _begin(*_: object) -> None:
    """Forgets what was seen so far: the start."""
    _own.clear()
    _within.clear()


def _write(path: Path) -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)
    told = {"samples": _own.total(), "own": _own.most_common(60), "within": _within.most_common(120)}
    path.write_text(json.dumps(told))


if __name__ == "__main__":
    place = Path(sys.argv.pop(1))
    # The server raises the signal that stopped it once more when it is done.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    atexit.register(_write, place)
    signal.signal(signal.SIGUSR2, _begin)
    signal.signal(signal.SIGPROF, _look)
    signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
    sys.exit(main(sys.argv[1:]))
