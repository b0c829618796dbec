-- What the worker finds when it looks at the whole by itself, and when: read by /metrics. One row per kind of look.
-- faults: found in the round that is under way, faults_before: in the last whole round; a fault stays told until a
-- whole round no longer finds it. place: how far the round has come.
create table watch (
    name text primary key check (length(name) between 1 and 60),
    looked_at timestamptz not null,
    faults integer not null check (faults >= 0),
    faults_before integer not null default 0 check (faults_before >= 0),
    place text not null default ''
);
