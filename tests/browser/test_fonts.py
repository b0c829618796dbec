"""Chinese is drawn, not boxed: screenshots and buyers without a Chinese font would see nothing but squares."""

import pytest
from playwright.async_api import Browser

# No code point of Unicode: whatever the fonts, only the sign for a missing glyph can be drawn.
_MISSING = chr(0x0378)
_SANS = '"PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif'


async def _picture(browser: Browser, character: str, weight: int) -> bytes:
    page = await browser.new_page(viewport={"width": 120, "height": 120})
    await page.set_content(
        f"<html lang=zh-CN><body style='margin:0'><div style='font:{weight} 80px/100px {_SANS};width:100px'>"
        f"{character}</div></body></html>"
    )
    picture = await page.screenshot(clip={"x": 0, "y": 0, "width": 100, "height": 100})
    await page.close()
    return picture


@pytest.mark.parametrize("weight", [400, 700])
async def test_refund_is_not_drawn_as_a_box(browser: Browser, weight: int) -> None:
    refund = await _picture(browser, "退", weight)
    assert refund != await _picture(browser, _MISSING, weight)
    assert refund != await _picture(browser, "款", weight)
    assert refund == await _picture(browser, "退", weight), "pictures must be comparable at all"
