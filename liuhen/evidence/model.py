"""Pictures as evidence: what is accepted, how much of it, and where its bytes lie. Pure."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

MAX_PICTURE_BYTES = 10_000_000
MAX_PICTURE_PIXELS = 50_000_000  # decoded, before any scaling: what a decompression bomb would exceed
MAX_WEBP_PIXELS = 20_000_000  # its decoder keeps five copies: 20 bytes a pixel
MAX_VIEW_EDGE = 2048  # pixels
MAX_PER_CASE = 6
STAGED_FOR = timedelta(hours=24)
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """One picture of one order, staged or in a case. sha256 is of the original bytes, 32 bytes; `at` UTC."""

    book_id: UUID
    id: UUID
    order_id: UUID
    uploaded_by: UUID
    uploader_role: str
    filename: str
    media_type: str
    size_bytes: int
    sha256: bytes
    original_key: str
    view_key: str
    width: int
    height: int
    at: datetime


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What the proof of a chain found. first_broken is the number of the first link that does not hold."""

    order_no: str
    links: int
    head: str
    first_broken: int | None
    why: str = ""


def original_key(uploaded_by: UUID, sha256: bytes) -> str:
    """Where an original lies: under its owner and its content, so that handing it in twice keeps one."""
    return f"originals/{uploaded_by}/{sha256.hex()}"


def view_key(uploaded_by: UUID, sha256: bytes) -> str:
    """Where the copy for viewing lies."""
    return f"views/{uploaded_by}/{sha256.hex()}"


def original_of(key: str) -> str:
    """The original's key, from either of the two."""
    return key.replace("views/", "originals/", 1)
