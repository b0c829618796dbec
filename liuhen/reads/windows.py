"""A length of time that depends on the day of the order: the version of the rules in force then applies to it."""

from datetime import datetime
from typing import NamedTuple


class Windows(NamedTuple):
    """From when on (UTC) which length holds, in seconds; the two belong together place by place."""

    starts: tuple[datetime, ...]
    seconds: tuple[int, ...]

    @property
    def columns(self) -> tuple[list[datetime], list[int]]:
        """As the two parameters of `window_sql`."""
        return list(self.starts), list(self.seconds)


NO_WINDOW = Windows((), ())


def window_sql(place: int) -> str:
    """SQL of an interval for the order `o`, zero before the first version. Its parameters are $place and the next."""
    return (
        f"coalesce((select make_interval(secs => w.seconds) from unnest(${place}::timestamptz[], ${place + 1}::int[])"
        " as w(start, seconds) where w.start <= o.created_at order by w.start desc limit 1), interval '0')"
    )
