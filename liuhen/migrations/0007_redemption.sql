-- What is said about the use of a unit, by whom. Facts stand side by side; none overwrites another.

create table redemption_fact (
    book_id uuid not null,
    id uuid not null,
    unit_id uuid not null,
    source text not null check (source in ('PLATFORM', 'BUYER', 'SELLER', 'ISSUER')),
    state text not null check (state in ('UNUSED', 'PARTLY_USED', 'USED_UP', 'UNKNOWN')),
    event text not null default '',
    value_fen bigint,
    remaining_fen bigint,
    note text not null default '' check (length(note) <= 1000),
    said_by uuid,
    issuer_id uuid,
    issuer_event_id text,
    occurred_at timestamptz,
    recorded_at timestamptz not null,
    primary key (book_id, id),
    unique (book_id, unit_id, issuer_id, issuer_event_id),
    foreign key (book_id, unit_id) references order_unit (book_id, id)
);
create index redemption_fact_of_unit on redemption_fact (book_id, unit_id, id);
comment on table redemption_fact is 'append-only';
