"""Ids of the bench's world: UUIDv7 in shape and order, and computable from a number in Python, SQL and pgbench alike.

pgbench has integers alone. Decimal digits are hexadecimal digits too, so an id is two integers side by side:
`0` and 15 digits (time, the version 7, three digits of the kind), then 16 digits (the variant 8 and the number).
The world's ids are older than any that the application makes, and a script's fresh ids are younger.
"""

from dataclasses import dataclass
from uuid import UUID

_LOW = 8_000_000_000_000_000
FRESH = 9_000_000_000
"""The time part of ids that a script makes: after every id of the world."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One series of ids. code: three digits; base: ten digits, where its time begins; an id a millisecond."""

    name: str
    code: int
    base: int

    def high(self, number: int | str) -> str:
        """The first integer as an expression of SQL and pgbench; with a number, its value's text."""
        return f"((10000000000 + {self.base} + {number}) * 10 + 7) * 1000 + {self.code}"

    def low(self, number: int | str) -> str:
        """The second integer, likewise."""
        return f"{_LOW} + {number}"

    def sql(self, number: str) -> str:
        """The id as an SQL expression over a bigint expression."""
        n = f"({number})::bigint"
        return f"('0' || ({self.high(n)}) || ({self.low(n)}))::uuid"

    def uuid(self, number: int) -> UUID:
        high = ((10_000_000_000 + self.base + number) * 10 + 7) * 1000 + self.code
        return UUID(hex=f"0{high}{_LOW + number}")


BUYER = Kind("buyer", 101, 1_000_000_000)
SELLER = Kind("seller", 102, 1_000_000_000)
PRODUCT = Kind("product", 103, 1_100_000_000)
TOKEN = Kind("token", 104, 1_200_000_000)
SHELVED = Kind("shelved", 105, 1_300_000_000)
TOP_UP = Kind("top_up", 106, 1_400_000_000)
TOP_UP_MOVE = Kind("top_up_move", 107, 1_400_000_000)
KEY = Kind("key", 110, 2_000_000_000)
ORDER = Kind("order", 201, 6_000_000_000)
UNIT = Kind("unit", 202, 6_000_000_000)
PAYMENT = Kind("payment", 203, 6_000_000_000)
SOLD_KEY = Kind("sold_key", 204, 6_000_000_000)
MOVEMENT = Kind("movement", 205, 6_000_000_000)
PART = tuple(Kind(f"part{place}", 210 + place, 6_000_000_000) for place in range(16))
"""Rows that an order leaves behind and nobody asks for by id: key events, transfers, notices, looks."""

_KNOWN = {kind.code: kind for kind in (BUYER, SELLER, PRODUCT, TOKEN, SHELVED, KEY, ORDER, UNIT, PAYMENT, SOLD_KEY)}


def named(value: UUID) -> tuple[Kind, int] | None:
    """Which of the world's things this id names, or None for an id that the application made."""
    text = value.hex
    if not text.isdigit() or text[12] != "7" or text[16] != "8":
        return None
    kind, number = _KNOWN.get(int(text[13:16])), int(text[16:]) - _LOW
    return (kind, number) if kind is not None and kind.uuid(number) == value else None
