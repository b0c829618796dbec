-- What a listing promises beyond the rules for a key that was looked at and not used. Who sold before promised nothing.
alter table product_version
    add column revealed_window_seconds integer check (revealed_window_seconds between 1 and 2592000),
    add column issuer_can_void boolean not null default false;
