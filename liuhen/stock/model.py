"""What a key on the shelf can be, and what can happen to it."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class KeyState(StrEnum):
    """HELD_SHORT: expires too soon, never sold by itself. RETIRED: refunded and never sold again, since it was revealed
    or something is known to be wrong with it."""

    AVAILABLE = "AVAILABLE"
    HELD_SHORT = "HELD_SHORT"
    RESERVED = "RESERVED"
    SEALED = "SEALED"
    REVEALED = "REVEALED"
    RETIRED = "RETIRED"
    VOID = "VOID"


class KeyEvent(StrEnum):
    """Lines of the seal log (M4)."""

    RESERVED = "RESERVED"
    GIVEN_BACK = "GIVEN_BACK"
    DELIVERED = "DELIVERED"
    REVEALED = "REVEALED"
    RESTOCKED = "RESTOCKED"
    RETIRED = "RETIRED"
    VOIDED = "VOIDED"


class NewKey(NamedTuple):
    """One key on its way to the shelf, sealed already. `short`: expires too soon, so it is held back.

    Fingerprints have 32 bytes each; face_value_fen in fen.
    """

    id: UUID
    line_no: int
    short: bool
    sealed: bytes
    fp_exact: bytes
    fp_folded: bytes | None
    fp_serial: bytes | None
    mask: str
    valid_until: date | None
    face_value_fen: int | None
    region: str
