"""Texts that people accept: found by time, never changed once published, and saying what the flows rely on."""

from datetime import UTC, datetime, timedelta

import pytest

from liuhen.base.agreements import Agreements, parse
from liuhen.base.errors import InvalidInput, StateConflict
from liuhen.edge.boot import load_agreements

# Consents keep these hashes. A text that differs is a new version with a new date, not an edit of this one.
PUBLISHED = {
    ("user_terms", "2026-11-1"): "242fffc6f0b72fab837be18bdd324defbce33f4e52fcb7c85533ecc91b7ab090",
    ("seller_agreement", "2026-11-1"): "2448cecabba9be65a4779bcafa9b70efa91b791d350abb31d786a32b34d60ef4",
    ("no_reason_exclusion", "2026-11-1"): "2a73a960e6de19c595c8aeafe8c915ed4bf7f44d395490947c5b633fc6cf9e19",
}
FIRST = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def texts() -> Agreements:
    return load_agreements()


def test_published_versions_are_never_edited(texts: Agreements) -> None:
    kinds = {kind for kind, _ in PUBLISHED}
    found = {(text.kind, text.version): text.sha256.hex() for kind in kinds for text in texts.versions(kind)}
    assert found == PUBLISHED


def test_the_version_in_force_goes_by_time() -> None:
    table = {
        "version": [
            _version("2", FIRST + timedelta(days=30)),
            _version("1", FIRST),
        ]
    }
    made = Agreements(parse("user_terms", table))
    assert made.current("user_terms", FIRST).version == "1"
    assert made.current("user_terms", FIRST + timedelta(days=30)).version == "2"
    with pytest.raises(InvalidInput):
        made.current("user_terms", FIRST - timedelta(seconds=1))
    with pytest.raises(StateConflict):
        made.accepting("user_terms", "1", FIRST + timedelta(days=31))
    assert [text.version for text in made.versions("user_terms")] == ["1", "2"]
    hashes = {text.sha256 for text in made.versions("user_terms")}
    assert len(hashes) == 2


def test_a_file_that_is_not_in_the_form_is_refused() -> None:
    with pytest.raises(InvalidInput):
        parse("user_terms", {"versions": []})
    with pytest.raises(InvalidInput):
        parse("user_terms", {"version": [{"name": "1"}]})


def test_the_seller_agreement_says_what_silence_means(texts: Agreements) -> None:
    text = texts.version("seller_agreement", "2026-11-1")
    silence = next(part for part in text.sections if part.no == "4")
    assert silence.strong
    for words in ("24 个自然小时", "节假日不停", "视为你同意", "自愿", "第 27 条第 1 款", "只能答复一次"):
        assert words in silence.zh
    assert "24 natural hours" in silence.en
    whole = "".join(part.zh for part in text.sections)
    for words in ("担保", "服务费", "欠款", "申诉", "关店退出", "提前七日"):
        assert words in whole


def test_every_section_stands_in_both_languages(texts: Agreements) -> None:
    for kind, version in PUBLISHED:
        text = texts.version(kind, version)
        assert text.sections
        for part in text.sections:
            assert part.zh and part.en and part.title_zh and part.title_en
            assert not any("\u4e00" <= char <= "\u9fff" for char in part.en + part.title_en)


def _version(name: str, at: datetime) -> dict[str, object]:
    section = {"no": "1", "title_zh": "一", "title_en": "One", "zh": "甲", "en": "A"}
    return {"name": name, "effective_from": at, "title_zh": "协议", "title_en": "Terms", "section": [section]}
