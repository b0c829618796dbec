-- Double entry. balance = credits - debits. A transfer and both its ledger accounts lie in one book.

create table ledger_account (
    book_id uuid not null,
    kind text not null check (kind in ('buyer_balance', 'escrow', 'seller_payable', 'seller_debt', 'platform_fee',
        'channel_clearing', 'refund_due', 'in_transit')),
    balance_fen bigint not null,
    primary key (book_id, kind),
    check (balance_fen >= 0 or kind in ('channel_clearing', 'in_transit', 'seller_debt'))
);

create table ledger_transfer (
    book_id uuid not null,
    id uuid not null,
    debit text not null,
    credit text not null,
    amount_fen bigint not null check (amount_fen > 0),
    kind text not null,
    movement_id uuid,
    ref_id uuid not null,
    order_id uuid,
    at timestamptz not null,
    primary key (book_id, id),
    unique (book_id, kind, ref_id, debit, credit),
    foreign key (book_id, debit) references ledger_account (book_id, kind),
    foreign key (book_id, credit) references ledger_account (book_id, kind),
    check (debit <> credit),
    check ((debit = 'in_transit' or credit = 'in_transit') = (movement_id is not null))
);
create index ledger_transfer_of_order on ledger_transfer (book_id, order_id, id);
create index ledger_transfer_movement on ledger_transfer (movement_id) where movement_id is not null;
comment on table ledger_transfer is 'append-only';
