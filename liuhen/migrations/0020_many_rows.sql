-- Looks that stay short however much stands in a table; bench/README.md has the measurements.

-- Each kind of deadline of a case has its own index: one kind that is behind must not slow down the look for another.
drop index refund_case_due;
create index refund_case_seller_due on refund_case (due_at) where state = 'AWAITING_SELLER';
create index refund_case_buyer_due on refund_case (due_at, id) where state = 'AWAITING_BUYER';
create index refund_case_review_due on refund_case (due_at) where state = 'UNDER_REVIEW';

-- The reviewers' queue by shelf, and its counts from the index alone.
drop index refund_case_queue;
create index refund_case_queue on refund_case (due_at, id) include (reviewer_id)
    where state in ('UNDER_REVIEW', 'ESCALATED');
create index refund_case_on_desk on refund_case (reviewer_id, due_at, id)
    where state in ('UNDER_REVIEW', 'ESCALATED') and reviewer_id is not null;
create index refund_case_unclaimed on refund_case (due_at, id)
    where state in ('UNDER_REVIEW', 'ESCALATED') and reviewer_id is null;
create index refund_case_ruled on refund_case (reviewer_id, decided_at desc, id desc)
    where state in ('APPROVED', 'REJECTED') and decided_by = 'REVIEWER';

-- Staff search by the numbers that a channel or a refund has.
create index payment_trade_no on payment (trade_no) where trade_no is not null;
create index refund_no on refund (refund_no);
create index refund_channel_no on refund (channel_refund_no) where channel_refund_no is not null;
