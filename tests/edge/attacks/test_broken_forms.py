"""Forms that are no forms, or hold what is no text: refused, at every page that takes one. Nothing of it breaks."""

import pytest
from litestar import Litestar

from tests.edge.attacks.asking import parameters, unhurried
from tests.edge.attacks.test_forged_forms import unsafe
from tests.edge.doors import Doors
from tests.edge.test_who_may import ROWS, Story, story
from tests.edge.who_may.table import ROLES, row

__all__ = ["story"]  # the fixture
_FIELD = b'Content-Disposition: form-data; name="login"'
PARTS = {
    "a charset that there is not": _FIELD + b"\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nx",
    "a charset that is no text": _FIELD + b"\r\nContent-Type: text/plain; charset=zip\r\n\r\nx",
    "a charset of halves of characters": _FIELD
    + b"\r\nContent-Type: text/plain; charset=unicode_escape\r\n\r\na\\ud800",
    "a charset that never decodes": _FIELD + b"\r\nContent-Type: text/plain; charset=undefined\r\n\r\nx",
    "a charset that fails in a way of its own": _FIELD + b"\r\nContent-Type: text/plain; charset=punycode\r\n\r\n\\a",
    "not UTF-8": _FIELD + b"\r\n\r\n\xff\xfe",
    "NUL": _FIELD + b"\r\n\r\na\x00b",
    "a name that is NUL": b'Content-Disposition: form-data; name="\x00"\r\n\r\nx',
    "no name": b"Content-Disposition: form-data\r\n\r\nx",
    "no head": b"x: y\r\n\r\nx",
    "a file where a text belongs": _FIELD + b'; filename="x"\r\n\r\nx',
}
NUMBERS = ("2147483648", "-1", "-2147483649", "9223372036854775808", "-99999999999999999999")
KINDS = (
    "multipart/form-data",
    "multipart/form-data; boundary=",
    f"multipart/form-data; boundary={'x' * 300}",
    "text/x",
)


@pytest.mark.parametrize("kind", PARTS)
async def test_what_is_no_text_is_refused(kind: str, doors: Doors) -> None:
    browser = await doors.browser()
    raw = b"--b\r\n" + PARTS[kind] + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    for proof in ({"X-CSRF-Token": browser.csrf}, {})[: 1 if "file" in kind else 2]:
        answer = await browser.client.post("/sign-in", content=raw, headers={**headers, **proof})
        assert answer.status_code in (403, 422), (proof, answer.text[:200])


async def test_no_page_breaks_on_bytes(site: Litestar, story: Story, doors: Doors) -> None:
    """Every form, once with NUL in each of its fields, once with other letters than UTF-8, once as another kind."""
    browsers = {role: await doors.browser(story.roles.get(role)) for role in ROLES}
    faults = []
    for number, route in enumerate(unsafe(site)):
        entry, (method, pattern) = row(ROWS[route]), route.split(" ", 1)
        told = zip(ROLES, entry.answers.split(), strict=True)
        role = next((name for name, answer in list(told)[1:] if answer not in ("in", "403", "404")), "admin")
        browser, path = browsers[role], pattern.format(**{**story.values, **entry.at})
        names = [*entry.form, "text", "q"]
        for body, kind in (
            ("&".join(f"{name}=a%00b" for name in names).encode(), "application/x-www-form-urlencoded"),
            (b"&".join(name.encode() + b"=%ff%fe\xff" for name in names), "application/x-www-form-urlencoded"),
            (b'{"login": ["x"]}', KINDS[number % len(KINDS)]),
        ):
            headers = {"Content-Type": kind, "X-CSRF-Token": browser.csrf}
            answer = await browser.client.request(method, path, content=body, headers=headers)
            if answer.status_code >= 500:
                faults.append((route, kind, answer.status_code))
    assert faults == []


@pytest.mark.parametrize("name", ["Origin", "Referer"])
async def test_no_form_breaks_on_where_it_says_it_comes_from(name: str, doors: Doors) -> None:
    browser = await doors.browser()
    for path in ("/sign-in", "/settings/name"):
        answer = await browser.client.post(path, headers={name: "http://[::1"})
        assert answer.status_code in (303, 403), (path, answer.status_code)


async def test_no_address_breaks_on_bytes(story: Story, doors: Doors) -> None:
    unhurried(doors)
    browsers = {role: await doors.browser(story.roles.get(role)) for role in ROLES}
    faults = []
    for route in ROWS:
        method, pattern = route.split(" ", 1)
        if method != "GET" or pattern.startswith(("/api/", "/static/", "/readyz")):
            continue
        told = list(zip(ROLES, row(ROWS[route]).answers.split(), strict=True))
        browser = browsers[next((role for role, answer in told if answer == "200"), "buyer")]
        values = story.values | row(ROWS[route]).at
        addresses = [f"{pattern.format(**values)}?{query}" for query in ("q=%00", "after=%ff%fe&q=%F0%9F&page=-1&n=٣")]
        addresses += [f"{pattern.format(**values)}?{name}=%2F%2F%5B" for name in ("next", "back")]
        for text in ("%00", "%ff%fe", "9" * 300)[: 3 if "{" in pattern else 0]:
            addresses.append(pattern.format(**dict.fromkeys(values, text)))
        for name, text in [(name, text) for name in parameters(route) for text in NUMBERS]:
            addresses.append(pattern.format(**{**values, name: text}))
        for address in addresses:
            answer = await browser.get(address)
            if answer.status_code >= 500:
                faults.append((address, answer.status_code))
    assert faults == []


@pytest.mark.parametrize("number", [*NUMBERS, "0", "21"])
async def test_a_line_that_no_order_has_is_not_there(number: str, story: Story, doors: Doors) -> None:
    api, order_no = await doors.api(story.buyer_id, "read"), story.values["order_no"]
    assert (await api.get(f"/api/v1/orders/{order_no}/lines/1/snapshot")).status_code == 200
    assert (await api.get(f"/api/v1/orders/{order_no}/lines/{number}/snapshot")).status_code == 404
