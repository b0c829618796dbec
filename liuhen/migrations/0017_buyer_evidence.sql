-- A reviewer may ask the buyer for better proof, once: the case then waits for the buyer.
alter table refund_case
    add column evidence_asked_at timestamptz,
    add column evidence_brought_at timestamptz,
    drop constraint refund_case_state_check,
    add constraint refund_case_state_check check (state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'ESCALATED',
        'AWAITING_BUYER', 'APPROVED', 'REJECTED', 'WITHDRAWN')),
    drop constraint refund_case_check1,
    add constraint refund_case_open_is_due check
        ((state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'ESCALATED', 'AWAITING_BUYER')) = (due_at is not null)),
    add constraint refund_case_buyer_was_asked check (state <> 'AWAITING_BUYER' or evidence_asked_at is not null),
    add constraint refund_case_brought_what_was_asked check
        (evidence_brought_at is null or evidence_brought_at >= evidence_asked_at);
drop index refund_case_due;
create index refund_case_due on refund_case (due_at)
    where state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'AWAITING_BUYER');
