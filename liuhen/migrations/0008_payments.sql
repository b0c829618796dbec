-- Payments in, refunds and payouts out. A callback is inserted first and acted on once.

create table payment (
    book_id uuid not null,
    id uuid not null,
    purpose text not null check (purpose in ('ORDER', 'TOP_UP')),
    order_id uuid,
    party_id uuid not null,
    method text not null check (method in ('BALANCE', 'CHANNEL')),
    channel text,
    amount_fen bigint not null check (amount_fen > 0),
    state text not null check (state in ('PENDING', 'CAPTURED', 'CLOSED')),
    trade_no text,
    refunded_fen bigint not null default 0 check (refunded_fen >= 0 and refunded_fen <= amount_fen),
    expires_at timestamptz,
    captured_at timestamptz,
    created_at timestamptz not null,
    primary key (book_id, id),
    unique (book_id, channel, trade_no),
    check ((purpose = 'ORDER') = (order_id is not null)),
    check ((method = 'CHANNEL') = (channel is not null))
);
create index payment_of_order on payment (book_id, order_id) where order_id is not null;
create index payment_expiry on payment (expires_at) where state = 'PENDING';
create index payment_of_party on payment (party_id, id desc);

-- What came into a balance over a channel and may go back the way it came.
create table balance_funding (
    book_id uuid not null,
    id uuid not null,
    payment_book_id uuid not null,
    payment_id uuid not null,
    amount_fen bigint not null check (amount_fen > 0),
    remaining_fen bigint not null check (remaining_fen between 0 and amount_fen),
    created_at timestamptz not null,
    primary key (book_id, id)
);
create index balance_funding_left on balance_funding (book_id, id) where remaining_fen > 0;

-- Money that goes out: approved, sent and arrived are three facts.
create table refund (
    book_id uuid not null,
    id uuid not null,
    refund_no text not null,
    kind text not null check (kind in ('CASE', 'LATE_PAYMENT', 'PAYOUT')),
    case_id uuid,
    order_id uuid,
    party_id uuid not null,
    route text not null check (route in ('ORIGINAL', 'BALANCE')),
    payment_book_id uuid,
    payment_id uuid,
    funding_id uuid,
    amount_fen bigint not null check (amount_fen > 0),
    state text not null check (state in ('APPROVED', 'SENT', 'ARRIVED', 'FAILED')),
    due_at timestamptz,
    attempts integer not null default 0,
    last_error text,
    channel_refund_no text,
    approved_at timestamptz not null,
    sent_at timestamptz,
    arrived_at timestamptz,
    primary key (book_id, id),
    unique (book_id, refund_no)
);
create index refund_due on refund (due_at) where state in ('APPROVED', 'SENT') and due_at is not null;
create index refund_of_order on refund (book_id, order_id);
create index refund_of_case on refund (book_id, case_id);
create index refund_of_party on refund (party_id, id desc);

-- Insert first, act once: a repeated callback finds its row. Exempt from the book rule by name (the outside's ids).
create table channel_event (
    channel text not null,
    event_id text not null,
    kind text not null,
    body bytea not null,
    received_at timestamptz not null,
    primary key (channel, event_id)
);
comment on table channel_event is 'append-only';
