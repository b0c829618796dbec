-- A shop is a party that sells. Its book holds products, stock, orders, cases and their evidence.

create table shop (
    book_id uuid primary key,
    name text not null check (length(name) between 2 and 60),
    intro text not null default '' check (length(intro) <= 2000),
    fee_basis_points integer not null check (fee_basis_points between 0 and 3000),
    opened_at timestamptz not null,
    closed_at timestamptz
);

-- What a seller should do that no deadline enforces, e.g. void a refunded key at its issuer.
create table seller_todo (
    book_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('VOID_KEY_AT_ISSUER')),
    order_id uuid not null,
    unit_id uuid not null,
    created_at timestamptz not null,
    done_at timestamptz,
    primary key (book_id, id),
    unique (book_id, kind, unit_id)
);
create index seller_todo_open on seller_todo (book_id, id) where done_at is null;
