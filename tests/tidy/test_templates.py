"""What a template may not do, each rule with a sample that breaks it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from liuhen.edge.web.render import TEMPLATES, environment

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(TEMPLATES.rglob("*.html"))
CSS = (TEMPLATES.parent / "static" / "liuhen.css").read_text()

COMMENT = re.compile(r"\{#.*?#\}", re.S)
INLINE = re.compile(
    r"<style\b"
    r"|\sstyle\s*="
    r"|\son[a-z]+\s*="  # onclick= and its kin
    r"|<script(?![^>]*\ssrc=\"\{\{ static\()"
    r"|javascript:"
    r"|\bhx-on\b"
    r"|hx-vals=[\"']js:"
)
ELSEWHERE = re.compile(r"https?://|(?:src|href|action|url\()\s*=?\s*[\"']?//")
MARKED = re.compile(r"""\b(?:_|ngettext|gettext)\(\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
TRANS = re.compile(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", re.S)
HAN = re.compile(r"[一-鿿]")
SEALS = {"封", "启", "退", "废", "中文"}  # glyphs of the stamp and the name of a language, the same everywhere
CLASS = re.compile(r"""class\s*=\s*(?:"([^"]*)"|'([^']*)')""")
BLOCK = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)
NO_CLASS = re.compile(r"[!=]=\s*'[^']*'|\bin\s*\([^)]*\)|'[^']*'\s*:|\['[^']*'\]")  # keys and comparisons
QUOTED = re.compile(r"'([^']*)'")
UNSTYLED = {"group", "peer"}


def body(path: Path) -> str:
    return COMMENT.sub("", path.read_text())


def names() -> list[str]:
    return [str(path.relative_to(TEMPLATES)) for path in FILES]


def untranslated(text: str) -> list[str]:
    bare = TRANS.sub("", MARKED.sub("", COMMENT.sub("", text)))
    for glyph in SEALS:
        bare = bare.replace(f"'{glyph}'", "")
    return [line.strip() for line in bare.splitlines() if HAN.search(line)]


def classes(text: str) -> set[str]:
    """Class names of a template: the plain ones, and what looks like names inside the quotes of an expression."""
    found: set[str] = set()
    plain = BLOCK.sub(lambda block: " ".join(QUOTED.findall(NO_CLASS.sub("", block.group(0)))), text)
    for match in CLASS.finditer(plain):
        found.update((match.group(1) or match.group(2) or "").split())
    return found


def selector(name: str) -> str:
    """A class name as the stylesheet writes it."""
    escaped = re.sub(r"([^\w-])", r"\\\1", name, flags=re.A)
    return re.sub(r"^(\d)", lambda m: f"\\3{m.group(1)} ", escaped)


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_template_compiles(name: str, lang: str) -> None:
    environment(lang).get_template(name)


@pytest.mark.parametrize("path", FILES, ids=names())
def test_no_inline_style_or_script(path: Path) -> None:
    assert not INLINE.search(body(path)), "the Content-Security-Policy refuses this"


@pytest.mark.parametrize("path", FILES, ids=names())
def test_no_request_elsewhere(path: Path) -> None:
    assert not ELSEWHERE.search(body(path)), "a page asks nobody but us"


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name != "dev"])
def test_every_sentence_can_be_translated(path: Path) -> None:
    assert untranslated(path.read_text()) == []


@pytest.mark.parametrize("path", FILES, ids=names())
def test_every_class_is_in_the_stylesheet(path: Path) -> None:
    missing = [name for name in sorted(classes(body(path)) - UNSTYLED) if f".{selector(name)}" not in CSS]
    assert missing == [], "run bin/css and commit the stylesheet, or drop the class"


@pytest.mark.parametrize("path", FILES, ids=names())
def test_length(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 500


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        (INLINE, '<p style="color:red">', '<p class="text-no">'),
        (INLINE, '<a onclick="x()">', '<a data-copy="#key">'),
        (INLINE, "<script>x()</script>", "<script src=\"{{ static('liuhen.js') }}\" defer></script>"),
        (ELSEWHERE, '<img src="https://example.com/a.png">', '<img src="/files/a">'),
        (ELSEWHERE, '<link href="//example.com/a.css">', '<a href="/rules">'),
    ],
)
def test_the_rules_see(rule: re.Pattern[str], bad: str, good: str) -> None:
    assert rule.search(bad)
    assert not rule.search(good)


def test_the_rules_see_words_and_classes() -> None:
    assert untranslated('<p>{{ _("退款") }}</p>') == []
    assert untranslated("<p>退款</p>") == ["<p>退款</p>"]
    assert classes("""<p class="a {{ 'b c' if x else '' }} md:[&>li]:p-0">""") == {"a", "b", "c", "md:[&>li]:p-0"}
    assert classes("""<p class="{{ {'wait': 'd', 'no': 'e'}[kind] if kind == 'rest' else 'f' }}">""") == {"d", "e", "f"}
    assert selector("md:p-[.5rem]") == r"md\:p-\[\.5rem\]"


def test_catalogue_is_complete_and_current() -> None:
    done = subprocess.run(
        [sys.executable, "bin/i18n.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
