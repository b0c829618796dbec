"""How often one caller may knock: token buckets in this process.

They slow a flood down before it reaches the database; n web processes allow n times the rate.
What must hold across processes (sign-in, registration, reset) is counted in the database by its flow.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from liuhen.base.errors import RateLimited

_MOST_KEYS = 20_000


@dataclass(slots=True)
class _Bucket:
    millitokens: int
    at: datetime


class TokenBuckets:
    """One bucket per key. Parameters: burst, tokens in a full bucket; per_minute, tokens that flow in."""

    def __init__(self, *, burst: int, per_minute: int) -> None:
        self._full = burst * 1000
        self._per_minute = per_minute
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str, now: datetime) -> None:
        """Takes one token (now in UTC). Raises RateLimited with retry_after_seconds when there is none."""
        bucket = self._buckets.pop(key, None) or _Bucket(self._full, now)
        passed_ms = max(0, int((now - bucket.at).total_seconds() * 1000))
        # tokens per minute = millitokens per 60 ms
        bucket.millitokens = min(self._full, bucket.millitokens + passed_ms * self._per_minute // 60)
        bucket.at = max(now, bucket.at)
        self._buckets[key] = bucket
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        if bucket.millitokens < 1000:
            missing = 1000 - bucket.millitokens
            raise RateLimited(retry_after_seconds=max(1, -(-missing * 60 // (self._per_minute * 1000))))
        bucket.millitokens -= 1000
