"""The parts in a real browser under the real Content-Security-Policy: nothing overflows, nothing is refused,
dialogs open with and without JavaScript."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route

from liuhen.edge.web.render import TEMPLATES, page_text
from liuhen.edge.web.security import page_headers
from liuhen.edge.web.static_files import FOLDER
from tests.browser.conftest import Shoot
from tests.edge.gallery import VIEW, values

ADDRESS = "http://liuhen.test"
PAGES = sorted(path.stem for path in (TEMPLATES / "dev").glob("*.html"))
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  const free = (el) => el.closest('.overflow-x-auto, .overflow-auto, .truncate, .sr-only, dialog, [hidden]');
  return [...document.querySelectorAll('body *')].filter((el) => {
    const box = el.getBoundingClientRect();
    return box.width > 1 && box.right > width + 1 && !free(el);
  }).map((el) => `${el.tagName}.${el.getAttribute('class')}`).slice(0, 5);
}"""


async def serve(context: BrowserContext, lang: str = "zh") -> None:
    """Answers for liuhen.test: /dev/NAME and /static/NAME, with the headers of the site; anything else is refused."""

    async def answer(route: Route) -> None:
        path = re.sub(r"[?#].*", "", route.request.url.removeprefix(ADDRESS))
        head = page_headers(secure=False)
        if path.startswith("/static/"):
            file = FOLDER / path.removeprefix("/static/")
            await route.fulfill(body=file.read_bytes(), headers={**head, "content-type": TYPES[file.suffix]})
        elif path.startswith("/dev/"):
            html = page_text(replace(VIEW, lang=lang), f"{path[1:]}.html", **values())
            await route.fulfill(body=html, headers={**head, "content-type": "text/html; charset=utf-8"})
        else:
            await route.abort()

    await context.route("**/*", answer)


def listen(page: Page) -> list[str]:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"refused: {request.url}"))
    return complaints


@pytest.fixture
async def gallery(phone: BrowserContext) -> AsyncIterator[Page]:
    await serve(phone)
    page = await phone.new_page()
    await page.goto(f"{ADDRESS}/dev/components")
    yield page


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "dark", "lang"), [(360, False, "en"), (390, True, "zh"), (1440, False, "zh")])
async def test_nothing_overflows(browser: Browser, shoot: Shoot, name: str, width: int, dark: bool, lang: str) -> None:
    scheme = "dark" if dark else "light"
    async with await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        await serve(context, lang)
        page = await context.new_page()
        complaints = listen(page)
        await page.goto(f"{ADDRESS}/dev/{name}")
        await shoot(page, f"dev-{name}-{width}-{scheme}-{lang}")
        assert await page.evaluate(TOO_WIDE) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert complaints == []


async def test_dialog_is_modal_and_gives_focus_back(gallery: Page) -> None:
    link = gallery.get_by_role("link", name="拆封，查看卡密")
    await link.click()
    sheet = gallery.locator("#break-seal")
    assert await sheet.evaluate("(el) => el.matches(':modal')")
    assert await sheet.evaluate("(el) => el.contains(document.activeElement)")
    await gallery.keyboard.press("Escape")
    assert not await sheet.evaluate("(el) => el.open")
    assert await link.evaluate("(el) => el === document.activeElement")
    await link.click()
    await sheet.get_by_role("link", name="先不拆").click()
    assert not await sheet.evaluate("(el) => el.open")


async def test_dialog_opens_without_javascript(browser: Browser) -> None:
    async with await browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}) as context:
        await serve(context)
        page = await context.new_page()
        await page.goto(f"{ADDRESS}/dev/order")
        await page.get_by_role("link", name="拆封，查看卡密").click()
        act = page.locator("#break-seal").get_by_role("button", name="拆封，查看第 1 件")
        await act.wait_for(state="visible")
        assert await page.locator("#break-seal form").get_attribute("method") == "post"
        await page.locator("#break-seal").get_by_text("先不拆").click()
        await act.wait_for(state="hidden")


async def test_select_all_and_counter(gallery: Page) -> None:
    boxes = gallery.locator("input[name=units]:enabled")
    await gallery.get_by_text("全选 3 件").click()
    assert [await boxes.nth(index).is_checked() for index in range(await boxes.count())] == [True, True]
    assert not await gallery.locator("input[name=units]:disabled").is_checked()
    await gallery.locator("#f-why").fill("输了三次")
    assert await gallery.locator("#c-why").text_content() == "还可以写 496 字"


async def test_pictures_are_previewed_and_limited(gallery: Page) -> None:
    picture = (b"\x89PNG\r\n\x1a\n", "image/png")
    files = [{"name": f"{index}.png", "mimeType": picture[1], "buffer": picture[0]} for index in range(7)]
    await gallery.locator("#f-files").set_input_files(files)
    drop = gallery.locator("[data-drop]").first
    assert await drop.locator("[data-preview] li").count() == 6
    assert await drop.get_by_text("最多 6 个").count() == 1
    assert await gallery.locator("#f-files").evaluate("(input) => input.files.length") == 6


async def test_keys_move_through_the_queue(desktop: BrowserContext) -> None:
    await serve(desktop)
    page = await desktop.new_page()
    await page.goto(f"{ADDRESS}/dev/desk")
    await page.keyboard.press("j")
    rows = page.locator("[data-row]")
    assert await rows.nth(2).evaluate("(el) => el === document.activeElement")
    await page.keyboard.press("k")
    assert await rows.nth(1).evaluate("(el) => el === document.activeElement")
    await page.keyboard.press("3")
    assert await page.locator("input[name=outcome][value=c]").is_checked()
    await page.keyboard.press("/")
    assert await page.evaluate("document.activeElement.type") == "search"
    await page.keyboard.type("jk")
    assert await page.evaluate("document.activeElement.value") == "jk"


async def test_targets_are_large_enough_to_touch(phone: BrowserContext) -> None:
    await serve(phone)
    page = await phone.new_page()
    await page.goto(f"{ADDRESS}/dev/order")
    small = await page.evaluate(
        "() => [...document.querySelectorAll('main .btn, header a, header summary')]"
        ".filter((el) => el.getBoundingClientRect().height < 40 && el.offsetParent).map((el) => el.textContent)"
    )
    assert small == []
