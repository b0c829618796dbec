"""Many pieces of an order as a short text: 1-3,7. Addresses, hidden fields and sentences use the same form. Pure."""

import re
from collections.abc import Iterable

from liuhen.base.errors import InvalidInput

MOST = 10_000
_PART = re.compile(r"([1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?")


def spans(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Neighbours joined: 1 2 3 7 -> (1, 3) (7, 7)."""
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def write(numbers: Iterable[int]) -> str:
    """1 2 3 7 -> "1-3,7"."""
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in spans(numbers))


def read(texts: Iterable[str]) -> list[int]:
    """Numbers of one or several such texts, in order, each once. Raises InvalidInput for anything else."""
    found: set[int] = set()
    for part in (part.strip() for text in texts for part in text.split(",")):
        if not part:
            continue
        match = _PART.fullmatch(part)
        if match is None:
            raise InvalidInput("not a number of a piece", reason="not_understood", field="units")
        low, high = int(match[1]), int(match[2] or match[1])
        if not low <= high <= MOST:
            raise InvalidInput("not a range of pieces", reason="not_understood", field="units")
        found.update(range(low, high + 1))
    return sorted(found)


def words(numbers: Iterable[int], lang: str) -> str:
    """第 1、2 件 / items 1, 2; 第 1–500 件 / items 1–500. A long list is only counted; "" for nothing."""
    parts: list[str] = []
    whole = sorted(set(numbers))
    if not whole:
        return ""
    for low, high in spans(whole):
        parts += [str(low)] if low == high else [str(low), str(high)] if high == low + 1 else [f"{low}–{high}"]
    if len(parts) > 8:
        return f"{len(whole)} 件" if lang == "zh" else f"{len(whole)} items"
    if lang == "zh":
        return f"第 {'、'.join(parts)} 件"
    return f"item{'s' if len(whole) > 1 else ''} {', '.join(parts)}"
