"""How a line of the table reads. One line per route in the file of its section:

    "GET /orders/{order_no}": "in 200 404 404 404 404 404",
    "POST /orders/{order_no}/receipt": Row("in 303 404 404 404 404 404", {"unit": "{unit_id}"}),

Seven answers, for: nobody, the buyer, another buyer, the seller, another seller, a reviewer, an admin. `in`: sent to
sign in (pages) or 401 (API); else the exact status. A form (JSON for the API) is needed where the route would refuse
an empty one before it looks whose thing it is. Values in {} come from the story in test_who_may.py; `at` replaces
them for one row.
"""

from dataclasses import dataclass, field
from typing import Any

ROLES = ("nobody", "buyer", "other_buyer", "seller", "other_seller", "reviewer", "admin")


@dataclass(frozen=True)
class Row:
    answers: str
    form: dict[str, Any] = field(default_factory=dict)
    at: dict[str, str] = field(default_factory=dict)


Table = dict[str, str | Row]


def row(entry: str | Row) -> Row:
    return entry if isinstance(entry, Row) else Row(entry)
