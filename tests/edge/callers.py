"""Programs of invented people at the API, for stories: each call must have the status that the test expects."""

from dataclasses import dataclass
from typing import Any

import httpx

from liuhen.base.crypto import new_token
from tests.edge.described import as_described
from tests.edge.doors import Caller

PASSWORD = "a long and own sentence"
V1 = "/api/v1"


def ok(answer: httpx.Response, status: int = 200) -> Any:
    """The answer's JSON. Fails unless it has `status`."""
    assert answer.status_code == status, (answer.request.url.path, answer.status_code, answer.text[:1500])
    as_described(answer)
    return answer.json() if answer.headers.get("content-type") == "application/json" else None


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The data of a problem with this status and code, whose form is that of RFC 9457."""
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    assert (
        answer.headers["content-type"] == "application/problem+json" and answer.headers["cache-control"] == "no-store"
    )
    assert body["status"] == status and body["type"] == f"/problems/{code}" and body["title"] and body["detail"]
    assert body["instance"] == answer.request.url.path
    as_described(answer)
    data: dict[str, Any] = body["data"]
    return data


@dataclass
class Program:
    """Paths are those below /api/v1."""

    api: Caller
    login: str = ""

    async def joins(self) -> "Program":
        """Registers, and makes a token that reads and buys."""
        terms = ok(await self.api.get(f"{V1}/agreements/user_terms"))
        body = {"login": self.login, "password": PASSWORD, "terms_version": terms["version"]}
        ok(await self.api.post(f"{V1}/parties", body), 201)
        return await self.signs("read", "buy")

    async def signs(self, *scopes: str) -> "Program":
        """Goes on with a new token that has these scopes."""
        wish = {"login": self.login, "password": PASSWORD, "name": "script", "scopes": list(scopes)}
        token = ok(await self.api.post(f"{V1}/tokens", wish), 201)["token"]
        self.api.client.headers["Authorization"] = f"Bearer {token}"
        return self

    async def get(self, path: str, **query: Any) -> Any:
        return ok(await self.api.get(V1 + path, params=query or None))

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return ok(await self.api.post(V1 + path, body), status)

    async def put(self, path: str, body: Any) -> Any:
        return ok(await self.api.send("PUT", V1 + path, body))

    async def sends(self, path: str, data: bytes, media: str) -> httpx.Response:
        """A body of bytes."""
        headers = {"Content-Type": media, "Idempotency-Key": new_token("")}
        return await self.api.client.post(V1 + path, content=data, headers=headers)

    async def asks(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A call whose refusal is what the test is about."""
        return await (self.api.get(V1 + path) if method == "GET" else self.api.send(method, V1 + path, body))
