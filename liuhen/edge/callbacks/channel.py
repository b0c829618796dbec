"""What payment channels call: verified here, acted on once by a flow."""

from typing import Any

from litestar import Response, post
from litestar.enums import MediaType
from litestar.params import FromPath

from liuhen.base.errors import NotFound
from liuhen.edge.context import Ctx
from liuhen.flows.funds.settle_refund import settle_refund
from liuhen.flows.trade.confirm_payment import confirm_payment
from liuhen.payments.port import PaymentCaptured


@post("/{channel:str}", status_code=200, media_type=MediaType.TEXT, request_max_body_size=20_000)
async def channel_event(ctx: Ctx, channel: FromPath[str]) -> Response[Any]:
    """Answers SUCCESS once the event is stored and carried out, also when it came before."""
    client = ctx.app.channels.get(channel)
    if client is None:
        raise NotFound("no such channel")
    body = await ctx.request.body()
    event = client.parse_event(ctx.request.headers, body, ctx.now)
    if isinstance(event, PaymentCaptured):
        await confirm_payment(ctx.db, channel, event, body=body, rules=ctx.app.rules, now=ctx.now)
    else:
        await settle_refund(ctx.db, channel, event, body=body, now=ctx.now)
    return Response("SUCCESS", media_type=MediaType.TEXT)


routes = [channel_event]
