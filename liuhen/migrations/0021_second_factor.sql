-- What a party shows besides its password. Secrets are sealed, codes hashed; passkeys are public keys.

create table totp_factor (
    book_id uuid primary key,
    secret_sealed bytea not null,
    last_step bigint not null,
    created_at timestamptz not null,
    confirmed_at timestamptz
);

create table passkey (
    book_id uuid not null,
    id uuid not null,
    name text not null check (length(name) between 1 and 60),
    credential_id bytea not null check (length(credential_id) between 1 and 1023),
    public_key bytea not null,
    sign_count bigint not null,
    created_at timestamptz not null,
    used_at timestamptz,
    primary key (book_id, id),
    unique (book_id, credential_id)
);

create table backup_code (
    book_id uuid not null,
    code_hash bytea not null,
    created_at timestamptz not null,
    used_at timestamptz,
    primary key (book_id, code_hash)
);

-- One open question to a passkey per session or half session and purpose; answered once or gone.
create table passkey_challenge (
    book_id uuid not null,
    holder_id uuid not null,
    purpose text not null check (purpose in ('add', 'use')),
    challenge bytea not null,
    expires_at timestamptz not null,
    primary key (book_id, holder_id, purpose)
);

-- The password was right, the second factor is still to come. A table of its own: nothing that reads sessions can
-- take one of these for a session. Exempt from the book rule like all of sign-in.
create table half_session (
    id uuid primary key,
    token_hash bytea not null unique,
    party_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);

-- How a session was proven, and when its owner last proved himself in full; how a token's maker did. Null and false
-- are what a process of the version before writes while both serve.
alter table session
    add column second_factor text check (second_factor in ('totp', 'passkey', 'backup_code')),
    add column proved_at timestamptz;
alter table api_token add column second_factor boolean not null default false;
