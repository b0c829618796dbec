"""Templates to pages. `render` for a route, `page_text` for anything that only needs the text.

Every template sees: the fields of View (now, lang, me, unread, csrf, site, path, flashes, counts), `ui` (all macros
of templates/parts under one name, no import needed), `links`, `consoles`, `icon`, `static`, the filters of FILTERS
and gettext. Undefined names are errors.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Response
from litestar.connection import ASGIConnection
from litestar.enums import MediaType
from markupsafe import Markup, escape

from liuhen.edge.web import wording
from liuhen.edge.web.guards import came_from, safe_next
from liuhen.edge.web.icons import icon
from liuhen.edge.web.messages import explain
from liuhen.edge.web.nav import CONSOLES, LINKS
from liuhen.edge.web.static_files import static
from liuhen.edge.web.translate import catalogue, unfilled
from liuhen.edge.web.view import View, view_of

TEMPLATES = Path(__file__).with_name("templates")


def _timed(write: Callable[[datetime, datetime, str], str]) -> Callable[[Context, datetime], Markup]:
    """A date filter: now and lang come from the page; the result never breaks over a line."""

    @pass_context
    def date_filter(context: Context, at: datetime) -> Markup:
        text = write(at, context["now"], context["lang"])
        return Markup('<time class="nb" datetime="{}">{}</time>').format(wording.iso(at), text)

    return date_filter


@pass_context
def _left(context: Context, at: datetime) -> str:
    return wording.span(abs(at - context["now"]), context["lang"])


@pass_context
def _span(context: Context, length: timedelta) -> str:
    return wording.span(length, context["lang"])


@pass_context
def _due(context: Context, at: datetime, start: datetime | None = None) -> wording.Due:
    return wording.due(at, context["now"], start, context["lang"])


def _money(fen: int, cls: str = "") -> Markup:
    sign = "−" if fen < 0 else ""
    classes = f"money {escape(cls)}" if cls else "money"
    return Markup(f'<span class="{classes}">{sign}<i>¥</i>{wording.yuan(abs(fen))}</span>')


FILTERS: dict[str, Callable[..., Any]] = {
    "day": _timed(wording.day),
    "day_time": _timed(wording.day_time),
    "month_day": _timed(wording.month_day),
    "short": _timed(wording.short),
    "exact": _timed(wording.exact),
    "near": _timed(wording.near),
    "left": _left,
    "span": _span,
    "due": _due,
    "money": _money,
    "money_text": wording.money_text,
    "yuan": wording.yuan,
    "num": wording.number,
    "percent": wording.percent,
    "size": wording.size,
    "iso": wording.iso,
    "attrs": lambda thing, *names: tuple(getattr(thing, name) for name in names),
}


@cache
def environment(lang: str) -> Environment:
    """The Jinja environment of one language. zh is the language of the msgids; en comes from the catalogue."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters.update(FILTERS)
    env.globals.update(links=LINKS, consoles=CONSOLES, icon=icon, svg_icon=icon, static=static)
    cast(Any, env).install_gettext_translations(catalogue(lang), newstyle=True)
    env.globals["gettext"] = _gettext(lang)
    return env


def _gettext(lang: str) -> Callable[..., str]:
    """What `_("…", n=n)` does in a template: the sentence as `translate` makes it, with its values escaped."""

    @pass_context
    def filled(context: Context, msgid: str, **values: Any) -> str:
        text = unfilled(lang, msgid, values)
        return (Markup(text) if context.eval_ctx.autoescape else text) % values

    return filled


@cache
def _macro_index(lang: str) -> dict[str, str]:
    """Macro name -> the file in templates/parts that holds it. Raises ValueError if two files share a name."""
    index: dict[str, str] = {}
    for path in sorted((TEMPLATES / "parts").glob("*.html")):
        name = f"parts/{path.name}"
        probe = {"now": None, "lang": lang, "ui": None}
        for macro in vars(environment(lang).get_template(name).make_module(probe)):
            if macro.startswith("_"):
                continue
            if macro in index:
                raise ValueError(f"macro {macro} stands in {index[macro]} and in {name}")
            index[macro] = name
    return index


class Ui:
    """All macros under one name, bound to one page's now, language and token: `ui.due(at, start)`."""

    def __init__(self, lang: str, shared: Mapping[str, Any]) -> None:
        self._lang = lang
        self._shared = {**shared, "ui": self}
        self._modules: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        file = _macro_index(self._lang).get(name)
        if file is None:
            raise AttributeError(f"no macro {name} in templates/parts")
        if file not in self._modules:
            template = environment(self._lang).get_template(file)
            self._modules[file] = template.make_module(self._shared)
        return getattr(self._modules[file], name)


def page_text(view: View, name: str, **values: Any) -> str:
    """The text of template `name` for this view. Raises jinja2 errors on an unknown template or name."""
    shared: dict[str, Any] = {key: getattr(view, key) for key in View.__slots__}
    ui = Ui(view.lang, shared)
    return environment(view.lang).get_template(name).render({**shared, "ui": ui, **values})


def render(
    request: ASGIConnection[Any, Any, Any, Any],
    name: str,
    *,
    status_code: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> Response[str]:
    """A page as an answer: `return render(request, "buyer/order.html", order=order)`."""
    text = page_text(view_of(request), name, **values)
    head = {"Cache-Control": "no-store", **(headers or {})}
    return Response(content=text, media_type=MediaType.HTML, status_code=status_code, headers=head)


def error_page(
    request: ASGIConnection[Any, Any, Any, Any],
    *,
    status_code: int,
    code: str,
    number: str = "",
    data: Mapping[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    unsent: Sequence[str] = (),
) -> Response[str]:
    """The page for a refusal or a failure. number: the id of the log line, shown so that support can find it;
    unsent: what had been written into the form that was refused."""
    said = explain(code, status_code, view_of(request).lang, data)
    values = {"status": status_code, "code": code, "said": said, "number": number, "back": _back(request)}
    return render(request, "errors.html", status_code=status_code, headers=headers, unsent=unsent, **values)


def _back(request: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The page it came from, if that is ours; else this address, if it can be opened again; else the market."""
    came = came_from(request)
    if came.netloc and came.netloc == request.headers.get("host"):
        return safe_next(came.path + (f"?{came.query}" if came.query else ""), LINKS["market"])
    return safe_next(request.scope["path"] if request.scope.get("method") == "GET" else "", LINKS["market"])
