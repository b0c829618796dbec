"""Joining, signing in, getting back in, one's own registration, opening a shop."""

from tests.edge.who_may.table import Row, Table

_PASSWORD = {"new_password": "another one 77", "again_password": "another one 77"}

ROWS: Table = {
    "GET /sign-in": "200 303 303 303 303 303 303",
    "POST /sign-in": Row("401 401 401 401 401 401 401", {"login": "nobody", "password": "wrong password"}),
    "POST /sign-out": "303 303 303 303 303 303 303",
    "GET /register": "200 303 303 303 303 303 303",
    "POST /register": "422 422 422 422 422 422 422",
    "GET /shown-once": "303 303 303 303 303 303 303",
    "POST /shown-once": "303 303 303 303 303 303 303",
    "GET /reset": "200 200 200 200 200 200 200",
    "POST /reset": Row(
        "422 422 422 422 422 422 422", {"login": "buyer", "recovery_code": "AAAA-AAAA-AAAA-AAAA-AAAA", **_PASSWORD}
    ),
    "POST /reset/ask": Row("303 303 303 303 303 303 303", {"login": "buyer"}),
    "GET /reset/{token}": "200 200 200 200 200 200 200",
    "POST /reset/{token}": Row("422 422 422 422 422 422 422", _PASSWORD),
    "GET /agreements/{kind}": "200 200 200 200 200 200 200",
    "GET /language": "303 303 303 303 303 303 303",
    "GET /settings": "in 200 200 200 200 200 200",
    "POST /settings/name": Row("in 303 303 303 303 303 303", {"display_name": "新名字"}),
    "POST /settings/password": Row("in 422 422 422 422 422 422", {"old_password": "wrong password", **_PASSWORD}),
    "POST /settings/sessions/end-others": "in 303 303 303 303 303 303",
    "POST /settings/sessions/{session_id}/end": "in 303 404 404 404 404 404",
    "POST /settings/tokens": Row("in 303 303 303 303 303 303", {"name": "script", "scopes": "read"}),
    "POST /settings/tokens/{token_id}/end": "in 303 404 404 404 404 404",
    "POST /settings/agreements/{kind}": Row("in 303 303 303 303 303 303", {"version": "2026-11-1"}),
    # a half session opens nothing else: test_second_factor.py asks every route
    "GET /sign-in/code": "303 303 303 303 303 303 303",
    "POST /sign-in/code": Row("303 303 303 303 303 303 303", {"code": "123456"}),
    "POST /sign-in/code/passkey": "303 303 303 303 303 303 303",
    # all were proven by signing in just now; the story's buyer has a passkey
    "GET /confirm": "in 303 303 303 303 303 303",
    "POST /confirm": Row("in 422 422 422 422 422 422", {"password": "wrong password"}),
    "POST /confirm/passkey": "in 200 200 200 200 200 200",
    "GET /settings/second-factor": "in 200 200 200 200 200 200",
    "POST /settings/second-factor/app": "in 303 303 303 303 303 303",
    "GET /settings/second-factor/app": "in 303 303 303 303 303 303",
    "POST /settings/second-factor/app/confirm": Row("in 303 303 303 303 303 303", {"code": "123456"}),
    "POST /settings/second-factor/app/remove": "in 404 404 404 404 404 404",
    "POST /settings/second-factor/passkeys/ask": "in 200 200 200 200 200 200",
    "POST /settings/second-factor/passkeys": Row("in 422 422 422 422 422 422", {"name": "手机", "answer": "{{}}"}),
    "POST /settings/second-factor/passkeys/{passkey_id}/remove": "in 303 404 404 404 404 404",
    "POST /settings/second-factor/backup-codes": "in 303 409 409 409 409 409",
    "GET /seller/open": "in 200 200 303 303 200 200",
    "POST /seller/open": "in 422 422 422 422 422 422",
}
