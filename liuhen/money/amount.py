"""Money as whole fen (分). No float, no division that loses anything, no fee hidden in a rounding.

Pure: nothing here reads, writes or knows the time.
"""

import re
from collections.abc import Sequence

from liuhen.base.errors import InvalidInput

Fen = int  # an amount in fen: a name for readers, so that a signature says its unit

MAX_FEN: Fen = 1_000_000_000_00  # ¥1,000,000,000.00: far above any order, far below the limit of bigint
_TEXT = re.compile(r"[¥￥]?\s?(?P<yuan>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<fen>\d{1,2}))?", re.ASCII)


def check(amount: Fen, name: str = "amount") -> Fen:
    """The amount itself when it is a whole number of fen from 0 to MAX_FEN.

    Raises InvalidInput for a bool, a non-integer, a negative or an excessive amount.
    """
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise InvalidInput("an amount is a whole number of fen", field=name)
    if not 0 <= amount <= MAX_FEN:
        raise InvalidInput("the amount is out of range", field=name, fen=amount, max_fen=MAX_FEN)
    return amount


def parse(text: str) -> Fen:
    """Fen from what a person writes: 98, 98.5, ¥1,234.50. Raises InvalidInput when it is not exact to the fen."""
    match = _TEXT.fullmatch(text.strip())
    if match is None or len(text) > 40:
        raise InvalidInput("not an amount of money", text=text[:40])
    yuan = int(match["yuan"].replace(",", ""))
    fen = int((match["fen"] or "0").ljust(2, "0"))
    return check(yuan * 100 + fen)


def show(amount: Fen) -> str:
    """¥1,234.50: always two decimals, a minus sign in front of a negative amount."""
    sign = "-" if amount < 0 else ""
    yuan, fen = divmod(abs(amount), 100)
    return f"{sign}¥{yuan:,}.{fen:02d}"


def prefix_share(total: Fen, done: int, whole: int) -> Fen:
    """How much of `total` falls to the first `done` of `whole` parts: floor(total * done / whole), in fen.

    Shares that are differences of neighbouring prefixes sum to the total exactly, whatever is taken first.
    Raises InvalidInput unless 0 <= done <= whole and whole > 0.
    """
    check(total)
    if whole <= 0 or not 0 <= done <= whole:
        raise InvalidInput("a share needs 0 <= done <= whole and whole > 0", done=done, whole=whole)
    return total * done // whole


def split(total: Fen, parts: int) -> list[Fen]:
    """`total` in `parts` shares that differ by at most one fen and sum to it exactly. Raises InvalidInput."""
    if parts < 1:
        raise InvalidInput("a split needs at least one part", parts=parts)
    return [prefix_share(total, i + 1, parts) - prefix_share(total, i, parts) for i in range(parts)]


def split_by(total: Fen, weights: Sequence[int]) -> list[Fen]:
    """`total` in proportion to `weights` (for example prices of lines), summing to it exactly.

    Raises InvalidInput for no weights, a negative weight, or weights that sum to nothing.
    """
    if not weights or min(weights) < 0:
        raise InvalidInput("weights must be given and not negative")
    whole = sum(weights)
    shares: list[Fen] = []
    done = 0
    for weight in weights:
        shares.append(prefix_share(total, done + weight, whole) - prefix_share(total, done, whole))
        done += weight
    return shares


def rounded_share(total: Fen, numerator: int, denominator: int) -> Fen:
    """total * numerator / denominator to the nearest fen, half a fen upwards (law.md section 5: by fen, 四舍五入).

    For a single part refund, where no sum has to be kept. Raises InvalidInput unless
    0 <= numerator <= denominator and denominator > 0.
    """
    check(total)
    if denominator <= 0 or not 0 <= numerator <= denominator:
        raise InvalidInput("a share lies between nothing and all", numerator=numerator, denominator=denominator)
    return nearest_share(total, numerator, denominator)


def nearest_share(total: int, numerator: int, denominator: int) -> int:
    """The same arithmetic without the limits, for a hot path that has bounded its numbers. denominator > 0."""
    return (2 * total * numerator + denominator) // (2 * denominator)
