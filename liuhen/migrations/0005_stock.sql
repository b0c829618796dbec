-- Card keys. The sealed bytes are bound to table, column and row; fingerprints are keyed hashes.

create table stock_import (
    book_id uuid not null,
    id uuid not null,
    product_id uuid not null,
    state text not null check (state in ('STAGED', 'CONFIRMED', 'DONE', 'FAILED', 'EXPIRED')),
    filename text not null check (length(filename) <= 255),
    sha256 bytea not null,
    staged bytea,
    options jsonb not null,
    report jsonb not null,
    total integer not null,
    done integer not null default 0,
    due_at timestamptz,
    created_by uuid not null,
    created_at timestamptz not null,
    finished_at timestamptz,
    failure text,
    primary key (book_id, id),
    foreign key (book_id, product_id) references product (book_id, id)
);
create index stock_import_expiry on stock_import (due_at) where state = 'STAGED';
create index stock_import_due on stock_import (due_at) where state = 'CONFIRMED';

create table stock_key (
    book_id uuid not null,
    id uuid not null,
    product_id uuid not null,
    import_id uuid not null,
    line_no integer not null,
    state text not null check (state in ('AVAILABLE', 'HELD_SHORT', 'RESERVED', 'SEALED', 'REVEALED', 'RETIRED', 'VOID')),
    sealed bytea not null,
    fp_exact bytea not null,
    fp_folded bytea,
    fp_serial bytea,
    mask text not null,
    valid_until date,
    face_value_fen bigint,
    region text not null default '',
    unit_id uuid,
    created_at timestamptz not null,
    primary key (book_id, id),
    unique (book_id, fp_exact),
    unique (book_id, fp_folded),
    unique (book_id, unit_id),
    check ((state in ('RESERVED', 'SEALED', 'REVEALED', 'RETIRED')) = (unit_id is not null)),
    foreign key (book_id, product_id) references product (book_id, id)
);
create index stock_key_available on stock_key (book_id, product_id, id) where state = 'AVAILABLE';
create index stock_key_listed on stock_key (book_id, product_id, id desc);
create index stock_key_folded_anywhere on stock_key (fp_folded);
create index stock_key_exact_anywhere on stock_key (fp_exact);
create index stock_key_serial_anywhere on stock_key (fp_serial);

-- The seal log of M4: generated (imported), allocated, delivered, revealed, given back, voided.
create table key_event (
    book_id uuid not null,
    id uuid not null,
    key_id uuid not null,
    unit_id uuid,
    kind text not null check (kind in ('RESERVED', 'GIVEN_BACK', 'DELIVERED', 'REVEALED', 'RESTOCKED', 'RETIRED', 'VOIDED')),
    actor text not null,
    at timestamptz not null,
    primary key (book_id, id)
);
create index key_event_of_key on key_event (book_id, key_id, id);
create index key_event_of_unit on key_event (book_id, unit_id, id);
comment on table key_event is 'append-only';

-- Every look at a plaintext after the seal: who, as what, why.
create table key_look (
    book_id uuid not null,
    id uuid not null,
    unit_id uuid not null,
    viewer_id uuid not null,
    viewer_role text not null check (viewer_role in ('BUYER', 'REVIEWER')),
    reason text not null,
    at timestamptz not null,
    primary key (book_id, id)
);
create index key_look_of_unit on key_look (book_id, unit_id, id);
create index key_look_newest on key_look (id desc);
comment on table key_look is 'append-only';
