"""Orders, cases, money and messages of a buyer."""

from tests.edge.who_may.table import Table

ROWS: Table = {}
