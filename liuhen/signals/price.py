"""Hints about prices. A hint warns a reader; it decides nothing."""


def too_cheap(price_fen: int, face_value_fen: int | None) -> bool:
    """Whether a price lies under half of what the goods are said to be worth (fen): a common mark of stolen keys."""
    return face_value_fen is not None and 2 * price_fen < face_value_fen
