"""The API; answers of roles with every scope that they may have."""

from tests.edge.who_may.table import Row, Table

_WRONG = {"login": "nobody", "password": "wrong password", "name": "script", "scopes": ["read"]}
_JOIN = {"login": "anna", "password": "wrong password", "terms_version": "1999-1"}
_RESET = {"login": "buyer", "recovery_code": "AAAA-AAAA-AAAA-AAAA-AAAA", "new_password": "another one 77"}
_PASSWORDS = {"old_password": "wrong password", "new_password": "another one 77"}
_SHOP = {"name": "新店", "agreement_version": "1999-1"}

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
}
