"""Words are not lost with a form that was not taken: session over, form too old, state changed meanwhile."""

import re

import pytest

from tests.edge.doors import Doors
from tests.edge.test_buyer_refund import Story
from tests.flows.world import World

WORDS = "兑换时提示不存在，\n12:03 和 12:05 各试了一次。<b>"
SHOWN = "兑换时提示不存在，\n12:03 和 12:05 各试了一次。&lt;b&gt;"


@pytest.fixture
def story(doors: Doors, world: World) -> Story:
    return Story(doors, world)


async def test_words_come_back_when_the_session_has_ended(story: Story) -> None:
    await story.begin()
    case = await story.ask()
    browser = story.buyer
    await browser.post("/sign-out")
    answer = await browser.post(f"{case}/notes", {"text": WORDS, "password": "a secret of many words"})
    assert answer.status_code == 401 and SHOWN in answer.text
    assert "a secret" not in answer.text and browser.csrf not in answer.text.partition("</h1>")[2]
    assert re.search(rf'href="/sign-in\?next={case}/notes"[^>]* target="_blank"', answer.text)  # the words stay open
    assert (await browser.get(f"{case}/notes")).headers["location"] == case  # where sign-in leads to


async def test_words_come_back_when_the_form_is_too_old(story: Story) -> None:
    await story.begin()
    case = await story.ask()
    answer = await story.seller.post(f"{case}/answer", {"csrf": "x", "answer": "REFUSED", "reasons": WORDS})
    assert answer.status_code == 403 and SHOWN in answer.text and "REFUSED" not in answer.text


async def test_words_come_back_when_another_tab_was_faster(story: Story) -> None:
    await story.begin()
    case = await story.ask()
    assert (await story.seller.post(f"{case}/answer", {"answer": "AGREED"})).status_code == 303
    answer = await story.seller.post(f"{case}/answer", {"answer": "REFUSED", "reasons": WORDS})
    assert answer.status_code == 409 and SHOWN in answer.text


async def test_another_sites_form_is_not_given_back(story: Story) -> None:
    await story.begin()
    case = await story.ask()
    stranger = await story.doors.browser()
    for browser in (story.buyer, stranger):
        answer = await browser.post(f"{case}/notes", {"text": WORDS}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code in (303, 403) and SHOWN not in answer.text


async def test_a_strangers_upload_is_not_read(story: Story) -> None:
    await story.begin()
    case = await story.ask()
    stranger = await story.doors.browser()
    files = {"pictures": ("a.png", b"x" * 200_000, "image/png")}
    answer = await stranger.post(f"{case}/notes", {"text": WORDS}, files=files)
    assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
