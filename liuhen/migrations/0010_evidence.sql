-- One hash chain per order, locked by its head row. docs/evidence-chain.md.

create table chain_head (
    book_id uuid not null,
    order_id uuid not null,
    seq integer not null,
    hash bytea not null,
    primary key (book_id, order_id)
);

create table chain_event (
    book_id uuid not null,
    order_id uuid not null,
    seq integer not null check (seq > 0),
    payload bytea not null,
    hash bytea not null check (length(hash) = 32),
    primary key (book_id, order_id, seq)
);
comment on table chain_event is 'append-only';

-- Pictures that wait for the case they belong to; what is never submitted goes after a day.
create table evidence_staged (
    book_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    uploaded_by uuid not null,
    uploader_role text not null check (uploader_role in ('BUYER', 'SELLER', 'REVIEWER')),
    filename text not null check (length(filename) <= 255),
    media_type text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
    size_bytes integer not null,
    sha256 bytea not null,
    original_key text not null,
    view_key text not null,
    width integer not null,
    height integer not null,
    at timestamptz not null,
    due_at timestamptz not null,
    primary key (book_id, id)
);
create index evidence_staged_of_order on evidence_staged (book_id, order_id, uploaded_by);
create index evidence_staged_due on evidence_staged (due_at);
create index evidence_staged_of_object on evidence_staged (original_key);

-- An uploaded original: its hash is in the chain, its bytes in the object store, a re-encoded copy for viewing.
create table evidence_item (
    book_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    case_id uuid,
    hand_delivery_id uuid,
    uploaded_by uuid not null,
    uploader_role text not null check (uploader_role in ('BUYER', 'SELLER', 'REVIEWER')),
    filename text not null check (length(filename) <= 255),
    media_type text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
    size_bytes integer not null,
    sha256 bytea not null,
    original_key text not null,
    view_key text not null,
    width integer not null,
    height integer not null,
    at timestamptz not null,
    primary key (book_id, id)
);
create index evidence_item_of_order on evidence_item (book_id, order_id, id);
create index evidence_item_of_case on evidence_item (book_id, case_id, id);
create index evidence_item_of_object on evidence_item (original_key);
comment on table evidence_item is 'append-only';
