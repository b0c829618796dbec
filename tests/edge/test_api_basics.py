"""What holds for every call of the API: description, tokens, media types, limits, problems, cursors."""

from tests.edge.doors import Doors
from tests.flows.world import World

PASSWORD = "a long and own sentence"


async def test_a_party_joins_and_gets_a_token(doors: Doors) -> None:
    api = await doors.api()
    terms = (await api.get("/api/v1/agreements/user_terms")).json()
    body = {"login": "anna", "password": PASSWORD, "terms_version": terms["version"]}
    joined = await api.post("/api/v1/parties", body)
    assert joined.status_code == 201 and len(joined.json()["recovery_code"]) == 24
    wish = {"login": "anna", "password": PASSWORD, "name": "script", "scopes": ["read", "buy"]}
    made = await api.post("/api/v1/tokens", wish)
    assert made.status_code == 201
    api.client.headers["Authorization"] = f"Bearer {made.json()['token']}"
    me = (await api.get("/api/v1/me")).json()
    assert me["login"] == "anna" and me["scopes"] == ["buy", "read"] and me["shop_name"] is None
