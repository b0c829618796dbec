"""What issuers of keys call, signed by Standard Webhooks with the secret that the issuer got from an admin."""

from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath
from msgspec import UNSET

from liuhen.base.crypto import Purpose
from liuhen.base.errors import NotFound
from liuhen.catalog.model import issuer_place
from liuhen.edge.callbacks.verify_issuer import read_redemption
from liuhen.edge.context import Ctx
from liuhen.flows.trade.record_issuer_event import IssuerEvent, record_issuer_event
from liuhen.reads.issuers import secret_of
from liuhen.stock.seal import fp_from_sha256, serial_fingerprint


@post("/issuers/{issuer_id:uuid}", status_code=200, request_max_body_size=20_000)
async def issuer_event(ctx: Ctx, issuer_id: FromPath[UUID]) -> Response[Any]:
    """Only keyed fingerprints of what the issuer sent go further; neither serial nor digest is kept or logged."""
    async with ctx.db.read() as tx:
        sealed = await secret_of(tx, issuer_id)
    if sealed is None:
        raise NotFound("no such issuer")
    secret = ctx.app.keys.decrypt(Purpose.WEBHOOK, issuer_place(issuer_id), sealed).decode()
    event = read_redemption(ctx.request.headers, await ctx.request.body(), [secret], ctx.now)
    data = event.data
    done = await record_issuer_event(
        ctx.db,
        IssuerEvent(
            issuer_id=issuer_id,
            event_id=event.event_id,
            event=str(data.event),
            state=data.state,
            fp_exact=None if data.key_sha256 is UNSET else fp_from_sha256(ctx.app.keys, bytes.fromhex(data.key_sha256)),
            fp_serial=None if data.serial is UNSET else serial_fingerprint(ctx.app.keys, data.serial),
            value_fen=None if data.value_fen is UNSET else data.value_fen,
            remaining_fen=None if data.remaining_fen is UNSET else data.remaining_fen,
            occurred_at=data.occurred_at,
        ),
        now=ctx.now,
    )
    return Response({"recorded": done.recorded})


routes = [issuer_event]
