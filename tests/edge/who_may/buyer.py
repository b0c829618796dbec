"""Orders, cases, money and messages of a buyer."""

from tests.edge.who_may.table import Row, Table

_CLAIM = {"units": "2", "reason": "CHANGE_OF_MIND"}

ROWS: Table = {
    "GET /checkout": "in 303 303 303 303 303 303",  # without a product: to the market
    "POST /checkout": "in 200 200 200 200 200 200",  # an empty one says so
    # the story's order is paid: its buyer is shown the order instead
    "GET /orders/{order_no}/pay": "in 303 404 404 404 404 404",
    "GET /orders/{order_no}/returned": "in 303 404 404 404 404 404",
    "POST /orders/{order_no}/pay": Row("in 303 404 404 404 404 404", {"way": "balance"}),
    "POST /orders/{order_no}/cancel": "in 409 404 404 404 404 404",
    "GET /balance": "in 200 200 200 200 200 200",
    "POST /balance/top-up": "in 422 422 422 422 422 422",
    "GET /balance/pay-out": "in 422 422 422 422 422 422",
    "POST /balance/pay-out": "in 422 422 422 422 422 422",
    # one's own order; its parties and staff may verify its record
    "GET /orders": "in 200 200 200 200 200 200",
    "GET /orders/{order_no}": "in 200 404 303 404 404 404",
    "POST /orders/{order_no}/pick": Row("in 303 404 404 404 404 404", {"act": "refund", "u": "2"}),
    "GET /orders/{order_no}/seal": "in 303 404 404 404 404 404",  # without a piece: back to the order
    "POST /orders/{order_no}/seal": Row("in 303 404 404 404 404 404", {"units": "2"}),
    "GET /orders/{order_no}/keys": "in 303 303 303 303 303 303",  # always to the order's page
    "POST /orders/{order_no}/keys": Row("in 200 404 404 404 404 404", {"units": "1"}),
    "POST /orders/{order_no}/confirm": "in 303 404 404 404 404 404",
    "POST /orders/{order_no}/wait": Row("in 409 404 404 404 404 404", {"units": "2", "days": "3"}),
    "GET /orders/{order_no}/units/{no}": Row("in 200 404 404 404 404 404", at={"no": "1"}),
    "POST /orders/{order_no}/units/{no}": Row("in 200 404 404 404 404 404", {"act": "show"}, {"no": "1"}),
    "POST /orders/{order_no}/units/{no}/use": Row("in 303 404 404 404 404 404", {"state": "UNUSED"}, {"no": "1"}),
    "GET /orders/{order_no}/record": "in 200 404 200 404 200 200",
    "GET /orders/{order_no}/record.json": "in 200 404 200 404 200 200",
    "GET /orders/{order_no}/snapshot/{line_no}": "in 200 404 200 404 404 404",
    # asking for money back
    "GET /orders/{order_no}/refund": "in 200 404 404 404 404 404",
    "POST /orders/{order_no}/refund": Row("in 303 404 404 404 404 404", _CLAIM),
    "POST /orders/{order_no}/refund/edit": Row("in 200 404 404 404 404 404", _CLAIM),
    "POST /orders/{order_no}/refund/preview": Row("in 200 404 404 404 404 404", _CLAIM),
    "POST /orders/{order_no}/refund/pictures": Row("in 200 404 404 404 404 404", _CLAIM),
    "POST /orders/{order_no}/refund/pictures/{picture_id}/remove": Row("in 404 404 404 404 404 404", _CLAIM),
    "GET /orders/{order_no}/refund/pictures/{picture_id}": "in 404 404 404 404 404 404",
    # cases: buyer and seller each from his side, staff at the desk
    "GET /cases": "in 200 200 200 200 200 200",
    "GET /cases/{case_no}": "in 200 404 200 404 303 303",
    "POST /cases/{case_no}/notes": Row("in 303 404 303 404 404 404", {"text": "打不开"}),
    "POST /cases/{case_no}/withdraw": "in 303 404 404 404 404 404",
    "POST /cases/{case_no}/human": "in 409 404 404 404 404 404",
    "POST /cases/{case_no}/answer": Row("in 404 404 303 404 404 404", {"answer": "AGREED"}),
    "GET /cases/{case_no}/pictures/{picture_id}": "in 404 404 404 404 404 404",
    "GET /cases/{case_no}/pictures/{picture_id}/original": "in 404 404 404 404 404 404",
    # messages
    "GET /inbox": "in 200 200 200 200 200 200",
    "POST /inbox/read": "in 303 303 303 303 303 303",
    "POST /inbox/{notice_id}": "in 303 404 404 404 404 404",
}
