"""The seller's console."""

from tests.edge.who_may.table import Table

ROWS: Table = {}
