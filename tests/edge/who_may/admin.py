"""Administration: admins alone, reviewers not."""

from tests.edge.who_may.table import Row, Table

_NOWHERE = "01a20000-0000-7000-8000-000000000000"
_WHY = {"reason": "核实过"}

ROWS: Table = {
    "GET /admin": "in 403 403 403 403 403 200",
    "POST /admin/books": "in 403 403 403 403 403 200",
    "POST /admin/refunds/{book_id}/{refund_id}/retry": Row(
        "in 403 403 403 403 403 404", _WHY, at={"refund_id": _NOWHERE}
    ),
    "GET /admin/people": "in 403 403 403 403 403 200",
    "GET /admin/people/{party_id}": "in 403 403 403 403 403 200",
    "POST /admin/people/{party_id}/roles": Row("in 403 403 403 403 403 303", {"roles_reason": "转到审核组"}),
    "POST /admin/people/{party_id}/freeze": Row("in 403 403 403 403 403 303", _WHY),
    "POST /admin/people/{party_id}/unfreeze": Row("in 403 403 403 403 403 409", _WHY),  # he is not frozen
    "POST /admin/people/{party_id}/reset-link": Row("in 403 403 403 403 403 303", _WHY),
    "POST /admin/people/{party_id}/reset-second-factor": Row("in 403 403 403 403 403 303", _WHY),
    "GET /admin/shops": "in 403 403 403 403 403 200",
    "GET /admin/terms": "in 403 403 403 403 403 200",
    "GET /admin/shops/{book_id}": "in 403 403 403 403 403 200",
    "POST /admin/shops/{book_id}/fee": Row("in 403 403 403 403 403 303", {"fee": "2.5", **_WHY}),
    "POST /admin/shops/{book_id}/products/{product_id}/ban": Row("in 403 403 403 403 403 303", _WHY),
    "POST /admin/shops/{book_id}/products/{product_id}/unban": Row("in 403 403 403 403 403 303", _WHY),
    "GET /admin/channels": "in 403 403 403 403 403 200",
    "GET /admin/issuers": "in 403 403 403 403 403 200",
    "POST /admin/issuers": Row("in 403 403 403 403 403 303", {"name": "木棉游戏"}),
    "POST /admin/issuers/{issuer_id}/disable": Row(
        "in 403 403 403 403 403 404", {"sure": "1"}, at={"issuer_id": _NOWHERE}
    ),
    "GET /admin/acts": "in 403 403 403 403 403 200",
    "GET /admin/upkeep": "in 403 403 403 403 403 200",
    "GET /admin/rules": "in 403 403 403 403 403 200",
}
