"""The reviewer's desk."""

from tests.edge.who_may.table import Table

ROWS: Table = {}
