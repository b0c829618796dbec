"""The seller's console: the owner alone, and 404 for whoever sells elsewhere."""

from tests.edge.who_may.table import Row, Table

_NOTHING = {"import_id": "01a20169-2e00-7000-8000-000000000000"}
_LISTING = {"kind": "direct_top_up", "title": "话费直充", "price": "9.90", "escrow_days": "7"}

ROWS: Table = {
    "GET /seller": "in 403 403 200 200 403 403",
    "GET /seller/voids": "in 403 403 200 200 403 403",
    "POST /seller/todos/{todo_id}/done": "in 403 403 404 404 403 403",
    "GET /seller/products": "in 403 403 200 200 403 403",
    "GET /seller/products/new": "in 403 403 200 200 403 403",
    "POST /seller/products/new": Row("in 403 403 303 303 403 403", _LISTING),
    "POST /seller/products/preview": Row("in 403 403 200 404 403 403", {**_LISTING, "product_id": "{product_id}"}),
    "GET /seller/products/{product_id}/edit": "in 403 403 200 404 403 403",
    "POST /seller/products/{product_id}/edit": Row("in 403 403 409 404 403 403", _LISTING),
    "POST /seller/products/{product_id}/state": Row("in 403 403 303 404 403 403", {"to": "off"}),
    "GET /seller/products/{product_id}/versions": "in 403 403 200 404 403 403",
    "GET /seller/stock": "in 403 403 200 200 403 403",
    "GET /seller/products/{product_id}/stock": "in 403 403 200 404 403 403",
    "POST /seller/products/{product_id}/stock": "in 403 403 422 404 403 403",
    "POST /seller/products/{product_id}/stock/void": Row("in 403 403 200 404 403 403", {"what": "all"}),
    "POST /seller/products/{product_id}/stock/void/confirm": Row("in 403 403 303 404 403 403", {"what": "all"}),
    # the owner's own uploads: test_seller_stock.py
    "GET /seller/stock/imports/{import_id}": Row("in 403 403 404 404 403 403", at=_NOTHING),
    "POST /seller/stock/imports/{import_id}/confirm": Row("in 403 403 404 404 403 403", {"seal": "00"}, _NOTHING),
    "GET /seller/orders": "in 403 403 200 200 403 403",
    "GET /seller/orders/{order_no}": "in 403 403 200 404 403 403",
    "POST /seller/orders/{order_no}/begin": Row("in 403 403 409 404 403 403", {"line_no": "1"}),
    "POST /seller/orders/{order_no}/deliver": Row("in 403 403 409 404 403 403", {"line_no": "1", "text": "已充值"}),
    "POST /seller/orders/{order_no}/use": Row("in 403 403 303 404 403 403", {"unit": "1", "state": "USED_UP"}),
    # no file, so nothing happens to the owner either
    "POST /seller/orders/{order_no}/proofs": Row(
        "in 403 403 303 404 403 403", {"delivery_id": "01a20169-2e00-7000-8000-000000000000"}
    ),
    # this order has none; with one: test_seller_orders.py
    "GET /orders/{order_no}/proofs": "in 404 404 404 404 404 404",
    "GET /orders/{order_no}/proofs/{picture_id}": "in 404 404 404 404 404 404",
    "GET /orders/{order_no}/proofs/{picture_id}/original": "in 404 404 404 404 404 404",
    "GET /seller/cases": "in 403 403 200 200 403 403",
    "GET /seller/money": "in 403 403 200 200 403 403",
    "GET /seller/money/statement.csv": "in 403 403 200 200 403 403",
    "GET /seller/money/withdraw": "in 403 403 200 200 403 403",
    "POST /seller/money/withdraw": Row("in 403 403 409 409 403 403", {"amount": "1"}),
    "GET /seller/shop": "in 403 403 200 200 403 403",
    "POST /seller/shop": Row("in 403 403 303 303 403 403", {"shop_name": "新店名"}),
}
