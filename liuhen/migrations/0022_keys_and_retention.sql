-- Master keys that come and go, and words of people that go after the time the law wants them kept.

-- Every version of the master keys that this database has met: 8 bytes that name it without telling it. Reference data.
create table key_version (
    version smallint primary key check (version between 1 and 255),
    witness bytea not null check (length(witness) = 8),
    made_at timestamptz not null,
    gone text check (gone in ('RETIRED', 'LOST')),
    gone_at timestamptz,
    check ((gone is null) = (gone_at is null))
);
comment on table key_version is 'append-only: a changed witness would hide that the wrong keys are in place';
comment on column key_version.gone is 'rewritable: a version is retired once nothing needs it';
comment on column key_version.gone_at is 'rewritable: with gone';

-- How far each sealed column has come on its way to the newest key. Reference data.
create table reseal (
    place text primary key,
    version smallint not null,
    after uuid[] not null default '{}',
    resealed bigint not null default 0,
    unreadable bigint not null default 0,
    begun_at timestamptz not null,
    done_at timestamptz
);

-- What may change in a table that otherwise only grows: sealed bytes under a new key, and words that are erased.
-- base/migrate.py grants exactly these columns; `check` finds any other.
comment on column hand_delivery.text_sealed is 'rewritable: sealed anew under a new master key, erased after retention';
comment on column case_note.text is 'rewritable: erased after retention';
comment on column case_note.salt is 'rewritable: erased after retention, so that the commitment tells nothing';
comment on column key_look.reason is 'rewritable: erased after retention';
comment on column redemption_fact.note is 'rewritable: erased after retention';
comment on column evidence_item.filename is 'rewritable: erased after retention';
comment on column channel_event.body is 'rewritable: erased after retention';
comment on column staff_act.reason is 'rewritable: erased after retention';

-- A reason to keep an order's record beyond its time: a lawsuit, an investigation. Lifted, never deleted.
create table legal_hold (
    book_id uuid not null,
    order_id uuid not null,
    reason text not null check (length(reason) between 1 and 500),
    held_at timestamptz not null,
    lifted_at timestamptz,
    primary key (book_id, order_id, held_at)
);

-- What was erased of an order, when and by which rule. Objects are deleted after the commit, so they have a moment of
-- their own.
create table erasure (
    book_id uuid not null,
    order_id uuid not null,
    erased_at timestamptz not null,
    rule text not null check (length(rule) between 1 and 200),
    erased jsonb not null,
    objects text[] not null,
    objects_gone_at timestamptz,
    primary key (book_id, order_id)
);
create index erasure_newest on erasure (erased_at desc);
create index erasure_objects on erasure (erased_at) where objects_gone_at is null;
comment on table erasure is 'append-only';
comment on column erasure.objects_gone_at is 'rewritable: the pictures go after the commit';
