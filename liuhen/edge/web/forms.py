"""From a sent form to a struct, and back to the form with its mistakes.

    class ThingForm(msgspec.Struct):
        name: Annotated[str, Meta(title="名称", min_length=2, max_length=60)]
        price: Annotated[Yuan, Meta(title="价格")]          # "98.00" -> 9800 fen
        agree: Agreed                                        # a box that must be ticked
        pictures: list[UploadFile] = []

    @post("/things")
    async def add(ctx: Ctx) -> Response[Any]:
        try:
            given = await form(ctx.request, ThingForm)
            made = await add_thing(ctx.db, AddThing(...), now=ctx.now, once=await once_from(ctx))
        except LiuhenError as error:
            return await refill(ctx, "seller/thing.html", error, choices=...)
        return go(ctx, f"/things/{made.no}", _("已添加"))

A GET renders the same template through `blank(ctx, "seller/thing.html", ...)`. Templates then know `typed` (what was
typed: `typed.name`, "" where nothing was; secrets left out), `errors` (sentence by field: `errors.name`, "" where
none; also what `ui.error_summary(errors)` takes) and `once`, the value of the hidden field:
`{% call ui.form("/things", {"once": once}) %}{{ ui.field("name", _("名称"), typed.name, errors.name) }}`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import msgspec
from litestar import Response
from litestar.connection import Request
from litestar.datastructures import UploadFile
from litestar.datastructures.multi_dicts import FormMultiDict

from liuhen.base.errors import InvalidInput, LiuhenError
from liuhen.edge.context import Ctx
from liuhen.edge.once import once_from
from liuhen.edge.problems import status_of
from liuhen.edge.web.mistakes import mistakes_of
from liuhen.edge.web.render import render
from liuhen.edge.web.view import view_of
from liuhen.money.amount import parse as parse_yuan

__all__ = ["NOTHING", "Agreed", "Texts", "Yuan", "blank", "form", "once_from", "prefilled", "refill"]

S = TypeVar("S", bound=msgspec.Struct)
MOST_CHARACTERS = 20_000
_SECRET_WORDS = ("password", "code", "token", "secret", "csrf", "once")
_TRUE = frozenset({"on", "1", "true", "yes"})


class _Marker:
    """Tells a type of ours from a plain one inside Annotated."""

    def __init__(self, name: str) -> None:
        self.name = name


_YUAN, _AGREED = _Marker("yuan"), _Marker("agreed")
Yuan = Annotated[int, _YUAN]
"""An amount typed in yuan ("98", "98.5", "98.00"), kept in fen."""
Agreed = Annotated[bool, _AGREED]
"""A box that must be ticked; it is never ticked for anybody."""


class Texts(Mapping[str, str]):
    """Texts by name; "" where there is none, so that templates need no test."""

    def __init__(self, texts: Mapping[str, list[str]]) -> None:
        self._texts = texts

    def __getattr__(self, name: str) -> str:
        return self[name]

    def __getitem__(self, name: str) -> str:
        found = self._texts.get(name)
        return found[0] if found else ""

    def __iter__(self) -> Any:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def over(self, begin: "Texts") -> "Texts":
        """These texts, and those of `begin` under other names."""
        return Texts({**begin._texts, **self._texts})

    def all_of(self, name: str) -> list[str]:
        """All values sent under one name (boxes)."""
        return self._texts.get(name, [])


NOTHING = Texts({})


async def form(request: Request[Any, Any, Any], kind: type[S]) -> S:
    """The form as `kind`. Every field is tried, so that all mistakes are told at once.

    Raises InvalidInput with data["mistakes"] = [(field, title, reason, data), ...].
    """
    sent = await request.form()
    values: dict[str, Any] = {}
    mistakes: list[tuple[str, str, str, dict[str, Any]]] = []
    for field in msgspec.structs.fields(kind):
        try:
            found = _field(sent, field)
        except InvalidInput as error:
            data = {key: value for key, value in error.data.items() if key != "reason"}
            mistakes.append((field.encode_name, _title(field.type), error.data["reason"], data))
        else:
            if found is not msgspec.UNSET:
                values[field.name] = found
    if mistakes:
        raise InvalidInput("the form has mistakes", mistakes=mistakes)
    return kind(**values)


async def refill(ctx: Ctx, template: str, error: LiuhenError, begin: Texts = NOTHING, **values: Any) -> Response[str]:
    """The form again: with what was typed, what was wrong, and the error's status. A new `once` comes with it.

    begin: what fields of the page's other forms begin with.
    """
    mistakes = mistakes_of(error, view_of(ctx.request).lang)
    ctx.request.scope["state"]["refused"] = error.code
    return render(
        ctx.request,
        template,
        status_code=status_of(error),
        typed=(await typed(ctx.request)).over(begin),
        errors=Texts({item.field: [item.text] for item in mistakes}),
        once=ctx.new_once(),
        **values,
    )


def blank(ctx: Ctx, template: str, **values: Any) -> Response[str]:
    """The form before anything was typed. Pass `typed=Texts({"name": ["…"]})` to begin with something."""
    known: dict[str, Any] = {"typed": NOTHING, "errors": NOTHING, "once": ctx.new_once()}
    return render(ctx.request, template, **{**known, **values})


def prefilled(**values: Any) -> Texts:
    """What an edit form begins with."""
    return Texts({name: [str(item) for item in (v if isinstance(v, list) else [v])] for name, v in values.items()})


async def typed(request: Request[Any, Any, Any]) -> Texts:
    """What was typed, without files and without anything secret."""
    kept: dict[str, list[str]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str) and not is_secret(name):
            kept.setdefault(name, []).append(value[:MOST_CHARACTERS])
    return Texts(kept)


def is_secret(name: str) -> bool:
    """A field whose text no page gives back, not even to who has just sent it."""
    return any(word in name for word in _SECRET_WORDS)


def _field(sent: FormMultiDict, field: msgspec.structs.FieldInfo) -> Any:
    """One field's value, UNSET where its default applies. Raises InvalidInput with a reason."""
    name, kind, marks = field.encode_name, *_unwrapped(field.type)
    given = [value for value in sent.getall(name, []) if not _empty(value)]
    if any(mark is _AGREED for mark in marks):
        if not given or str(given[0]) not in _TRUE:
            raise InvalidInput(reason="must_agree")
        return True
    if kind is bool:
        return bool(given) and str(given[0]) in _TRUE
    if not given:
        if field.required:
            raise InvalidInput(reason="missing")
        return msgspec.UNSET
    if get_origin(kind) in (list, tuple, frozenset, set) or kind in (list, tuple):
        return _converted([_text(name, value) for value in given], field.type)
    value = _text(name, given[0])
    if any(mark is _YUAN for mark in marks):
        try:
            value = parse_yuan(value)
        except InvalidInput as error:
            raise InvalidInput(reason="money") from error
    return _converted(value, field.type)


