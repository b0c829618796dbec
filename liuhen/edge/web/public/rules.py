"""The rules as pages, made from the data that decides: every version, a search, what differs between two."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import MediaType
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from liuhen.base.errors import LiuhenError, NotFound
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import wording
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import blank, form, once_from, refill
from liuhen.edge.web.guards import needs_party
from liuhen.edge.web.public import rule_words as words
from liuhen.edge.web.public.rule_changes import changes_of
from liuhen.edge.web.public.rule_print import chapters_of, find, lines_of, minute_of, order_of, values_of
from liuhen.edge.web.render import page_text, render
from liuhen.edge.web.rule_stages import STAGES
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.flows.people.comment_on_rules import MAX_COMMENT, CommentOnRules, comment_on_rules
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.rulebook_line import OPEN_TO_WORDS, Stage, follows, shown, stage_of
from liuhen.reads import rule_comments
from liuhen.reads.rule_comments import RuleComment


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


_PAGE = "public/rules.html"
Search = Annotated[str, QueryParameter(max_length=200)]


class CommentForm(Struct):
    text: Annotated[str, Meta(title=_("意见"), min_length=1, max_length=MAX_COMMENT)]


@get("/rules")
async def rules(ctx: Ctx, q: Search = "") -> Response[Any]:
    """The version in force; with `q` what of it holds these words."""
    return blank(ctx, _PAGE, **await _all(ctx, ctx.app.rulebook(ctx.now), q))


@get("/rules/{version:str}")
async def one_version(ctx: Ctx, version: FromPath[str], q: Search = "") -> Response[Any]:
    """A version past, present or to come (平台规则办法 15: all of three years stay readable). Raises NotFound."""
    return blank(ctx, _PAGE, **await _all(ctx, _version(ctx, version), q))


@post("/rules/{version:str}/comments", guards=[needs_party])
async def comment(ctx: Ctx, version: FromPath[str]) -> Response[Any]:
    """Words on a version that is not in force yet."""
    try:
        given = await form(ctx.request, CommentForm)
        cmd = CommentOnRules(party_id=ctx.me, version=version, text=given.text)
        await comment_on_rules(ctx.db, cmd, rulebooks=ctx.app.rulebooks, now=ctx.now, once=await once_from(ctx))
    except NotFound:
        raise
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _all(ctx, _version(ctx, version)))
    return go(ctx, f"/rules/{version}#comment", translate(view_of(ctx.request).lang, _("意见已记下")))


@get("/rules/{version:str}/text")
async def whole_text(ctx: Ctx, version: FromPath[str]) -> Response[Any]:
    """The whole text as one file to keep (电商法 33). Raises NotFound."""
    book = _version(ctx, version)
    text = page_text(
        view_of(ctx.request), "public/rules_text.html", days=_days(ctx, book), lines_of=lines_of, **_values(ctx, book)
    )
    name = f'attachment; filename="liuhen-rules-{book.version}.txt"'
    return Response(text, media_type=MediaType.TEXT, headers={"Content-Disposition": name})


@get("/rules/{old:str}/diff/{new:str}")
async def difference(ctx: Ctx, old: FromPath[str], new: FromPath[str]) -> Response[Any]:
    """What changes from one version to another, and why. Raises NotFound."""
    before, after = _version(ctx, old), _version(ctx, new)
    lang = view_of(ctx.request).lang
    return render(
        ctx.request,
        "public/rules_diff.html",
        old=before,
        book=after,
        changes=changes_of(before, after, lang),
        **_line(ctx, after),
    )


async def _all(ctx: Context, book: Rulebook, q: str = "") -> dict[str, Any]:
    """All that the page shows: the version, what a search finds in it, the visitor's own comments."""
    values = _values(ctx, book)
    asked = " ".join("".join(char if char.isprintable() else " " for char in q).split())[:100]
    found = find(asked, values["values"], values["chapters"]) if asked else None
    mine: tuple[RuleComment, ...] = ()
    if ctx.visitor.party_id is not None and values["stages"][book.version] not in (Stage.IN_FORCE, Stage.PAST):
        async with ctx.db.read() as tx:
            mine = await rule_comments.mine(tx, ctx.me, book.version)
    return {**values, "found": found, "mine": mine, "most": MAX_COMMENT}


def _version(ctx: Context, version: str) -> Rulebook:
    for book in shown(ctx.app.rulebooks, ctx.now):
        if book.version == version:
            return book
    raise NotFound("no such rulebook")


def _line(ctx: Context, book: Rulebook) -> dict[str, Any]:
    """All versions that may be read, newest first, with their stage and the version each follows."""
    line = shown(ctx.app.rulebooks, ctx.now)
    before = {one.version: earlier for one in line if (earlier := follows(one, line)) is not None}
    return {
        "current": ctx.app.rulebook(ctx.now),
        "books": tuple(reversed(line)),
        "stages": {one.version: stage_of(one, line, ctx.now) for one in line},
        "stage_words": STAGES,
        "open_to_words": stage_of(book, line, ctx.now) in OPEN_TO_WORDS,
        "before": before,
        "previous": before.get(book.version),
    }


def _days(ctx: Context, book: Rulebook) -> dict[str, str]:
    """The dates of a version, and of this reading, as a file keeps them: 2027-01-01 00:00, in China."""
    dates = {
        "comment_from": book.comment_from,
        "comment_until": book.comment_until,
        "published_at": book.published_at,
        "effective_from": book.effective_from,
        "read": ctx.now,
    }
    return {name: f"{wording.local(at):%Y-%m-%d %H:%M}" for name, at in dates.items() if at is not None}


def _values(ctx: Context, book: Rulebook) -> dict[str, Any]:
    lang = view_of(ctx.request).lang
    return {
        "book": book,
        "values": values_of(book, lang),
        "chapters": chapters_of(book, lang),
        "minute": minute_of(book, lang),
        "glossary": words.GLOSSARY,
        "order": order_of(book, lang),
        **_line(ctx, book),
    }


routes = [rules, one_version, comment, whole_text, difference]
