"""Asks any route of the real site as anybody, and says what of an answer matters."""

import base64
import re
import string
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import httpx

from liuhen.base.crypto import new_token
from liuhen.edge.rate import TokenBuckets
from liuhen.edge.web import flash
from tests.edge.doors import Browser, Caller, Doors

_SAID = flash.cookie_name(False)


class Uncounted:
    """Nobody asks too often."""

    def __getattr__(self, _: str) -> object:
        return lambda *_: nullcontext()


def unhurried(doors: Doors) -> None:
    """From here on pages and calls are not counted; forms of strangers are."""
    patience = TokenBuckets(burst=100_000, per_minute=100_000)
    doors.app = replace(doors.app, api_rate=patience, rates=Uncounted())  # type: ignore[arg-type]
    doors.site.state["house"] = doors.app


def parameters(route: str) -> list[str]:
    """Names in a route's path, such as order_no."""
    return [name for _, name, _, _ in string.Formatter().parse(route.split(" ", 1)[1]) if name]


def filled(value: Any, values: dict[str, str]) -> Any:
    """`{name}` in texts, however deep, replaced by its value."""
    match value:
        case str():
            return value.format(**values) if value.startswith("{") and not value.startswith("{{") else value
        case list():
            return [filled(item, values) for item in value]
        case dict():
            return {name: filled(item, values) for name, item in value.items()}
        case _:
            return value


async def ask(door: Browser | Caller, route: str, values: dict[str, str], form: dict[str, Any]) -> httpx.Response:
    """One request with ids from `values`; a form for pages, JSON (or a picture's bytes) for the API."""
    method, pattern = route.split(" ", 1)
    path = pattern.format(**values)
    if isinstance(door, Browser):
        if _SAID in door.client.cookies:  # what the request before has said is not this one's
            door.client.cookies.delete(_SAID)
        return await (door.get(path) if method == "GET" else door.post(path, filled(form, values)))
    if method == "GET":
        return await door.get(path, params=filled(form, values) or None)
    if path.endswith(("/pictures", "/uploads")):
        media = "text/plain" if path.endswith("uploads") else "image/png"
        headers = {"Content-Type": media, "Idempotency-Key": new_token("")}
        return await door.client.request(method, f"{path}?filename=a.png", content=b"x", headers=headers)
    return await door.send(method, path, filled(form, values))


_SECRETS = re.compile(r'(?:value|content)="[\w-]{20,}"|nonce="[^"]+"')
_FLASH = re.compile(r"liuhen_said=([^;]+);")


def told(answer: httpx.Response, ids: list[str]) -> str:
    """Status, way and words of an answer, without what differs between any two: the ids asked for, fresh tokens."""
    text = answer.text if "image" not in answer.headers.get("content-type", "") else str(len(answer.content))
    said = [
        base64.urlsafe_b64decode(cookie[1])[32:].decode()
        for header in answer.headers.get_list("set-cookie")
        if (cookie := _FLASH.search(header)) and len(cookie[1]) > 44
    ]
    whole = f"{answer.status_code} {answer.headers.get('location', '')} {said} {_SECRETS.sub('', text)}"
    for one in (one for one in ids if len(one) > 8):
        whole = whole.replace(one, "#")
    return whole
