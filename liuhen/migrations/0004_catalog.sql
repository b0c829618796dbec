-- Products: the head moves, versions never change.

-- Issuers are the platform's, not a seller's: a seller who held the secret could forge facts. Reference data, no book.
create table issuer (
    id uuid primary key,
    name text not null unique check (length(name) between 2 and 60),
    secret_sealed bytea not null,
    created_at timestamptz not null,
    disabled_at timestamptz
);

create table product (
    book_id uuid not null,
    id uuid not null,
    state text not null check (state in ('ON_SALE', 'OFF_SALE', 'BANNED')),
    version integer not null check (version > 0),
    kind text not null,
    title text not null,
    price_fen bigint not null,
    grams text[] not null,
    low_stock_at integer not null default 5 check (low_stock_at between 0 and 10000),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (book_id, id)
);
create index product_search on product using gin (grams) where state = 'ON_SALE';
create index product_fresh on product (updated_at desc, id desc) where state = 'ON_SALE';
create index product_kind on product (kind, updated_at desc, id desc) where state = 'ON_SALE';

create table product_version (
    book_id uuid not null,
    product_id uuid not null,
    version integer not null check (version > 0),
    kind text not null check (kind in ('card_key', 'prepaid_card', 'voucher', 'software_licence', 'custom_voucher',
        'account_handover', 'membership', 'direct_top_up', 'virtual_coin', 'boosting_service')),
    delivery text not null check (delivery in ('AUTO', 'BY_HAND')),
    title text not null check (length(title) between 2 and 200),
    description text not null check (length(description) <= 10000),
    price_fen bigint not null check (price_fen between 1 and 99999999),
    face_value_fen bigint check (face_value_fen between 1 and 9999999999),
    region text not null check (length(region) <= 60),
    valid_until date,
    min_validity_days integer not null check (min_validity_days between 0 and 3650),
    promised_delivery_seconds integer not null check (promised_delivery_seconds between 1 and 2592000),
    escrow_seconds integer not null check (escrow_seconds between 86400 and 7776000),
    sealed_window_seconds integer not null check (sealed_window_seconds between 0 and 7776000),
    excludes_no_reason boolean not null,
    case_sensitive boolean not null,
    min_pieces integer not null check (min_pieces between 1 and 500),
    max_pieces integer not null check (max_pieces between min_pieces and 500),
    target_label text not null check (length(target_label) <= 60),
    refund_terms text not null check (length(refund_terms) <= 4000),
    activation_hint text not null check (length(activation_hint) <= 4000),
    warnings text not null check (length(warnings) <= 2000),
    issuer_id uuid,
    sha256 bytea not null,
    created_by uuid not null,
    created_at timestamptz not null,
    primary key (book_id, product_id, version),
    foreign key (book_id, product_id) references product (book_id, id)
);
comment on table product_version is 'append-only';
