"""The API; answers of roles with every scope that they may have."""

from tests.edge.who_may.table import Row, Table

_WRONG = {"login": "nobody", "password": "wrong password", "name": "script", "scopes": ["read"]}
_JOIN = {"login": "anna", "password": "wrong password", "terms_version": "1999-1"}
_RESET = {"login": "buyer", "recovery_code": "AAAA-AAAA-AAAA-AAAA-AAAA", "new_password": "another one 77"}
_PASSWORDS = {"old_password": "wrong password", "new_password": "another one 77"}
_SHOP = {"name": "新店", "agreement_version": "1999-1"}
_LINE = {"product_id": "{product_id}", "version": 1, "no_reason_confirmed": True}
_ONE = {"unit_ids": ["{unit_id}"]}
_CONTENT = {"kind": "card_key", "title": "另一种点卡", "price_fen": 100}
_WHY = {"reason": "核对过身份"}

ROWS: Table = {
    # me
    "GET /api/v1/me": "in 200 200 200 200 200 200",
    "PATCH /api/v1/me": Row("in 200 200 200 200 200 200", {"display_name": "新名字"}),
    "POST /api/v1/me/password": Row("in 422 422 422 422 422 422", _PASSWORDS),
    "GET /api/v1/me/sessions": "in 200 200 200 200 200 200",
    "DELETE /api/v1/me/sessions": "in 204 204 204 204 204 204",
    "DELETE /api/v1/me/sessions/{session_id}": "in 204 404 404 404 404 404",
    "GET /api/v1/me/tokens": "in 200 200 200 200 200 200",
    "DELETE /api/v1/me/tokens/{token_id}": "in 204 404 404 404 404 404",
    "GET /api/v1/me/agreements": "in 200 200 200 200 200 200",
    "POST /api/v1/me/agreements/{kind}": Row("in 200 200 200 200 200 200", {"version": "2026-11-1"}),
    "POST /api/v1/me/shop": Row("in 409 409 409 409 409 409", _SHOP),
    # joining
    "POST /api/v1/parties": Row("409 409 409 409 409 409 409", _JOIN),
    "POST /api/v1/tokens": Row("401 401 401 401 401 401 401", _WRONG),
    "POST /api/v1/password-resets": Row("422 422 422 422 422 422 422", _RESET),
    "POST /api/v1/password-reset-wishes": Row("200 200 200 200 200 200 200", {"login": "buyer"}),
    "GET /api/v1/agreements": "200 200 200 200 200 200 200",
    "GET /api/v1/agreements/{kind}": "200 200 200 200 200 200 200",
    # market
    "GET /api/v1/products": "200 200 200 200 200 200 200",
    "GET /api/v1/products/{product_id}": "200 200 200 200 200 200 200",
    "GET /api/v1/shops/{shop_id}": "200 200 200 200 200 200 200",
    "GET /api/v1/channels": "200 200 200 200 200 200 200",
    # orders: the seller may not buy his own goods
    "POST /api/v1/orders": Row("in 201 201 403 201 201 201", {"lines": [_LINE]}),
    "GET /api/v1/orders": "in 200 200 200 200 200 200",
    "GET /api/v1/orders/{order_no}": "in 200 404 404 404 404 404",
    "POST /api/v1/orders/{order_no}/pay": "in 409 404 404 404 404 404",
    "POST /api/v1/orders/{order_no}/payments": Row("in 422 404 404 404 404 404", {"channel": "nowhere"}),
    "POST /api/v1/orders/{order_no}/cancel": "in 409 404 404 404 404 404",
    "POST /api/v1/orders/{order_no}/confirm-receipt": "in 200 404 404 404 404 404",
    "POST /api/v1/orders/{order_no}/wait": Row("in 409 404 404 404 404 404", {**_ONE, "until": "2026-12-01T00:00:00Z"}),
    "GET /api/v1/orders/{order_no}/lines/{line_no}/snapshot": "in 200 404 200 404 404 404",
    # goods: opened by their buyer alone
    "POST /api/v1/orders/{order_no}/units/{unit_id}/reveal": "in 200 404 404 404 404 404",
    "POST /api/v1/orders/{order_no}/reveal": Row("in 200 404 404 404 404 404", _ONE),
    "GET /api/v1/orders/{order_no}/units/{unit_id}/reveal-preview": "in 200 404 404 404 404 404",
    "POST /api/v1/orders/{order_no}/units/{unit_id}/goods": "in 409 404 404 404 404 404",  # still sealed
    "POST /api/v1/orders/{order_no}/goods": Row("in 200 404 404 404 404 404", {"unit_ids": ["{revealed_id}"]}),
    "POST /api/v1/orders/{order_no}/units/{unit_id}/use": Row("in 200 404 200 404 404 404", {"state": "UNUSED"}),
    "GET /api/v1/orders/{order_no}/record": "in 200 404 200 404 200 200",
    # refunds
    "POST /api/v1/orders/{order_no}/refund-preview": Row(
        "in 200 404 404 404 404 404", {**_ONE, "reason": "CHANGE_OF_MIND"}
    ),
    "POST /api/v1/orders/{order_no}/refund-requests": Row(
        "in 201 404 404 404 404 404", {**_ONE, "reason": "CHANGE_OF_MIND"}
    ),
    "POST /api/v1/orders/{order_no}/pictures": "in 415 415 415 415 415 415",  # bytes: test_api_owners.py
    "GET /api/v1/orders/{order_no}/pictures": "in 200 404 404 404 404 404",
    "DELETE /api/v1/orders/{order_no}/pictures/{picture_id}": "in 404 404 404 404 404 404",
    "GET /api/v1/refunds": "in 200 200 200 200 200 200",
    "GET /api/v1/refunds/{refund_no}": "in 404 404 404 404 404 404",
    # cases: both sides and staff look, each acts as what he is
    "GET /api/v1/cases": "in 200 200 200 200 200 200",
    "GET /api/v1/cases/{case_no}": "in 200 404 200 404 200 200",
    "POST /api/v1/cases/{case_no}/answer": Row("in 403 403 200 404 403 403", {"answer": "AGREED"}),
    "POST /api/v1/cases/{case_no}/withdraw": "in 200 404 404 404 404 404",
    "POST /api/v1/cases/{case_no}/ask-human": "in 409 404 404 404 404 404",
    "POST /api/v1/cases/{case_no}/notes": Row("in 201 404 201 404 201 201", {"text": "补充一句"}),
    "POST /api/v1/cases/{case_no}/pictures": "in 415 415 415 415 415 415",
    "GET /api/v1/cases/{case_no}/pictures": "in 200 404 200 404 200 200",
    "GET /api/v1/cases/{case_no}/pictures/{picture_id}": "in 404 404 404 404 404 404",
    # desk: this case still waits for its seller
    "GET /api/v1/desk/cases": "in 403 403 403 403 200 200",
    "GET /api/v1/desk/cases/{case_no}/study": "in 403 403 403 403 200 200",
    "POST /api/v1/cases/{case_no}/claim": "in 403 403 403 403 409 409",
    "POST /api/v1/cases/{case_no}/decide": Row(
        "in 403 403 403 403 409 409", {"ruling": "granted", "reasons": "证据充分"}
    ),
    "POST /api/v1/cases/{case_no}/ask-evidence": Row("in 403 403 403 403 409 409", {"reasons": "请补录屏"}),
    "POST /api/v1/cases/{case_no}/units/{unit_id}/look": Row("in 403 403 403 403 404 404", {"reason": "核对记录"}),
    # balance and messages
    "GET /api/v1/balance": "in 200 200 200 200 200 200",
    "GET /api/v1/balance/movements": "in 200 200 200 200 200 200",
    "POST /api/v1/balance/top-ups": Row("in 422 422 422 422 422 422", {"amount_fen": 100, "channel": "nowhere"}),
    "POST /api/v1/balance/payouts": Row("in 201 409 409 409 409 409", {"amount_fen": 1}),
    "GET /api/v1/notices": "in 200 200 200 200 200 200",
    "POST /api/v1/notices/read": "in 200 200 200 200 200 200",
    "POST /api/v1/notices/{notice_id}/read": "in 200 404 404 404 404 404",
    # rules
    "GET /api/v1/rules": "200 200 200 200 200 200 200",
    "GET /api/v1/rules/{version}": Row("200 200 200 200 200 200 200", at={"version": "2026-11-1"}),
    "POST /api/v1/rules/{version}/comments": Row(
        "in 201 201 201 201 201 201", {"text": "第 6.1 条很好"}, at={"version": "2027-01-1"}
    ),
    "GET /api/v1/rules/{version}/comments": Row("in 200 200 200 200 200 200", at={"version": "2027-01-1"}),
    "GET /api/v1/rules/{old}/diff/{new}": Row(
        "200 200 200 200 200 200 200", at={"old": "2026-11-1", "new": "2027-01-1"}
    ),
    "POST /api/v1/policy/decisions": Row(
        "200 200 200 200 200 200 200",
        {
            "units": [
                {
                    "now": "2026-11-22T04:00:00Z",
                    "goods": {"kind": "card_key", "sealed_delivery": True},
                    "order": {"placed_at": "2026-11-22T03:00:00Z"},
                    "claim": {"reason": "CHANGE_OF_MIND", "requested_at": "2026-11-22T04:00:00Z"},
                    "capacity": {"captured_fen": 9800},
                }
            ]
        },
    ),
    "POST /api/v1/self-check": Row(
        "200 200 200 200 200 200 200", {"kind": "card_key", "stage": "sealed", "reason": "CHANGE_OF_MIND"}
    ),
    "GET /api/v1/shops": "422 422 422 422 422 422 422",
    "GET /api/v1/orders/{order_no}/pictures/{picture_id}": "in 404 404 404 404 404 404",
    "GET /api/v1/desk/cases/{case_no}/background": "in 403 403 403 403 200 200",
    "GET /api/v1/seller/voids": "in 403 403 200 200 403 403",
    # a seller's listings and stock
    "GET /api/v1/seller/products": "in 403 403 200 200 403 403",
    "POST /api/v1/seller/term-checks": Row("in 403 403 200 200 403 403", _CONTENT),
    "POST /api/v1/seller/products": Row("in 403 403 201 201 403 403", {"content": _CONTENT}),
    "GET /api/v1/seller/products/{product_id}": "in 403 403 200 404 403 403",
    "GET /api/v1/seller/products/{product_id}/versions": "in 403 403 200 404 403 403",
    "POST /api/v1/seller/products/{product_id}/versions": Row(
        "in 403 403 201 404 403 403", {"base_version": 1, "content": _CONTENT}
    ),
    "PUT /api/v1/seller/products/{product_id}/state": Row("in 403 403 200 404 403 403", {"state": "OFF_SALE"}),
    "GET /api/v1/seller/issuers": "in 403 403 200 200 403 403",
    "POST /api/v1/seller/products/{product_id}/stock/uploads": "in 403 403 415 415 403 403",
    "GET /api/v1/seller/stock/uploads": "in 403 403 200 200 403 403",
    "GET /api/v1/seller/stock/uploads/{upload_id}": "in 403 403 404 404 403 403",
    "POST /api/v1/seller/stock/uploads/{upload_id}/confirm": Row("in 403 403 404 404 403 403", {"seal": "0" * 64}),
    "GET /api/v1/seller/products/{product_id}/stock": "in 403 403 200 404 403 403",
    "GET /api/v1/seller/products/{product_id}/stock/keys": "in 403 403 200 404 403 403",
    "POST /api/v1/seller/products/{product_id}/stock/void": Row("in 403 403 200 404 403 403", {"all_unsold": True}),
    # a seller's day
    "GET /api/v1/seller/orders": "in 403 403 200 200 403 403",
    "GET /api/v1/seller/orders/{order_no}": "in 403 403 200 404 403 403",
    "POST /api/v1/seller/orders/{order_no}/begin-work": Row("in 403 403 409 404 403 403", {"line_no": 1}),
    "POST /api/v1/seller/orders/{order_no}/deliveries": Row(
        "in 403 403 409 404 403 403", {"line_no": 1, "text": "账号"}
    ),
    "POST /api/v1/seller/orders/{order_no}/deliveries/{delivery_id}/pictures": Row(
        "in 403 403 415 415 403 403", at={"delivery_id": "00000000-0000-7000-8000-000000000000"}
    ),
    "GET /api/v1/orders/{order_no}/proofs": "in 200 404 200 404 200 200",
    "GET /api/v1/orders/{order_no}/proofs/{picture_id}": "in 404 404 404 404 404 404",
    "GET /api/v1/seller/cases": "in 403 403 200 200 403 403",
    "GET /api/v1/seller/todos": "in 403 403 200 200 403 403",
    "POST /api/v1/seller/todos/{todo_id}/finish": "in 403 403 404 404 403 403",
    "GET /api/v1/seller/earnings": "in 403 403 200 200 403 403",
    "GET /api/v1/seller/earnings/movements": "in 403 403 200 200 403 403",
    "POST /api/v1/seller/withdrawals": Row("in 403 403 409 409 403 403", {"amount_fen": 1}),
    "PUT /api/v1/seller/shop": Row("in 403 403 200 200 403 403", {"name": "青竹新店"}),
    # administration
    "GET /api/v1/admin/parties": "in 403 403 403 403 403 200",
    "GET /api/v1/admin/parties/{party_id}": "in 403 403 403 403 403 200",
    "PUT /api/v1/admin/parties/{party_id}/roles": Row("in 403 403 403 403 403 200", {"roles": [], **_WHY}),
    "POST /api/v1/admin/parties/{party_id}/freeze": Row("in 403 403 403 403 403 200", _WHY),
    "POST /api/v1/admin/parties/{party_id}/unfreeze": Row("in 403 403 403 403 403 409", _WHY),
    "POST /api/v1/admin/parties/{party_id}/reset-link": Row("in 403 403 403 403 403 201", _WHY),
    "POST /api/v1/admin/parties/{party_id}/reset-second-factor": Row("in 403 403 403 403 403 200", _WHY),
    "GET /api/v1/admin/shops": "in 403 403 403 403 403 200",
    "GET /api/v1/admin/shops/{shop_id}": "in 403 403 403 403 403 200",
    "GET /api/v1/admin/shops/{shop_id}/products": "in 403 403 403 403 403 200",
    "PUT /api/v1/admin/shops/{shop_id}/fee": Row("in 403 403 403 403 403 200", {"fee_basis_points": 300, **_WHY}),
    "PUT /api/v1/admin/shops/{shop_id}/products/{product_id}/state": Row(
        "in 403 403 403 403 403 200", {"state": "BANNED", **_WHY}
    ),
    "GET /api/v1/admin/acts": "in 403 403 403 403 403 200",
    "GET /api/v1/admin/rules/{version}/comments": Row("in 403 403 403 403 403 200", at={"version": "2027-01-1"}),
    "GET /api/v1/admin/overview": "in 403 403 403 403 403 200",
    "GET /api/v1/admin/books": "in 403 403 403 403 403 200",
    "POST /api/v1/admin/refunds/{shop_id}/{refund_id}/retry": Row("in 403 403 403 403 403 404", _WHY),
    "GET /api/v1/admin/channels": "in 403 403 403 403 403 200",
    "GET /api/v1/admin/issuers": "in 403 403 403 403 403 200",
    "POST /api/v1/admin/issuers": Row("in 403 403 403 403 403 201", {"name": "木棉发行"}),
    "DELETE /api/v1/admin/issuers/{issuer_id}": "in 403 403 403 403 403 404",
}
