"""What is said about the use of a unit, and by whom. Sources stand side by side."""

from enum import StrEnum


class UseState(StrEnum):
    UNUSED = "UNUSED"
    PARTLY_USED = "PARTLY_USED"
    USED_UP = "USED_UP"
    UNKNOWN = "UNKNOWN"


class FactSource(StrEnum):
    PLATFORM = "PLATFORM"
    BUYER = "BUYER"
    SELLER = "SELLER"
    ISSUER = "ISSUER"
