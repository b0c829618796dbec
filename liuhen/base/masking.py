"""How a secret is named without being shown: in lists, logs, previews and to everybody but its owner."""

from collections.abc import Sequence

DOTS = "••••••"  # always six, so that the length is not told either
_LONG = 10  # below this, four characters shown would be too large a part


def mask_text(text: str) -> str:
    """First two and last two characters of a long text; a short one is hidden whole."""
    return f"{text[:2]}{DOTS}{text[-2:]}" if len(text) >= _LONG else DOTS


def mask_fields(fields: Sequence[str]) -> str:
    """Every field masked by itself; an empty one shows as an empty place."""
    return " · ".join(mask_text(field) if field else "–" for field in fields)
