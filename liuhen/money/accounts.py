"""The ledger accounts that every book has. balance = credits - debits, so what is owed to someone is positive."""

from enum import StrEnum


class AccountKind(StrEnum):
    """buyer_balance: owed to the party, spendable · escrow: held for units until release · seller_payable: owed to the
    seller, free · seller_debt: negative while the seller owes the platform · platform_fee: earned by the platform ·
    channel_clearing: negative while money lies at payment channels · refund_due: approved, not yet arrived over a
    channel · in_transit: between two books, nets to zero per movement."""

    BUYER_BALANCE = "buyer_balance"
    ESCROW = "escrow"
    SELLER_PAYABLE = "seller_payable"
    SELLER_DEBT = "seller_debt"
    PLATFORM_FEE = "platform_fee"
    CHANNEL_CLEARING = "channel_clearing"
    REFUND_DUE = "refund_due"
    IN_TRANSIT = "in_transit"
