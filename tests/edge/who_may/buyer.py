"""Orders, cases, money and messages of a buyer."""

from tests.edge.who_may.table import Row, Table

ROWS: Table = {
    "GET /checkout": "in 303 303 303 303 303 303",  # without a product: to the market
    "POST /checkout": "in 200 200 200 200 200 200",  # an empty one says so
    # the story's order is paid: its buyer is shown the order instead
    "GET /orders/{order_no}/pay": "in 303 404 404 404 404 404",
    "POST /orders/{order_no}/pay": Row("in 303 404 404 404 404 404", {"way": "balance"}),
    "POST /orders/{order_no}/cancel": "in 409 404 404 404 404 404",
    "GET /balance": "in 200 200 200 200 200 200",
    "POST /balance/top-up": "in 422 422 422 422 422 422",
    "GET /balance/pay-out": "in 422 422 422 422 422 422",
    "POST /balance/pay-out": "in 422 422 422 422 422 422",
}
