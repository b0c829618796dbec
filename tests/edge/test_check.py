"""The self-check answers with the rules that decide."""

import pytest

from tests.edge.doors import Doors


@pytest.mark.parametrize(
    ("situation", "words"),
    [
        ("kind=card_key&stage=sealed&reason=CHANGE_OF_MIND&hours=2", "全额退 ¥100.00"),
        ("kind=card_key&stage=revealed&reason=CHANGE_OF_MIND&hours=2&agreed=1", "这次不退"),
        ("kind=card_key&stage=revealed&reason=INVALID_KEY&hours=30", "先由卖家答复"),
        ("kind=direct_top_up&stage=waiting&reason=NOT_RECEIVED&hours=3", "全额退 ¥100.00"),
        ("kind=card_key&stage=sealed", "请选好商品"),
        ("kind=nonsense&stage=sealed&reason=CHANGE_OF_MIND&hours=x", "请选好商品"),
        ("", "什么都不保存"),
    ],
)
async def test_answers(doors: Doors, situation: str, words: str) -> None:
    page = await (await doors.browser()).get(f"/check?{situation}")
    assert page.status_code == 200
    assert words in page.text


async def test_every_combination_has_words_in_both_languages(doors: Doors) -> None:
    browser = await doors.browser()
    for lang in ("zh", "en"):
        browser.client.cookies.set("lang", lang)
        for stage in ("waiting", "sealed", "revealed", "handed"):
            for reason in ("CHANGE_OF_MIND", "INVALID_KEY", "MINOR", "DUPLICATE_CHARGE", "UNFINISHED"):
                query = f"kind=boosting_service&stage={stage}&reason={reason}&hours=400&use=used"
                assert (await browser.get(f"/check?{query}")).status_code == 200
