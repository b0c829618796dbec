"""What a key on the shelf can be, and what can happen to it."""

from enum import StrEnum


class KeyState(StrEnum):
    """HELD_SHORT: expires too soon, never sold by itself. RETIRED: revealed and refunded, never sold again."""

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
