"""Payment channels as pages name them, and the addresses that a channel is given."""

from uuid import UUID

from liuhen.edge.context import Context
from liuhen.edge.web.translate import translate


def _(msgid: str) -> str:
    return msgid  # marks the word for extraction


LABELS: dict[str, str] = {"sandbox": _("演示支付渠道")}
"""By the name that payments remember. A channel without words shows its name."""


def label(channel: str) -> str:
    """The msgid of a channel's name."""
    return LABELS.get(channel, channel)


def channel_name(channel: str, lang: str) -> str:
    """A channel's name in a language."""
    return translate(lang, label(channel))


def notify_url(ctx: Context, channel: str) -> str:
    """Where the channel's signed callbacks go."""
    return f"{ctx.app.settings.address}/callbacks/{channel}"


def return_url(ctx: Context, path: str) -> str:
    """Where the browser comes back to; its arrival proves nothing."""
    return f"{ctx.app.settings.address}{path}"


def subject(ctx: Context, words: str, id: UUID | str) -> str:
    """What the payer reads at the channel: one line of at most 120 characters."""
    return f"{ctx.app.settings.site_name} {words} {id}"[:120]