def _converted(value: Any, kind: Any) -> Any:
    if isinstance(value, UploadFile) or (isinstance(value, list) and any(isinstance(v, UploadFile) for v in value)):
        return value
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _reason(str(error), kind) from error


def _reason(message: str, kind: Any) -> InvalidInput:
    """msgspec's sentence as a reason of ours with the limit that was broken."""
    plain, marks = _unwrapped(kind)
    meta = next((mark for mark in marks if isinstance(mark, msgspec.Meta)), msgspec.Meta())
    if "length" in message and plain is str:
        if meta.min_length is not None and meta.max_length is not None:
            return InvalidInput(reason="length", least=meta.min_length, most=meta.max_length)
        if meta.min_length is not None:
            return InvalidInput(reason="too_short", least=meta.min_length)
        return InvalidInput(reason="too_long", most=meta.max_length)
    if ">=" in message or "<=" in message:
        small = ">=" in message
        return InvalidInput(reason="too_small" if small else "too_big", least=meta.ge, most=meta.le)
    if "matching regex" in message:
        return InvalidInput(reason="pattern")
    if get_origin(plain) is Literal or (isinstance(plain, type) and issubclass(plain, Enum)):
        return InvalidInput(reason="choice")
    reasons = {int: "whole_number", datetime: "date_time"}
    return InvalidInput(reason=reasons.get(plain, "not_understood"))


def _unwrapped(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type under Annotated and `| None`, and all marks on the way."""
    marks: tuple[Any, ...] = ()
    while True:
        if get_origin(kind) is Annotated:
            marks += get_args(kind)[1:]
            kind = get_args(kind)[0]
            continue
        inner = [item for item in get_args(kind) if item is not type(None)]
        if type(None) in get_args(kind) and len(inner) == 1:
            kind = inner[0]
            continue
        return kind, marks


def _title(kind: Any) -> str:
    return next((m.title for m in _unwrapped(kind)[1] if isinstance(m, msgspec.Meta) and m.title), "")


def _empty(value: Any) -> bool:
    return not value.filename if isinstance(value, UploadFile) else not str(value).strip()


def _text(name: str, value: Any) -> Any:
    """Outer blanks go, except in a password; line ends become one kind. Files pass."""
    if not isinstance(value, str):
        return value
    if len(value) > MOST_CHARACTERS:
        raise InvalidInput(reason="too_long", most=MOST_CHARACTERS)
    plain = value.replace("\r\n", "\n")
    return plain if "password" in name else plain.strip()
