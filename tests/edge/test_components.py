"""Every part in every state, rendered; the frame of every page; the weight of what a page loads."""

import gzip
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from liuhen.base.errors import LiuhenError
from liuhen.edge.problems import STATUS, status_of
from liuhen.edge.web import messages, security
from liuhen.edge.web.nav import CONSOLES
from liuhen.edge.web.render import TEMPLATES, _macro_index, page_text
from liuhen.edge.web.static_files import FOLDER, static
from liuhen.edge.web.view import LANGUAGES, Site, pick_language
from tests.edge.gallery import VIEW, values

PAGES = sorted(path.stem for path in (TEMPLATES / "dev").glob("*.html"))
VOID = {"area", "br", "circle", "col", "embed", "hr", "img", "input", "link", "meta", "path", "rect", "source", "wbr"}


class Nesting(HTMLParser):
    """Refuses tags that close out of order and ids that stand twice."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_render_and_nest(page: str, lang: str) -> None:
    nesting = Nesting()
    nesting.feed(page_text(replace(VIEW, lang=lang), f"dev/{page}.html", **values()))
    assert nesting.open == []
    assert len(nesting.ids) == len(set(nesting.ids))


@pytest.mark.parametrize("page", PAGES)
def test_nobody_signed_in(page: str) -> None:
    text = page_text(replace(VIEW, me=None, unread=0), f"dev/{page}.html", **values())
    assert 'action="/sign-out"' not in text


@pytest.mark.parametrize("page", [page for page in PAGES if page != "components"])  # the gallery has no frame
def test_disclosures_stand_on_every_page(page: str) -> None:
    blank = page_text(VIEW, f"dev/{page}.html", **values())
    assert "〔由运营方填写〕" in blank
    filled = replace(VIEW, site=Site(operator="示例公司", licence="91110000MA0000000X", icp="京ICP备00000000号"))
    text = page_text(filled, f"dev/{page}.html", **values())
    assert "91110000MA0000000X" in text
    assert "京ICP备00000000号" in text


def test_every_part_is_shown_and_described() -> None:
    samples = "".join((TEMPLATES / "dev" / f"{page}.html").read_text() for page in PAGES)
    frame = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    guide = (TEMPLATES / "parts" / "README.md").read_text()
    for macro in _macro_index("zh"):
        assert f"ui.{macro}(" in samples or f"ui.{macro}(" in frame or re.search(rf"\b{macro}\(", frame), macro
        assert f"`{macro}" in guide, f"{macro} is missing in parts/README.md"


def test_text_is_escaped_and_markup_is_not() -> None:
    text = page_text(VIEW, "dev/case.html", **{**values(), "fen": 9800})
    assert '<span class="money"><i>¥</i>98.00</span>' in text
    evil = {**values(), "long_name": "<script>alert(1)</script>"}
    assert "<script>alert" not in page_text(VIEW, "dev/components.html", **evil)


def test_navigation_marks_where_one_is() -> None:
    text = page_text(VIEW, "dev/seller.html", **values())
    assert text.count('aria-current="page"') >= 1
    assert 'href="/seller/stock"' in text
    keys = [entry.key for entries in CONSOLES.values() for entry in entries]
    assert all(keys)


def test_forms_carry_the_token() -> None:
    text = page_text(VIEW, "dev/components.html", **values())
    posts = re.findall(r"<form method=\"post\".*?</form>", text, re.S)
    assert posts
    assert all('name="csrf" value="token"' in form for form in posts)


def test_what_a_page_loads_is_small() -> None:
    weight = sum(len(gzip.compress((FOLDER / name).read_bytes(), 9)) for name in ("liuhen.css", "htmx.js", "liuhen.js"))
    assert weight < 100_000


def test_static_names_carry_their_content() -> None:
    assert re.fullmatch(r"/static/liuhen\.css\?v=[0-9a-f]{10}", static("liuhen.css"))
    with pytest.raises(FileNotFoundError):
        static("nothing.css")


def test_static_files_ask_nobody_else() -> None:
    for name in ("liuhen.css", "liuhen.js"):
        text = (FOLDER / name).read_text()
        assert not re.search(r"https?://(?!www\.w3\.org/)|@import", text.replace("https://tailwindcss.com", "")), name


def test_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = security.content_policy(["http://127.0.0.1:8090"])
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:8090" in policy
    assert "Strict-Transport-Security" not in security.page_headers(secure=False)
    assert security.page_headers(secure=True)["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_language() -> None:
    assert pick_language("en", "zh-CN") == "en"
    assert pick_language("xx", "en-GB,en;q=0.9") == "en"
    assert pick_language(None, "zh-CN,zh;q=0.9,en;q=0.8") == "zh"
    assert pick_language(None, None) == "zh"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_status_has_its_page(status: int, lang: str) -> None:
    said = messages.explain("unheard_of", status, lang)
    assert said.title and said.text
    view = replace(VIEW, lang=lang)
    text = page_text(
        view, "errors.html", status=status, code="x", said=said, number="01J", back="/orders", unsent=["第一段 话"]
    )
    assert "第一段 话" in text
    assert "01J" in text


def test_every_family_of_errors_has_a_sentence() -> None:
    for family in STATUS:
        said = messages.explain(family.code, status_of(family()), "zh")
        assert (said == messages.BY_CODE["internal"]) == (family is LiuhenError)


def test_the_catalogue_is_beside_the_templates() -> None:
    assert Path(TEMPLATES.parent / "locale/en/LC_MESSAGES/liuhen.mo").exists()
