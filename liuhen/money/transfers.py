"""Which transfers each act of money is made of. Pure: the ledger posts what these functions return.

`ref` names the thing that moves money (payment, refund, unit); the ledger refuses the same act for the same ref twice.
"""

from dataclasses import dataclass
from uuid import UUID

from liuhen.money.accounts import AccountKind as A
from liuhen.money.amount import Fen, prefix_share


@dataclass(frozen=True, slots=True)
class Transfer:
    """One debit and one credit of `amount` fen (> 0) in one book."""

    book_id: UUID
    debit: A
    credit: A
    amount: Fen
    kind: str
    ref: UUID


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one unit's money has gone: price, fee and what was refunded of it, in fen."""

    price: Fen
    fee: Fen
    refunded: Fen
    released: bool


def capture(book: UUID, amount: Fen, payment: UUID) -> list[Transfer]:
    """A channel payment for an order arrived: held in escrow."""
    return [Transfer(book, A.CHANNEL_CLEARING, A.ESCROW, amount, "CAPTURE", payment)]


def capture_late(book: UUID, amount: Fen, payment: UUID) -> list[Transfer]:
    """A channel payment arrived for an order that can't be fulfilled any more: due back at once."""
    return [Transfer(book, A.CHANNEL_CLEARING, A.REFUND_DUE, amount, "CAPTURE_LATE", payment)]


def top_up(book: UUID, amount: Fen, payment: UUID) -> list[Transfer]:
    return [Transfer(book, A.CHANNEL_CLEARING, A.BUYER_BALANCE, amount, "TOP_UP", payment)]


def pay_from_balance(buyer: UUID, seller: UUID, amount: Fen, payment: UUID) -> list[Transfer]:
    """The hold: two books, two rows, one movement."""
    return [
        Transfer(buyer, A.BUYER_BALANCE, A.IN_TRANSIT, amount, "PAY", payment),
        Transfer(seller, A.IN_TRANSIT, A.ESCROW, amount, "HOLD", payment),
    ]


def fee_left(unit: Standing) -> Fen:
    """The platform's fee on what was not refunded; parts of a fee sum to the fee exactly."""
    return unit.fee - prefix_share(unit.fee, unit.refunded, unit.price)


def release(book: UUID, unit_id: UUID, unit: Standing, debt: Fen) -> list[Transfer]:
    """The seller is paid for one unit, less the fee, less what he owes.

    Parameters: debt, what the seller owes before this, in fen.
    """
    rest = unit.price - unit.refunded
    fee = fee_left(unit)
    found = [
        Transfer(book, A.ESCROW, A.SELLER_PAYABLE, rest - fee, "RELEASE", unit_id),
        Transfer(book, A.ESCROW, A.PLATFORM_FEE, fee, "FEE", unit_id),
        Transfer(book, A.SELLER_PAYABLE, A.SELLER_DEBT, min(debt, rest - fee), "RECOVER", unit_id),
    ]
    return [transfer for transfer in found if transfer.amount]


def gather_refund(book: UUID, ref: UUID, unit: Standing, amount: Fen, payable: Fen, into: A) -> list[Transfer]:
    """Where `amount` of a refund for one unit comes from: escrow, or after release the fee, the seller, his debt.

    Parameters: payable, what the seller has free now, in fen; into, IN_TRANSIT or REFUND_DUE.
    """
    if not unit.released:
        return [Transfer(book, A.ESCROW, into, amount, "GIVE_BACK", ref)]
    fee = prefix_share(unit.fee, unit.refunded + amount, unit.price) - prefix_share(unit.fee, unit.refunded, unit.price)
    from_seller = min(payable, amount - fee)
    found = [
        Transfer(book, A.PLATFORM_FEE, into, fee, "GIVE_BACK_FEE", ref),
        Transfer(book, A.SELLER_PAYABLE, into, from_seller, "TAKE_BACK", ref),
        Transfer(book, A.SELLER_DEBT, into, amount - fee - from_seller, "OWE", ref),
    ]
    return [transfer for transfer in found if transfer.amount]


def into_balance(book: UUID, amount: Fen, refund: UUID) -> list[Transfer]:
    """The receiving half of a refund that goes to the buyer's balance."""
    return [Transfer(book, A.IN_TRANSIT, A.BUYER_BALANCE, amount, "REFUND_IN", refund)]


def pay_out(book: UUID, amount: Fen, refund: UUID) -> list[Transfer]:
    """Balance on its way back over the channel it came from."""
    return [Transfer(book, A.BUYER_BALANCE, A.REFUND_DUE, amount, "PAY_OUT", refund)]


def arrived(book: UUID, amount: Fen, refund: UUID) -> list[Transfer]:
    """The channel says that a refund reached the buyer."""
    return [Transfer(book, A.REFUND_DUE, A.CHANNEL_CLEARING, amount, "ARRIVED", refund)]


def bounced_payout(book: UUID, amount: Fen, refund: UUID) -> list[Transfer]:
    """The channel can't pay a payout: the money is back in the balance."""
    return [Transfer(book, A.REFUND_DUE, A.BUYER_BALANCE, amount, "BOUNCED", refund)]


def arrived_after_all(book: UUID, amount: Fen, balance: Fen, payable: Fen, refund: UUID) -> list[Transfer]:
    """A payout that had bounced reached its buyer all the same: he has the money twice, so he gives it back.

    Parameters: balance and payable, what he has now, in fen; what is missing stands as his debt.
    """
    taken = min(amount, balance)
    earned = min(amount - taken, payable)
    found = [
        Transfer(book, A.BUYER_BALANCE, A.REFUND_DUE, taken, "PAY_OUT_AGAIN", refund),
        Transfer(book, A.SELLER_PAYABLE, A.REFUND_DUE, earned, "TAKE_BACK", refund),
        Transfer(book, A.SELLER_DEBT, A.REFUND_DUE, amount - taken - earned, "OWE", refund),
    ]
    return [transfer for transfer in found if transfer.amount]


def earn(book: UUID, amount: Fen, ref: UUID) -> list[Transfer]:
    """A seller moves what is free to his own balance."""
    return [Transfer(book, A.SELLER_PAYABLE, A.BUYER_BALANCE, amount, "EARN", ref)]
