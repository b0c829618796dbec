"""The market and what everybody may read."""

from tests.edge.who_may.table import Table

ROWS: Table = {
    "GET /": "200 200 200 200 200 200 200",
    "GET /p/{product_id}": "200 200 200 200 200 200 200",
    "GET /shops/{book_id}": "200 200 200 200 200 200 200",
}
