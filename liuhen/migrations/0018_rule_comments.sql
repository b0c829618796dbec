-- What parties say about a version of the rules while it is open to comment or announced. Kept, never edited
-- (平台规则办法 11: at least three years from the end of the comment period).
create table rule_comment (
    book_id uuid not null,
    id uuid not null,
    version text not null check (length(version) between 1 and 20),
    body text not null check (length(body) between 1 and 2000),
    created_at timestamptz not null,
    primary key (book_id, id)
);
create index rule_comment_by_version on rule_comment (version, id);
comment on table rule_comment is 'append-only';
