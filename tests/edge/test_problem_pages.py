"""Where the `type` of an API problem leads: every code has its page, in words."""

import pytest

from liuhen.base.errors import LiuhenError
from liuhen.edge.web.public.problem import _kinds
from tests.edge.doors import Doors


@pytest.mark.parametrize("code", sorted({kind.code for kind in _kinds(LiuhenError)}))
async def test_every_code_has_a_page(doors: Doors, code: str) -> None:
    browser = await doors.browser(None)
    page = await browser.get(f"/problems/{code}")
    assert page.status_code == 200 and code in page.text and "%(" not in page.text


async def test_a_strange_code_has_none(doors: Doors) -> None:
    browser = await doors.browser(None)
    assert (await browser.get("/problems/nothing-of-ours")).status_code == 404
