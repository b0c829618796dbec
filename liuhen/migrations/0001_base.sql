-- Words without business: idempotency records, the directory, the worker's sign of life, request counters.

create table idempotency (
    book_id uuid not null,
    key text not null check (length(key) between 1 and 255),
    request_hash bytea not null,
    result bytea,
    created_at timestamptz not null,
    primary key (book_id, key)
);

-- From a number or id known outside to the book that holds the thing. Exempt from the book rule by name.
create table directory (
    kind text not null,
    ext text not null,
    book_id uuid not null,
    id uuid not null,
    primary key (kind, ext)
);

create table heartbeat (
    process text primary key,
    beat_at timestamptz not null,
    detail text not null default ''
);

create table rate_window (
    key text not null,
    window_start timestamptz not null,
    hits integer not null,
    primary key (key, window_start)
);
