"""The address of a channel's pay page for a payment that was started."""

from datetime import datetime
from uuid import UUID

from liuhen.base.errors import InvalidInput
from liuhen.edge.context import Context


def must_have(ctx: Context, channel: str) -> str:
    """Raises InvalidInput for a channel that is not connected."""
    if channel not in ctx.app.channels:
        raise InvalidInput("there is no such channel", field="channel", reason="choice", known=sorted(ctx.app.channels))
    return channel


def pay_url(
    ctx: Context, channel: str, payment_id: UUID, amount_fen: int, expires_at: datetime, words: str, back: str
) -> str:
    """Parameters: words, what the payer reads; back, path of the page where his browser returns to."""
    address = ctx.app.settings.address
    return ctx.app.channels[channel].pay_url(
        payment_id=payment_id,
        amount_fen=amount_fen,
        subject=f"{ctx.app.settings.site_name} {words}"[:120],
        notify_url=f"{address}/callbacks/{channel}",
        return_url=f"{address}{back}",
        expires_at=expires_at,
    )
