"""What was erased after its time, what is held beyond it, and how far a key rotation has come. Commands act."""

from typing import Any

from litestar import Response, get

from liuhen.base.sealed import progress
from liuhen.edge.context import Ctx
from liuhen.edge.web.forms import blank
from liuhen.edge.web.guards import needs_admin
from liuhen.reads.keys import known_versions
from liuhen.reads.retention import erased, holds

SHOWN = 100


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


KINDS = {
    "card_keys": _("看过的卡密"),
    "deliveries": _("交付的内容"),
    "look_reasons": _("查看理由"),
    "notes": _("说明"),
    "pictures": _("图片"),
    "statements": _("退款陈述"),
    "targets": _("充值对象"),
    "use_notes": _("使用说明"),
}
COLUMNS = {
    "stock_key.sealed": _("卡密"),
    "hand_delivery.text_sealed": _("手工交付"),
    "stock_import.staged": _("待确认的上传"),
    "issuer.secret_sealed": _("发行方密钥"),
    "totp_factor.secret_sealed": _("两步验证密钥"),
}


@get("/admin/upkeep", guards=[needs_admin])
async def upkeep(ctx: Ctx) -> Response[Any]:
    """One page; nothing on it is a secret."""
    async with ctx.db.read() as tx:
        gone, held = await erased(tx, SHOWN), await holds(tx, SHOWN)
        versions, columns = await known_versions(tx), await progress(tx)
    return blank(
        ctx,
        "admin/upkeep.html",
        erased=gone,
        holds=held,
        versions=versions,
        newest=ctx.app.keys.newest,
        columns=columns,
        kinds=KINDS,
        names=COLUMNS,
        days=ctx.app.settings.retention_days,
    )


routes = [upkeep]
