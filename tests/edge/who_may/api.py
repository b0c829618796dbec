"""The API; answers of roles with every scope that they may have."""

from tests.edge.who_may.table import Table

ROWS: Table = {}
