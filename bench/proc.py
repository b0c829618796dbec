"""What processes have used so far: CPU time and memory, as /proc tells it."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Used:
    """cpu: seconds of user and system time. peak: most resident memory so far, in MB."""

    cpu: float
    peak: float


def used(pid: int) -> Used:
    """One process, without its children."""
    fields = _stat(pid)
    return Used((int(fields[11]) + int(fields[12])) / _TICK, _peak(pid))


def server_cpu(postmaster: int) -> float:
    """Seconds of the postmaster, of its children that live, and of those that it has buried."""
    fields = _stat(postmaster)
    total = sum(int(fields[place]) for place in (11, 12, 13, 14))
    for child in _children(postmaster):
        try:
            one = _stat(child)
        except (FileNotFoundError, ProcessLookupError):  # it ended just now; the postmaster tells
            continue
        total += int(one[11]) + int(one[12])
    return total / _TICK


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold spaces: utime is 11, stime 12, cutime 13, cstime 14."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def _peak(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
