"""A listing: its head moves, its versions never change."""

import hashlib
import unicodedata
from datetime import date
from enum import StrEnum
from uuid import UUID

import msgspec

from liuhen.base.chain import canonical
from liuhen.base.errors import InvalidInput
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.lint.finding import Listing as Linted

DAY = 86_400
MAX_PRICE_FEN = 99_999_999
MAX_PIECES = 500
MOST_ESCROW = 90 * DAY
MOST_SEALED = 90 * DAY
MOST_REVEALED = 30 * DAY


class Delivery(StrEnum):
    """AUTO: sealed by the platform the moment it is paid. BY_HAND: by the seller, with text and proof."""

    AUTO = "AUTO"
    BY_HAND = "BY_HAND"


class ListingState(StrEnum):
    ON_SALE = "ON_SALE"
    OFF_SALE = "OFF_SALE"
    BANNED = "BANNED"


_AUTO = frozenset(
    {
        GoodsKind.CARD_KEY,
        GoodsKind.PREPAID_CARD,
        GoodsKind.VOUCHER,
        GoodsKind.ACCOUNT_HANDOVER,
        GoodsKind.MEMBERSHIP,
    }
)


def delivery_of(kind: GoodsKind) -> Delivery:
    """Card keys, accounts and memberships deliver themselves; everything else is done by the seller."""
    return Delivery.AUTO if kind in _AUTO else Delivery.BY_HAND


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a buyer is told, and so everything that a version fixes.

    Units: price_fen and face_value_fen fen; *_seconds seconds; min_validity_days days of life a key must have left
    when sold; target_label what the buyer must name (a phone number, a game account), empty if nothing.
    revealed_window_seconds: how long after delivery a key that was looked at and not used is taken back, None: not
    promised. issuer_can_void: the seller can have its issuer void such a key. Both only where goods come sealed.
    """

    kind: GoodsKind
    title: str
    price_fen: int
    description: str = ""
    face_value_fen: int | None = None
    region: str = ""
    valid_until: date | None = None
    min_validity_days: int = 7
    promised_delivery_seconds: int = 600
    escrow_seconds: int = 7 * DAY
    sealed_window_seconds: int = DAY
    revealed_window_seconds: int | None = None
    issuer_can_void: bool = False
    excludes_no_reason: bool = True
    case_sensitive: bool = False
    min_pieces: int = 1
    max_pieces: int = 100
    target_label: str = ""
    refund_terms: str = ""
    activation_hint: str = ""
    warnings: str = ""
    issuer_id: UUID | None = None


_LENGTHS = {
    "title": (2, 200),
    "description": (0, 10_000),
    "region": (0, 60),
    "target_label": (0, 60),
    "refund_terms": (0, 4000),
    "activation_hint": (0, 4000),
    "warnings": (0, 2000),
}
_RANGES = {
    "price_fen": (1, MAX_PRICE_FEN),
    "min_validity_days": (0, 3650),
    "promised_delivery_seconds": (1, 30 * DAY),
    "escrow_seconds": (DAY, MOST_ESCROW),
    "sealed_window_seconds": (DAY, MOST_SEALED),
    "min_pieces": (1, MAX_PIECES),
    "max_pieces": (1, MAX_PIECES),
}


def check_content(content: Content) -> Content:
    """The content with texts trimmed. Raises InvalidInput with `fields`: name -> (code, low, high) of each fault."""
    texts = {name: getattr(content, name).strip() for name in _LENGTHS}
    content = msgspec.structs.replace(content, **texts)
    faults: dict[str, tuple[str, int, int]] = {}
    for name, (low, high) in _LENGTHS.items():
        if not low <= len(getattr(content, name)) <= high:
            faults[name] = ("length", low, high)
    for name, (low, high) in _RANGES.items():
        if not low <= getattr(content, name) <= high:
            faults[name] = ("range", low, high)
    if content.face_value_fen is not None and not 1 <= content.face_value_fen <= 100 * MAX_PRICE_FEN:
        faults["face_value_fen"] = ("range", 1, 100 * MAX_PRICE_FEN)
    if content.min_pieces > content.max_pieces:
        faults["max_pieces"] = ("range", content.min_pieces, MAX_PIECES)
    faults |= _promise_faults(content)
    if faults:
        raise InvalidInput("the listing breaks a limit", fields=faults)
    return content


def _promise_faults(content: Content) -> dict[str, tuple[str, int, int]]:
    """A promise only adds: it is some time, about a seal that there is, and a whole seal is worth no less."""
    revealed, faults = content.revealed_window_seconds, {}
    if delivery_of(content.kind) is not Delivery.AUTO:
        if revealed is not None:
            faults["revealed_window_seconds"] = ("no_seal", 0, 0)
        if content.issuer_can_void:
            faults["issuer_can_void"] = ("no_seal", 0, 0)
    elif revealed is not None and not 1 <= revealed <= MOST_REVEALED:
        faults["revealed_window_seconds"] = ("range", 1, MOST_REVEALED)
    elif revealed is not None and revealed > content.sealed_window_seconds:
        faults["sealed_window_seconds"] = ("range", revealed, MOST_SEALED)
    return faults


def for_lint(content: Content) -> Linted:
    """What the lint of seller terms looks at: all texts that people read, and the values beside them."""
    sealed = delivery_of(content.kind) is Delivery.AUTO
    return Linted(
        kind=content.kind,
        texts={name: getattr(content, name) for name in _LENGTHS},
        sealed_delivery=sealed,
        excludes_no_reason=content.excludes_no_reason,
        sealed_window_seconds=content.sealed_window_seconds if sealed else None,
        most_sealed_seconds=MOST_SEALED,
        revealed_window_seconds=content.revealed_window_seconds,
        most_revealed_seconds=MOST_REVEALED,
        delivery_seconds=content.promised_delivery_seconds,
        min_validity_days=content.min_validity_days,
        asks_buyer=bool(content.target_label),
    )


def content_hash(content: Content) -> bytes:
    return hashlib.sha256(canonical(msgspec.to_builtins(content))).digest()


def _fold(text: str) -> str:
    """How search sees a text: lower case, full width as half width."""
    return unicodedata.normalize("NFKC", text).casefold()


def grams(text: str) -> list[str]:
    """Single characters and pairs of neighbours, so that a search of two Chinese characters finds its words."""
    folded = "".join(_fold(text).split())
    pairs = {folded[i : i + 2] for i in range(len(folded) - 1)}
    return sorted(pairs | set(folded))


def query_grams(text: str) -> list[str]:
    """What a listing must contain to match each word of a query."""
    found: set[str] = set()
    for word in _fold(text).split()[:8]:
        cut = word[:40]
        found |= {cut[i : i + 2] for i in range(len(cut) - 1)} or {cut}
    return sorted(found)


def issuer_place(issuer_id: UUID) -> bytes:
    """What an issuer's sealed secret is bound to: table, column, row."""
    return b"issuer.secret_sealed:" + issuer_id.bytes
