"""Named places between two effects of a flow: a test ends the process there, as a power cut would. Never in real trade.

`LIUHEN_FAULT=name` (or `name:3`: at the third passing) kills this process with SIGKILL at that point. The environment
is read once, when the program starts; a process that is armed outside of a demo market refuses to open (edge/boot.py),
so a forgotten variable stops a start and never a sale. Unarmed, a point costs one comparison.
docs/survival.md says for every point what is found afterwards; a test holds the list and the code together.
"""

import os
import signal

from liuhen.base.errors import InvalidInput

VARIABLE = "LIUHEN_FAULT"


class _Armed:
    """What is armed in this process: a point's name, and how often it is still passed alive."""

    name: str | None = None
    passes = 0


def point(name: str) -> None:
    """A place between two effects, named `flow.this_and_that`."""
    if _Armed.name is not None and _Armed.name == name:
        if _Armed.passes == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        _Armed.passes -= 1


def arm(text: str) -> None:
    """Arms one point in this process. Parameters: text, `name` or `name:nth`, empty for none. Raises InvalidInput."""
    name, _, nth = text.partition(":")
    if nth and not (nth.isascii() and nth.isdigit() and 1 <= int(nth) <= 1_000_000):
        raise InvalidInput(f"{VARIABLE} is name or name:nth, nth from 1", text=text[:80])
    _Armed.name, _Armed.passes = name or None, int(nth or 1) - 1


def armed() -> bool:
    """Whether this process will kill itself somewhere."""
    return _Armed.name is not None


arm(os.environ.get(VARIABLE, ""))
