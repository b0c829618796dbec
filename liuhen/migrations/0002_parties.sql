-- Every party gets a book when it registers; the party's id is its book's id.

create table party (
    book_id uuid primary key,
    display_name text not null check (length(display_name) between 1 and 60),
    roles text[] not null default '{}' check (roles <@ array['reviewer', 'admin']),
    frozen_at timestamptz,
    frozen_reason text,
    created_at timestamptz not null
);

-- Sign-in is exempt from the book rule by name: a login is looked up before anybody is known.
create table sign_in (
    party_id uuid primary key,
    login text not null check (length(login) between 3 and 64),
    login_folded text not null unique,
    password_hash text not null,
    recovery_hash text,
    password_changed_at timestamptz not null
);

create table session (
    id uuid primary key,
    token_hash bytea not null unique,
    party_id uuid not null,
    csrf text not null,
    user_agent text not null,
    ip text not null,
    created_at timestamptz not null,
    seen_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index session_of_party on session (party_id, id desc);

create table api_token (
    id uuid primary key,
    token_hash bytea not null unique,
    party_id uuid not null,
    name text not null,
    scopes text[] not null,
    created_at timestamptz not null,
    used_at timestamptz,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index api_token_of_party on api_token (party_id, id desc);

create table reset_link (
    id uuid primary key,
    token_hash bytea not null unique,
    party_id uuid not null,
    issued_by uuid,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);

-- A wish to be let in again, for an admin to answer by hand; the page says the same for known and unknown logins.
create table reset_wish (
    id uuid primary key,
    party_id uuid not null,
    created_at timestamptz not null,
    done_at timestamptz
);

create table agreement_acceptance (
    book_id uuid not null,
    kind text not null check (kind in ('user_terms', 'seller_agreement')),
    version text not null,
    sha256 bytea not null,
    accepted_at timestamptz not null,
    primary key (book_id, kind, version)
);
comment on table agreement_acceptance is 'append-only';

-- What staff did to a party, a setting or a case; read by admins.
create table staff_act (
    book_id uuid not null,
    id uuid not null,
    staff_id uuid not null,
    act text not null,
    reason text not null,
    data jsonb not null,
    at timestamptz not null,
    primary key (book_id, id)
);
create index staff_act_newest on staff_act (id desc);
comment on table staff_act is 'append-only';
