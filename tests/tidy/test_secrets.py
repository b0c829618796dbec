"""Secrets are compared in constant time, made by the system's generator, and written nowhere in the house."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "liuhen"
SOURCES = sorted(HOUSE.rglob("*.py"))
Rule = Callable[[ast.Module], Iterator[str]]
_SECRET = re.compile(r"(^|_)(signature|mac|tag|csrf|token|secret|password|recovery|code_hash|otp)($|_)")

# What a person has typed twice is compared with itself.
TYPED_TWICE = {"edge/web/buyer/settings.py", "edge/web/public/people.py"}
# Two hashes that we kept, none of them from outside.
KEPT_TWICE = {"steps/check_password.py"}
# The order in which due work is tried, nothing that anybody must not guess.
JITTER = {"edge/worker.py"}
# The rulebook's own conditions, written out as Python by us; the command reads no outside text.
OWN_CODE = {"policy/python_reading.py"}
# Secrets of invented issuers, in tests.
INVENTED = {"tests/edge/fake_issuer.py", "tests/edge/test_issuer_signature.py"}
# A text file, not a page.
PLAIN_TEXT = {"rules_text.html"}
# Markup of our own: escaped by format, or made of constants and numbers.
OWN_MARKUP = {"edge/web/render.py", "edge/web/icons.py", "edge/web/buyer/second_factor.py"}


def unsafe_compares(tree: ast.Module) -> Iterator[str]:
    """`==` or `!=` on something called like a secret, with no constant on either side."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            sides = [node.left, *node.comparators]
            if not any(isinstance(side, ast.Constant) for side in sides) and any(map(_named, sides)):
                yield f"{node.lineno}: {ast.unparse(node)}"


def _named(side: ast.expr) -> bool:
    name = side.attr if isinstance(side, ast.Attribute) else side.id if isinstance(side, ast.Name) else ""
    return bool(_SECRET.search(name))


def weak_random(tree: ast.Module) -> Iterator[str]:
    """The generator that anybody can predict, and hashes that are broken."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [item.name for item in node.names] + [getattr(node, "module", "") or ""]
            if "random" in names:
                yield f"{node.lineno}: import random"
        if isinstance(node, ast.Attribute) and node.attr in ("md5", "sha1", "uuid4", "uuid1"):
            yield f"{node.lineno}: {node.attr}"


def dangerous(tree: ast.Module) -> Iterator[str]:
    """Code made from data, objects made from bytes, a shell."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in ("eval", "exec", "compile", "__import__", "os.system", "os.popen"):
                yield f"{node.lineno}: {name}"
            if any(key.arg == "shell" for key in node.keywords) or name.startswith(("pickle.", "marshal.", "shelve.")):
                yield f"{node.lineno}: {name}"
            if name.endswith("yaml.load") or name.endswith("Markup") or name == "Template":
                yield f"{node.lineno}: {name}"


SAMPLES: list[tuple[Rule, str, str]] = [
    (unsafe_compares, 'x = hmac.compare_digest(token, given); y = token == ""', "x = given.signature == expected"),
    (weak_random, "import secrets; x = secrets.token_bytes(16)", "import random"),
    (weak_random, "x = hashlib.sha256(b)", "x = hashlib.md5(b)"),
    (dangerous, "subprocess.run([program, name])", "subprocess.run(text, shell=True)"),
    (dangerous, "msgspec.json.decode(raw, type=Kind)", "pickle.loads(raw)"),
]


@pytest.mark.parametrize(("rule", "good", "bad"), SAMPLES)
def test_each_rule_lets_good_pass_and_catches_bad(rule: Rule, good: str, bad: str) -> None:
    assert list(rule(ast.parse(good))) == [] and list(rule(ast.parse(bad))) != []


def _where(rule: Rule) -> set[str]:
    return {
        str(path.relative_to(HOUSE)) for path in SOURCES if any(True for _ in rule(ast.parse(path.read_text("utf-8"))))
    }


def test_secrets_are_compared_in_constant_time() -> None:
    assert _where(unsafe_compares) == TYPED_TWICE | KEPT_TWICE


def test_what_nobody_may_guess_comes_from_the_system() -> None:
    assert _where(weak_random) == JITTER


def test_no_data_becomes_code() -> None:
    assert _where(dangerous) == OWN_CODE | OWN_MARKUP


def test_no_secret_is_in_the_repository() -> None:
    """Private keys, tokens of ours and of large houses, in what git keeps."""
    shapes = re.compile(
        rb"-----BEGIN [A-Z ]*PRIVATE KEY-----|lh_[a-z]_[\w-]{40,}|whsec_[A-Za-z0-9+/]{30,}|AKIA[0-9A-Z]{16}|ghp_\w{36}"
    )
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.split(b"\0")
    files = [ROOT / name.decode() for name in listed if name] or [p for p in ROOT.glob("*/**/*") if p.suffix]
    files = [path for path in files if path.is_file() and not {".venv", ".cache"} & set(path.parts)]
    assert len(files) > 500
    found = {str(path.relative_to(ROOT)) for path in files if shapes.search(path.read_bytes())}
    assert found == INVENTED


def test_templates_mark_nothing_of_other_people_as_safe() -> None:
    """`safe` stands behind constants alone, whose places are filled by format, which escapes."""
    constants = re.compile(r"'[^'{}]*'\s*\)?\s*\|\s*safe")
    bad = []
    for path in sorted((HOUSE / "edge" / "web" / "templates").rglob("*.html")):
        text = path.read_text("utf-8")
        if len(re.findall(r"\|\s*safe\b", text)) != len(constants.findall(text)) or "autoescape" in text:
            bad.append(path.name)
    assert set(bad) == PLAIN_TEXT
