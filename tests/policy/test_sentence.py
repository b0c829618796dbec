"""The sentence that people read says what the tree says: all of it, in both languages, and never the same for two."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liuhen.base.errors import InvalidInput
from liuhen.policy.clauses import follow
from liuhen.policy.clauses.amounts import FORMULAS
from liuhen.policy.clauses.registry import CLAUSES
from liuhen.policy.expr import (
    And,
    By,
    Choose,
    Compare,
    Const,
    Expr,
    Given,
    In,
    Least,
    Minus,
    Most,
    Not,
    Or,
    Param,
    Plus,
    Ref,
    Says,
    Share,
    Shown,
    Stands,
    Term,
    Times,
    Val,
    params,
)
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.schema import field_of, schema
from liuhen.policy.facts.standing import Source
from liuhen.policy.rulebook import REQUIRED
from liuhen.policy.sentence import Line, condition, number_text, sentence, term_text, unit_of
from liuhen.policy.words import facts_en, facts_zh, nodes
from tests.policy.sentence_parser import parse, parse_line, parse_term, plain
from tests.policy.world import BOOK

LANGS = ("zh", "en")
TREES: dict[str, Expr] = {
    **{clause.id: clause.when for clause in CLAUSES},
    **{f"remedy {name}": when for name, when in follow.REMEDIES},
    **{f"order {name}": when for name, when in (*follow.WHEN_GIVEN_BACK, *follow.ALWAYS)},
    **{f"claim {name}": when for name, when, _ in follow.CLAIMS},
}
TERMS: dict[str, Term] = {
    **{f"{name} from": low for name, (low, _) in FORMULAS.items()},
    **{f"{name} to": high for name, (_, high) in FORMULAS.items()},
    **{f"claim {name}": term for name, _, term in follow.CLAIMS if term is not None},
}
RAW = re.compile(r"[a-z]+(?:_[a-z]+)+|[a-z]+\.[a-z]+|[{}]|None(?! of)|True|False")


def flat(line: Line) -> list[str]:
    """All texts of a list of lines."""
    return [line.text, *(text for part in line.parts for text in flat(part))]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", TREES)
def test_every_condition_reads(name: str, lang: str) -> None:
    texts = [sentence(TREES[name], lang, BOOK.values), *flat(condition(TREES[name], lang, BOOK.values))]
    for text in texts:
        assert text.strip() == text != ""
        assert not RAW.search(text), text
        if lang == "zh":
            assert "你" not in text
            assert not re.search(r"[A-Za-z]", text), text


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", TERMS)
def test_every_formula_reads(name: str, lang: str) -> None:
    text = term_text(TERMS[name], lang, BOOK.values)
    assert text
    assert not RAW.search(text), text


@pytest.mark.parametrize("name", TREES)
def test_the_sentence_reads_back_into_the_very_tree(name: str) -> None:
    assert parse(sentence(TREES[name], "en", BOOK.values)) == TREES[name]


@pytest.mark.parametrize("name", TREES)
def test_the_lines_read_back_into_the_tree(name: str) -> None:
    assert parse_line(condition(TREES[name], "en", BOOK.values)) == plain(TREES[name])


@pytest.mark.parametrize("name", TERMS)
def test_the_formula_reads_back_into_the_very_term(name: str) -> None:
    assert parse_term(term_text(TERMS[name], "en", BOOK.values)) == TERMS[name]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", TREES)
def test_every_rulebook_value_that_a_tree_uses_is_in_its_words(name: str, lang: str) -> None:
    text = sentence(TREES[name], lang, BOOK.values)
    lines = " ".join(flat(condition(TREES[name], lang, BOOK.values)))
    words = facts_zh if lang == "zh" else facts_en
    for param in params(TREES[name]):
        unit, value = REQUIRED[param].unit, BOOK.value(param)
        said = nodes.NODES[lang]["on" if value else "off"] if unit == "switch" else number_text(value, unit, lang)
        for shown in (text, lines):
            assert said in shown
            assert words.PARAMS[param] in shown


@pytest.mark.parametrize("lang", LANGS)
def test_another_value_reads_otherwise(lang: str) -> None:
    tree = TREES["promise.instant"]
    longer = {**BOOK.values, "instant_window": 172_800}
    assert sentence(tree, lang, longer) != sentence(tree, lang, BOOK.values)


@pytest.mark.parametrize("words", [facts_zh, facts_en], ids=["zh", "en"])
def test_the_vocabulary_is_the_schema_no_more_and_no_less(words: Any) -> None:
    fields = schema()
    assert words.NOUNS.keys() == fields.keys()
    assert words.SAYINGS.keys() == {path for path, field in fields.items() if field.type is bool}
    assert words.THERE.keys() == {path for path, field in fields.items() if field.optional}
    assert words.SINCE.keys() == {path for path, field in fields.items() if field.type is datetime}
    assert words.PARAMS.keys() == REQUIRED.keys()
    kinds = {field.type for field in fields.values() if field.values} | {Source}
    assert words.VALUES.keys() == {kind.__name__ for kind in kinds}
    for kind in kinds:
        members = ("False", "True") if kind is bool else tuple(kind)
        assert words.VALUES[kind.__name__].keys() == set(members)
    words_of = {path for path, field in fields.items() if field.values and field.type is not bool}
    assert words.FORMS.keys() <= words_of


@pytest.mark.parametrize("words", [facts_zh, facts_en], ids=["zh", "en"])
def test_no_words_stand_for_two_things(words: Any) -> None:
    said = [text for pair in (*words.SAYINGS.values(), *words.THERE.values()) for text in pair]
    for texts in (said, list(words.NOUNS.values()), list(words.PARAMS.values())):
        assert len(set(texts)) == len(texts)
    for names in words.VALUES.values():
        assert len(set(names.values())) == len(names)


@pytest.mark.parametrize("lang", LANGS)
def test_each_comparison_has_a_word_of_its_own(lang: str) -> None:
    for kind in ("time", "years", "number"):
        both = [*nodes.OPS[lang][kind].values(), *nodes.OPS[lang][f"{kind}_not"].values()]
        assert len(set(both)) == len(both) == 10


def test_both_languages_have_the_same_words() -> None:
    assert nodes.NODES["zh"].keys() == nodes.NODES["en"].keys()
    assert facts_zh.FORMS.keys() >= facts_en.FORMS.keys()
    for lang in LANGS:
        assert nodes.OPS[lang].keys() == nodes.OPS["zh"].keys()


def near(tree: Expr) -> Iterator[Expr]:
    """Trees that differ from this one in one place: what somebody might change and hope that nobody sees."""
    match tree:
        case And(parts) | Or(parts):
            kind, other = (And, Or) if isinstance(tree, And) else (Or, And)
            yield other(parts)
            for place, part in enumerate(parts):
                before, after = parts[:place], parts[place + 1 :]
                yield kind((*before, *after))
                yield from (kind((*before, changed, *after)) for changed in near(part))
        case Not(part) | Shown(part):
            yield part
            yield from (type(tree)(changed) for changed in near(part))
        case Compare(left, op, right):
            yield from (Compare(left, sign, right) for sign in ("<", "<=", ">", ">=", "==") if sign != op)
        case In(path, values) | Stands(path, values) | Says(path, values):
            yield from (type(tree)(path, (one,)) for one in field_of(path).values if (one,) != values)
        case By(path, _):
            yield from (By(path, (source,)) for source in Source)
        case _:
            pass
    yield Not(tree)
    yield Shown(tree)


def test_whatever_is_changed_in_one_place_reads_otherwise() -> None:
    seen: dict[tuple[str, str], Expr] = {}
    for tree in TREES.values():
        for one in (tree, *near(tree)):
            for lang in LANGS:
                text = sentence(one, lang, BOOK.values)
                assert seen.setdefault((lang, text), one) == one, text
    assert len(seen) > 5_000


# Random small trees over the schema --------------------------------------------------------------

_FIELDS = list(schema().values())
_WORDS = [f for f in _FIELDS if f.values]
_RAW = [f"{f.path}.value" for f in _FIELDS if f.disputed]


def _paths(*, of: type | None = None, disputed: bool | None = None, optional: bool | None = None) -> list[str]:
    return [
        f.path
        for f in _FIELDS
        if (of is None or f.type is of)
        and (disputed is None or f.disputed is disputed)
        and (optional is None or f.optional is optional)
    ]


def _some(values: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(list(values)), min_size=1, max_size=3, unique=True).map(tuple)


def _about(kind: Any, disputed: bool | None) -> st.SearchStrategy[Expr]:
    fields = [f for f in _WORDS if disputed is None or f.disputed is disputed]
    return st.sampled_from(fields).flatmap(lambda f: st.builds(kind, st.just(f.path), _some(f.values)))


_NUMBERS = [f.path for f in _FIELDS if f.type is int]
_SPANS = [p for p in _NUMBERS if p.endswith("_seconds")]
_PARAM = {
    unit: [n for n, limit in REQUIRED.items() if limit.unit == unit] for unit in ("seconds", "permille", "switch")
}
_MOMENT = st.builds(Val, st.sampled_from(_paths(of=datetime)))
_SPAN = (
    st.builds(Param, st.sampled_from(_PARAM["seconds"]))
    | st.builds(Const, st.integers(1, 10**6))
    | st.builds(Val, st.sampled_from(_SPANS))
)
_TIME = _MOMENT | st.builds(Plus, _MOMENT, _SPAN)


def _number(unit: str) -> st.SearchStrategy[Term]:
    return st.builds(Val, st.sampled_from([p for p in _NUMBERS if unit_of(Val(p)) == unit]))


_FEN = _number("fen") | st.builds(Val, st.sampled_from([p for p in _RAW if p.endswith("_fen.value")]))
_SUM = st.recursive(
    _FEN,
    lambda inner: (
        st.builds(Plus, inner, inner)
        | st.builds(Minus, inner, st.builds(Const, st.integers(0, 10**6)))
        | st.builds(Times, inner, _number(""))
        | st.builds(Share, inner, _number(""), _number(""))
        | st.builds(Share, inner, st.builds(Param, st.sampled_from(_PARAM["permille"])), st.just(Const(1000)))
        | st.builds(Least, st.tuples(inner, inner))
        | st.builds(Most, st.tuples(inner, st.just(Const(0))))
    ),
    max_leaves=3,
)
_OP = st.sampled_from(["<", "<=", ">", ">=", "=="])
_COMPARES = (
    st.builds(Compare, _TIME, _OP, _TIME)
    | st.builds(Compare, _SUM, _OP, _SUM | st.builds(Const, st.integers(0, 10**6)))
    | st.builds(Compare, _number(""), _OP, _number("") | st.builds(Const, st.integers(0, 9)))
    | st.builds(Compare, _number("years"), _OP, st.builds(Const, st.integers(0, 90)))
    | st.builds(Compare, st.builds(Param, st.sampled_from(_PARAM["switch"])), st.just("=="), st.sampled_from(
        [Const(0), Const(1)]))
    | st.builds(
        Compare,
        st.builds(Times, _number(""), st.just(Const(1000))),
        _OP,
        st.builds(Times, _number(""), st.builds(Param, st.sampled_from(_PARAM["permille"]))),
    )
)  # fmt: skip
_LEAVES = (
    _about(In, disputed=False)
    | _about(Stands, disputed=True)
    | _about(Says, disputed=True)
    | st.builds(By, st.sampled_from(_paths(disputed=True)), _some(Source))
    | st.builds(Given, st.sampled_from(_paths(optional=True) + _RAW))
    | st.builds(Ref, st.sampled_from([c.id for c in CLAUSES]))
    | _COMPARES
)
_SAID = _about(Stands, disputed=True).flatmap(
    lambda said: st.tuples(st.just(said), st.builds(By, st.just(said.path), _some(Source)))  # type: ignore[union-attr]
)
_TREE: st.SearchStrategy[Expr] = st.recursive(
    _LEAVES | _SAID.map(And) | _SAID.map(lambda p: And((p[0], Not(p[1])))),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(Shown, inner)
        | st.lists(inner, max_size=3).map(lambda parts: And(tuple(parts)))
        | st.lists(inner, max_size=3).map(lambda parts: Or(tuple(parts)))
        | st.tuples(_SAID, inner).map(lambda p: And((*p[0], p[1])))
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(_TREE)
def test_any_sentence_reads_back_into_the_very_tree(tree: Expr) -> None:
    assert parse(sentence(tree, "en", BOOK.values)) == tree


@settings(max_examples=150, deadline=None)
@given(_TREE, _SUM, _SUM)
def test_any_amount_reads_back_into_the_very_term(test: Expr, then: Term, otherwise: Term) -> None:
    term = Choose(test, then, otherwise)
    assert parse_term(term_text(term, "en", BOOK.values)) == term


@settings(max_examples=150, deadline=None)
@given(_TREE, _TREE)
def test_different_trees_read_differently_in_chinese_too(one: Expr, other: Expr) -> None:
    same = sentence(one, "zh", BOOK.values) == sentence(other, "zh", BOOK.values)
    assert same == (one == other)


@settings(max_examples=150, deadline=None)
@given(_TREE)
def test_any_lines_read_back_into_the_tree(tree: Expr) -> None:
    assert parse_line(condition(tree, "en", BOOK.values)) == plain(tree)
    assert all(text for text in flat(condition(tree, "zh", BOOK.values)))


def test_a_finding_or_who_made_it_is_no_finding_told_in_one_breath() -> None:
    """Inside another list it stands in brackets, as any other choice."""
    kind = In("goods.kind", (GoodsKind.CARD_KEY,))
    choice = Or((Stands("goods.forbidden", (True,)), By("goods.forbidden", (Source.ISSUER,))))
    for tree in (Or((kind, choice)), Or((choice, kind)), And((kind, choice)), Not(choice), Shown(choice)):
        text = sentence(tree, "en", BOOK.values)
        assert parse(text) == tree and "(it is shown that the law forbids trade in it; or whether" in text, text


def test_what_has_no_words_is_refused() -> None:
    for tree in (Given("no.such"), In("claim.asked_fen", (1,)), In("claim.reason", ())):
        with pytest.raises((InvalidInput, KeyError)):
            sentence(tree, "en", BOOK.values)
    with pytest.raises(InvalidInput):
        sentence(And(()), "fr", BOOK.values)
    with pytest.raises(InvalidInput):
        sentence(TREES["promise.instant"], "en", {})


def test_the_words_of_an_example() -> None:
    assert sentence(TREES["no_reason.too_late"], "zh", BOOK.values) == (
        "符合第 8.1 条：只是不想要、买错了，按无理由退的规则；并且申请的时间已经过了送达后 8 天（无理由退的期限）。"
    )
