"""The rulebook as a readable page, made from the data that decides: values with sources, clauses by layer."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.enums import MediaType
from litestar.params import FromPath

from liuhen.base.errors import NotFound
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web.public import rule_words as words
from liuhen.edge.web.render import page_text, render
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.policy import explain
from liuhen.policy.clauses.clause import Clause, Layer
from liuhen.policy.clauses.registry import CLAUSES, NUMBERS, PRECEDENCE
from liuhen.policy.expr import params
from liuhen.policy.law import cite_text
from liuhen.policy.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the rulebook. source: where it comes from, as the data says."""

    name: str
    label: str
    text: str
    source: str
    contested: bool


@dataclass(frozen=True, slots=True)
class Article:
    """One clause as printed. rows: (term, answer)."""

    number: str
    title: str
    rows: tuple[tuple[str, str], ...]
    cites: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One layer of clauses. number: of the first part of its articles' numbers."""

    number: str
    title: str
    articles: tuple[Article, ...]


@get("/rules")
async def rules(ctx: Ctx) -> Response[Any]:
    """The version in force."""
    return render(ctx.request, "public/rules.html", **_values(ctx, ctx.app.rulebook(ctx.now)))


@get("/rules/{version:str}")
async def one_version(ctx: Ctx, version: FromPath[str]) -> Response[Any]:
    """A version past, present or to come (平台规则办法 15: all of three years stay readable). Raises NotFound."""
    return render(ctx.request, "public/rules.html", **_values(ctx, _version(ctx, version)))


@get("/rules/{version:str}/text")
async def whole_text(ctx: Ctx, version: FromPath[str]) -> Response[Any]:
    """The whole text as one file to keep (电商法 33). Raises NotFound."""
    book = _version(ctx, version)
    text = page_text(view_of(ctx.request), "public/rules_text.html", **_values(ctx, book))
    name = f'attachment; filename="liuhen-rules-{book.version}.txt"'
    return Response(text, media_type=MediaType.TEXT, headers={"Content-Disposition": name})


def _version(ctx: Context, version: str) -> Rulebook:
    for book in ctx.app.rulebooks:
        if book.version == version:
            return book
    raise NotFound("no such rulebook")


def _values(ctx: Context, book: Rulebook) -> dict[str, Any]:
    lang = view_of(ctx.request).lang
    return {
        "book": book,
        "current": ctx.app.rulebook(ctx.now),
        "books": tuple(reversed(ctx.app.rulebooks)),
        "values": values_of(book, lang),
        "chapters": chapters_of(book, lang),
        "order": tuple((NUMBERS[id], explain.title(id, lang, book.values, "other")) for id in PRECEDENCE),
    }


def values_of(book: Rulebook, lang: str) -> tuple[Value, ...]:
    """All values of a rulebook in words."""
    return tuple(
        Value(name, translate(lang, words.VALUES[name]), _amount(book, name, lang), param.source, param.contested)
        for name, param in book.params.items()
    )


def chapters_of(book: Rulebook, lang: str) -> tuple[Chapter, ...]:
    """All clauses, layer by layer, in the order in which they are read."""
    chapters = []
    for place, layer in enumerate(Layer, 1):
        articles = tuple(_article(clause, book, lang) for clause in CLAUSES if clause.layer is layer)
        chapters.append(Chapter(str(place), translate(lang, words.LAYERS[layer]), articles))
    return tuple(chapters)


def _article(clause: Clause, book: Rulebook, lang: str) -> Article:
    def say(msgid: str) -> str:
        return translate(lang, msgid)

    terms = words.TERMS
    rows: list[tuple[str, str]] = []
    effect = clause.effect
    if effect is not None and clause.id in PRECEDENCE:
        rows.append((say(terms["result"]), say(words.RESULTS[effect.outcome.value, effect.step.kind.value])))
        rows.append((say(terms["decider"]), say(words.DECIDERS[effect.decided_by])))
        if effect.step.limit:
            rows.append((say(terms["limit"]), _limit(book, effect.step.limit, lang)))
        if effect.step.on_expiry:
            rows.append((say(terms["expiry"]), say(words.EXPIRIES[effect.step.on_expiry])))
    used = [name for name in params(clause.when) if book.params[name].unit != "switch"]
    if used:
        listed = [f"{say(words.VALUES[name])} {_amount(book, name, lang)}" for name in used]
        rows.append((say(terms["values"]), say(words.AND).join(listed)))
    if clause.burden in words.BURDENS:
        rows.append((say(terms["burden"]), say(words.BURDENS[clause.burden])))
    return Article(
        number=NUMBERS[clause.id],
        title=explain.title(clause.id, lang, book.values, "other"),
        rows=tuple(rows),
        cites=tuple((cite_text(cite, lang), "#law") for cite in clause.cites),
    )


def _limit(book: Rulebook, name: str, lang: str) -> str:
    if name in book.params:
        return _amount(book, name, lang)
    return translate(lang, words.VALUES[name])


def _amount(book: Rulebook, name: str, lang: str) -> str:
    """A value with its unit: 24 小时, 3 个工作日, or what a switch means."""
    param = book.params[name]
    if param.unit == "switch":
        return translate(lang, words.SWITCHES[name][1 if param.value else 0])
    if param.unit == "workdays":
        return translate(lang, words.WORKDAYS, n=param.value)
    return explain.duration(param.value, lang)


routes = [rules, one_version, whole_text]
