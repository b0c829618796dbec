"""Signs of life, files, descriptions, callbacks."""

from tests.edge.who_may.table import Row, Table

ROWS: Table = {
    "GET /healthz": "200 200 200 200 200 200 200",
    "GET /readyz": "503 503 503 503 503 503 503",  # no worker runs here
    # a session does not open it: an admin's bearer token or loopback does (test_session.py)
    "GET /metrics": "401 401 401 401 401 401 401",
    "GET /static/{file_path}": Row("200 200 200 200 200 200 200", at={"file_path": "liuhen.css"}),
    "GET /api/v1/openapi.json": "200 200 200 200 200 200 200",
    # whoever calls, it is the signature that counts
    "POST /callbacks/{channel}": Row("404 404 404 404 404 404 404", at={"channel": "nowhere"}),
    "POST /callbacks/issuers/{issuer_id}": Row("404 404 404 404 404 404 404", at={"issuer_id": "nobody"}),
}
