"""What was promised beyond the law. A promise only adds."""

import msgspec


class Promises(msgspec.Struct, frozen=True, kw_only=True):
    """The seller's and the product's promises as snapshotted; seconds from delivery. None: nothing promised."""

    sealed_window_seconds: int | None = None  # any reason, while the seal is whole
    revealed_window_seconds: int | None = None  # any reason, revealed but not redeemed
    advance_payment: bool = False  # the platform publicly promised to pay first (消法 44(1))
