"""What can be paid back at all."""

import msgspec


class Capacity(msgspec.Struct, frozen=True, kw_only=True):
    """Money of this one unit, fen."""

    captured_fen: int  # captured for this unit
    refunded_fen: int = 0  # paid back already
    in_flight_fen: int = 0  # approved and on its way
    other_case_open: bool = False  # another open case holds this unit
    duplicate_captured_fen: int = 0  # of what was captured: a second time by mistake, on record
    paid_outside_fen: int = 0  # paid outside the platform; no money of the platform's can go back for it
