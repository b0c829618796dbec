"""Offers as tickets: what the market, a shop's page and the check-out all show in the same way."""

from collections.abc import Iterable
from dataclasses import dataclass

from liuhen.edge.web.kinds import KindWords, kind_words
from liuhen.edge.web.wording import yuan
from liuhen.reads.market import Offer


@dataclass(frozen=True, slots=True)
class Ticket:
    """An offer with the words of its kind. face: large figures without needless decimals, "" if none is stated."""

    offer: Offer
    words: KindWords
    face: str


def shown(offers: Iterable[Offer]) -> tuple[Ticket, ...]:
    """The offers as their cards show them."""
    return tuple(Ticket(offer, kind_words(offer.kind), face_text(offer.face_value_fen)) for offer in offers)


def face_text(fen: int | None) -> str:
    """10000 fen -> 100; 9950 fen -> 99.50; None -> ""."""
    return yuan(fen).removesuffix(".00") if fen is not None else ""
