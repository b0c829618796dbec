-- A case has units of one order. One deadline column, used by page, worker and API alike.

create table refund_case (
    book_id uuid not null,
    id uuid not null,
    case_no text not null,
    order_id uuid not null,
    buyer_id uuid not null,
    reason text not null,
    statement text not null check (length(statement) <= 2000),
    salt bytea not null,
    route text not null check (route in ('ORIGINAL', 'BALANCE')),
    opened_by text not null check (opened_by in ('BUYER', 'PLATFORM')),
    state text not null check (state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'ESCALATED', 'APPROVED', 'REJECTED', 'WITHDRAWN')),
    due_at timestamptz,
    asked_fen bigint not null check (asked_fen > 0),
    approved_fen bigint check (approved_fen >= 0 and approved_fen <= asked_fen),
    decided_by text check (decided_by in ('MACHINE', 'SELLER', 'SILENCE', 'REVIEWER')),
    decision jsonb not null,
    rulebook_version text not null,
    seller_asked_at timestamptz,
    seller_answer text check (seller_answer in ('AGREED', 'REFUSED')),
    seller_answered_at timestamptz,
    human_asked_at timestamptz,
    reviewer_id uuid,
    claimed_at timestamptz,
    opened_at timestamptz not null,
    decided_at timestamptz,
    primary key (book_id, id),
    unique (book_id, case_no),
    foreign key (book_id, order_id) references orders (book_id, id),
    check ((state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'ESCALATED')) = (due_at is not null)),
    check ((state in ('APPROVED', 'REJECTED')) = (decided_by is not null)),
    check ((state = 'APPROVED') = (approved_fen is not null)),
    check ((state in ('APPROVED', 'REJECTED', 'WITHDRAWN')) = (decided_at is not null))
);
create index refund_case_due on refund_case (due_at) where state in ('AWAITING_SELLER', 'UNDER_REVIEW');
create index refund_case_queue on refund_case (due_at, id) where state in ('UNDER_REVIEW', 'ESCALATED');
create index refund_case_of_buyer on refund_case (buyer_id, id desc);
create index refund_case_of_seller on refund_case (book_id, id desc);
create index refund_case_of_order on refund_case (book_id, order_id, id desc);

create table refund_case_unit (
    book_id uuid not null,
    case_id uuid not null,
    unit_id uuid not null,
    asked_fen bigint not null check (asked_fen > 0),
    approved_fen bigint check (approved_fen >= 0 and approved_fen <= asked_fen),
    open boolean not null,
    primary key (book_id, case_id, unit_id),
    foreign key (book_id, case_id) references refund_case (book_id, id),
    foreign key (book_id, unit_id) references order_unit (book_id, id)
);
create unique index refund_case_unit_one_open on refund_case_unit (book_id, unit_id) where open;

-- Words of the parties and of staff in a case, in their own order.
create table case_note (
    book_id uuid not null,
    id uuid not null,
    case_id uuid not null,
    author_id uuid,
    author_role text not null check (author_role in ('BUYER', 'SELLER', 'REVIEWER', 'PLATFORM')),
    kind text not null,
    text text not null check (length(text) <= 4000),
    salt bytea not null,
    at timestamptz not null,
    primary key (book_id, id),
    foreign key (book_id, case_id) references refund_case (book_id, id)
);
create index case_note_of_case on case_note (book_id, case_id, id);
comment on table case_note is 'append-only';
