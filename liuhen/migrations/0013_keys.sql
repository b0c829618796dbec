-- Which master keys this database was sealed with: 8 bytes that name them without telling them. One row, no book.

create table key_witness (
    single boolean primary key default true check (single),
    witness bytea not null check (length(witness) = 8),
    made_at timestamptz not null
);
comment on table key_witness is 'append-only: a changed witness would hide that the wrong keys are in place';
