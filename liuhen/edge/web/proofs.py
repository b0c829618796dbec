"""The form that shows a second factor, on the way in and before a change: one field for all codes, or a passkey."""

from typing import Annotated, Any

from litestar import Response
from litestar.enums import MediaType
from msgspec import Meta, Struct

from liuhen.base.errors import InvalidInput
from liuhen.edge.context import Context
from liuhen.factors.model import ANSWER_MOST, Proof, Way
from liuhen.flows.people.ask_passkey import AskPasskey, ask_passkey


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


WAYS: dict[str, str] = {
    Way.TOTP: _("动态码"),
    Way.PASSKEY: _("通行密钥"),
    Way.BACKUP_CODE: _("备用码"),
}


class ProofForm(Struct):
    """code: of the authenticator or a backup code; answer: a passkey's. One of them."""

    code: Annotated[str, Meta(title=_("动态码或备用码"), max_length=40)] = ""
    answer: Annotated[str, Meta(max_length=ANSWER_MOST)] = ""


def proof_of(given: ProofForm) -> Proof:
    """Raises InvalidInput where nothing was shown."""
    if not given.code and not given.answer:
        raise InvalidInput("a code or a passkey", field="code", reason="missing")
    return Proof(code=given.code, passkey=given.answer)


async def ask(ctx: Context, cmd: AskPasskey) -> Response[Any]:
    """The question as JSON, for passkey.js."""
    asked = await ask_passkey(
        ctx.db, cmd, now=ctx.now, keys=ctx.app.keys, place=ctx.app.place, site=ctx.app.settings.site_name
    )
    return Response(asked.options, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})
