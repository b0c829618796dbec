"""Heads of records, kept outside: who could rewrite the whole database cannot rewrite a file that he does not have.

One line per order, `BOOK ORDER LINKS HASH`, in order of book and order: two lists are compared line by line, and
neither has to fit into memory.
"""

import re
from collections.abc import Iterable, Iterator
from uuid import UUID

from liuhen.base.errors import InvalidInput
from liuhen.reads.audit import Audited, Place

_LINE = re.compile(r"([0-9a-f-]{36}) ([0-9a-f-]{36}) ([1-9][0-9]{0,8}) ([0-9a-f]{64})")


def head_line(found: Audited) -> str:
    """The line of one order."""
    book, order = found.place
    return f"{book} {order} {found.links} {found.hashes[-1].hex()}"


class KeptHeads:
    """Heads that were printed earlier, against the orders of a walk in the same order."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._heads = _read(lines)
        self._next = next(self._heads, None)

    def faults(self, found: Audited) -> Iterator[str]:
        """What the kept heads know better, up to and with this order. Raises InvalidInput for a line out of form."""
        yield from self._gone(found.place)
        if self._next is None or self._next[0] != found.place:
            return
        _, links, kept = self._next
        if links > found.links or found.hashes[links - 1] != kept:
            yield f"{found.order_no}: link {links} is not the one whose hash was kept: {kept.hex()}"
        self._next = next(self._heads, None)

    def rest(self) -> Iterator[str]:
        """After the last order: what was kept of orders that are not there any more."""
        yield from self._gone(None)

    def _gone(self, before: Place | None) -> Iterator[str]:
        while self._next is not None and (before is None or self._next[0] < before):
            (book, order), links, _ = self._next
            yield f"order {order} of book {book} is gone with its record of {links} links"
            self._next = next(self._heads, None)


def _read(lines: Iterable[str]) -> Iterator[tuple[Place, int, bytes]]:
    last: Place | None = None
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line.rstrip("\n"))
        if match is None:
            raise InvalidInput(f"Line {number} is no head: BOOK ORDER LINKS HASH.")
        place = UUID(match[1]), UUID(match[2])
        if last is not None and place <= last:
            raise InvalidInput(f"Line {number} is not in order: the file is used as liuhen evidence heads wrote it.")
        last = place
        yield place, int(match[3]), bytes.fromhex(match[4])
