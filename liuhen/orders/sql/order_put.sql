-- A new order; its lines follow one by one. Money, keys and record have functions of their own.
create or replace function order_put(
    p_book uuid, p_order uuid, p_no text, p_buyer uuid, p_state text, p_total bigint, p_pay_due timestamptz,
    p_paid_at timestamptz, p_paid_from text, p_at timestamptz
) returns void
language plpgsql as $$
begin
    insert into orders (book_id, id, order_no, buyer_id, state, total_fen, pay_due_at, paid_at, paid_from, created_at)
        values (p_book, p_order, p_no, p_buyer, p_state, p_total, p_pay_due, p_paid_at, p_paid_from, p_at);
end
$$;
