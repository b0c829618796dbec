-- Inbox messages: what happened, with a link to the act.

create table notice (
    book_id uuid not null,
    id uuid not null,
    kind text not null,
    data jsonb not null,
    link text not null,
    created_at timestamptz not null,
    read_at timestamptz,
    primary key (book_id, id)
);
create index notice_unread on notice (book_id) where read_at is null;
