"""How often one visitor may ask for what costs something: all limits that are counted in a web process.

Counted per account, or per address where nobody is signed in (an IPv6 site is one address), in each web process for
itself: two processes allow twice as much. What must hold over all of them (sign-in, codes, registration, reset) is
counted in the database, in parties/limits.py. docs/operate.md has one table of both, compared by a test.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from msgspec import Struct

from liuhen.base.errors import RateLimited
from liuhen.edge.rate import TokenBuckets


class Rate(Struct, frozen=True):
    """At most `burst` at once, and `per_minute` in the long run. what: in words; routes: METHOD and path pattern."""

    name: str
    what: str
    burst: int
    per_minute: int
    routes: tuple[str, ...] = ()


PAGES = Rate("pages", "opening a page", 400, 400)
STRANGERS = Rate("strangers", "sending a form without being signed in", 60, 120)
PREVIEWS = Rate(
    "previews",
    "asking the rules beforehand: refund preview, self-check, a listing's terms",
    90,
    60,
    (
        "GET /check",
        "POST /orders/{order_no}/refund/edit",
        "POST /orders/{order_no}/refund/preview",
        "POST /seller/products/preview",
        "POST /api/v1/orders/{order_no}/refund-preview",
        "POST /api/v1/self-check",
        "POST /api/v1/seller/term-checks",
    ),
)
UPLOADS = Rate(
    "uploads",
    "uploading pictures or key files",
    60,
    30,
    (
        "POST /orders/{order_no}/refund/pictures",
        "POST /orders/{order_no}/refund",
        "POST /cases/{case_no}/notes",
        "POST /cases/{case_no}/answer",
        "POST /seller/orders/{order_no}/proofs",
        "POST /seller/orders/{order_no}/deliver",
        "POST /seller/products/{product_id}/stock",
        "POST /api/v1/orders/{order_no}/pictures",
        "POST /api/v1/cases/{case_no}/pictures",
        "POST /api/v1/seller/orders/{order_no}/deliveries/{delivery_id}/pictures",
        "POST /api/v1/seller/products/{product_id}/stock/uploads",
    ),
)
UPLOADS_UNDER_WAY = 4
"""Uploads of one account that a web process takes in at a time: a form with pictures is 61 MB."""
EXPORTS = Rate(
    "exports",
    "taking out a whole record or statement",
    30,
    10,
    (
        "GET /orders/{order_no}/record",
        "GET /orders/{order_no}/record.json",
        "GET /seller/money/statement.csv",
        "GET /api/v1/orders/{order_no}/record",
    ),
)
BOOKS = Rate("books", "recomputing all books", 5, 1, ("POST /admin/books", "GET /api/v1/admin/books"))

COSTLY = (PREVIEWS, UPLOADS, EXPORTS, BOOKS)


class Rates:
    """The counters of one web process."""

    def __init__(self) -> None:
        self._buckets = {rate.name: TokenBuckets(burst=rate.burst, per_minute=rate.per_minute) for rate in COSTLY}
        self._pages = TokenBuckets(burst=PAGES.burst, per_minute=PAGES.per_minute)
        self._names = {route: rate.name for rate in COSTLY for route in rate.routes}
        self._under_way: Counter[str] = Counter()

    def page(self, who: str, now: datetime) -> None:
        """Counts the opening of a page (now in UTC). Raises RateLimited."""
        self._pages.take(who, now)

    def costly(self, method: str, pattern: str, who: str, now: datetime) -> None:
        """Counts a request for what is named here; others are free. Raises RateLimited with retry_after_seconds."""
        name = self._names.get(f"{method} {pattern}")
        if name is not None:
            self._buckets[name].take(who, now)

    @contextmanager
    def taking(self, method: str, pattern: str, who: str) -> Iterator[None]:
        """Around a request, before its body is read: an account has a few uploads under way at a time, however each of
        them ends. Raises RateLimited."""
        if self._names.get(f"{method} {pattern}") != UPLOADS.name:
            yield
            return
        if self._under_way[who] >= UPLOADS_UNDER_WAY:
            raise RateLimited(retry_after_seconds=5)
        self._under_way[who] += 1
        try:
            yield
        finally:
            self._under_way[who] -= 1
            if self._under_way[who] <= 0:
                del self._under_way[who]
