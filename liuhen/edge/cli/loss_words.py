"""A lost master key in plain words: what is gone, what still works, what to do."""

from collections.abc import Iterator

from liuhen.reads.key_loss import Loss

_GONE = (
    ("unsold", "unsold card keys cannot be read any more: their sellers import them again"),
    ("unopened", "sold card keys that nobody has opened cannot be delivered: their buyers are refunded"),
    ("opened", "card keys that their buyers have seen cannot be shown again"),
    ("gone", "card keys that are void or retired cannot be looked at any more"),
    ("deliveries", "texts delivered by hand cannot be shown again"),
    ("uploads", "uploads of keys that waited for their seller's yes are to be uploaded again"),
    ("issuers", "issuers cannot report any more: add each again and hand it its new secret"),
    ("authenticators", "authenticator secrets are lost: these people set up their second factor again"),
    ("sessions", "sessions are over: their owners sign in again with their passwords"),
    ("tokens", "API tokens are void: their owners make new ones"),
    ("recovery_codes", "recovery codes are void: a forgotten password needs liuhen reset-link"),
)


def loss_lines(loss: Loss) -> Iterator[str]:
    """One line per thing that is lost, with its number, and then what stays."""
    if loss.nothing:
        yield "The master keys fit: everything that is sealed can be read."
        return
    yield "LOST without the master keys that are missing here:"
    for name, words in _GONE:
        count = getattr(loss, name)
        if count:
            yield f"  {count} {words}"
    if loss.lookups_lost:
        yield "  a card key that was imported before is not recognised as a duplicate, nor is what an issuer says of it"
    yield "STILL THERE: orders, money, refunds, evidence chains, pictures, words of the parties, logins and passwords."
    yield "If a copy of the keys turns up, put it in place before anything else."
    yield "If none exists any more: liuhen keys give-up begins with a new key and takes what is lost off sale."
