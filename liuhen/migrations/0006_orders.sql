-- An order lies in the seller's book: lines, and one unit row per piece.

create table orders (
    book_id uuid not null,
    id uuid not null,
    order_no text not null,
    buyer_id uuid not null,
    state text not null check (state in ('AWAITING_PAYMENT', 'PAID', 'CANCELLED', 'EXPIRED')),
    total_fen bigint not null check (total_fen > 0),
    pay_due_at timestamptz,
    paid_at timestamptz,
    paid_from text check (paid_from in ('BALANCE', 'CHANNEL')),
    closed_at timestamptz,
    confirmed_at timestamptz,
    created_at timestamptz not null,
    primary key (book_id, id),
    unique (book_id, order_no),
    check ((state = 'AWAITING_PAYMENT') = (pay_due_at is not null))
);
create index orders_of_buyer on orders (buyer_id, id desc);
create index orders_of_seller on orders (book_id, id desc);
create index orders_pay_due on orders (pay_due_at) where state = 'AWAITING_PAYMENT';

create table order_line (
    book_id uuid not null,
    order_id uuid not null,
    line_no smallint not null,
    product_id uuid not null,
    version integer not null,
    kind text not null,
    delivery text not null check (delivery in ('AUTO', 'BY_HAND')),
    title text not null,
    pieces integer not null check (pieces between 1 and 500),
    unit_price_fen bigint not null check (unit_price_fen > 0),
    total_fen bigint not null check (total_fen > 0),
    target text not null default '' check (length(target) <= 200),
    no_reason_confirmed_at timestamptz,
    no_reason_text_version text,
    snapshot bytea not null,
    snapshot_sha256 bytea not null,
    primary key (book_id, order_id, line_no),
    foreign key (book_id, order_id) references orders (book_id, id),
    foreign key (book_id, product_id, version) references product_version (book_id, product_id, version)
);
create index order_line_of_product on order_line (book_id, product_id, order_id);

create table order_unit (
    book_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    line_no smallint not null,
    piece_no smallint not null,
    state text not null check (state in ('RESERVED', 'CANCELLED', 'TO_DELIVER', 'SEALED', 'REVEALED', 'HANDED_OVER', 'REFUNDED')),
    escrow text not null check (escrow in ('NONE', 'HELD', 'RELEASED', 'GIVEN_BACK')),
    price_fen bigint not null check (price_fen >= 0),
    fee_fen bigint not null default 0 check (fee_fen >= 0 and fee_fen <= price_fen),
    refunded_fen bigint not null default 0 check (refunded_fen >= 0 and refunded_fen <= price_fen),
    case_open boolean not null default false,
    deliver_due_at timestamptz,
    late_act_at timestamptz,
    wait_until timestamptz,
    delivered_at timestamptz,
    revealed_at timestamptz,
    release_due_at timestamptz,
    released_at timestamptz,
    refunded_at timestamptz,
    hand_delivery_id uuid,
    primary key (book_id, id),
    unique (book_id, order_id, line_no, piece_no),
    foreign key (book_id, order_id, line_no) references order_line (book_id, order_id, line_no)
);
create index order_unit_late on order_unit (late_act_at) where state = 'TO_DELIVER' and not case_open;
create index order_unit_release on order_unit (release_due_at) where escrow = 'HELD' and not case_open;

create table hand_delivery (
    book_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    line_no smallint not null,
    text_sealed bytea not null,
    receipt_no text not null default '' check (length(receipt_no) <= 120),
    delivered_by uuid not null,
    at timestamptz not null,
    primary key (book_id, id),
    foreign key (book_id, order_id, line_no) references order_line (book_id, order_id, line_no)
);
comment on table hand_delivery is 'append-only';
