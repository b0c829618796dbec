-- Money that goes out.
create or replace function refund_put(
    p_book uuid, p_id uuid, p_no text, p_kind text, p_case uuid, p_order uuid, p_party uuid, p_route text,
    p_payment_book uuid, p_payment uuid, p_funding uuid, p_amount bigint, p_state text, p_due timestamptz,
    p_attempts integer, p_error text, p_channel_no text, p_approved timestamptz, p_sent timestamptz, p_arrived timestamptz
) returns void
language plpgsql as $$
begin
    insert into refund (book_id, id, refund_no, kind, case_id, order_id, party_id, route, payment_book_id, payment_id,
            funding_id, amount_fen, state, due_at, attempts, last_error, channel_refund_no, approved_at, sent_at, arrived_at)
        values (p_book, p_id, p_no, p_kind, p_case, p_order, p_party, p_route, p_payment_book, p_payment,
            p_funding, p_amount, p_state, p_due, p_attempts, p_error, p_channel_no, p_approved, p_sent, p_arrived);
end
$$;
