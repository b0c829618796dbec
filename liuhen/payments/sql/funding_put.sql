-- This much of a balance came over a channel and may go back the same way.
create or replace function funding_put(
    p_book uuid, p_id uuid, p_payment_book uuid, p_payment uuid, p_amount bigint, p_at timestamptz
) returns void
language plpgsql as $$
begin
    insert into balance_funding (book_id, id, payment_book_id, payment_id, amount_fen, remaining_fen, created_at)
        values (p_book, p_id, p_payment_book, p_payment, p_amount, p_amount, p_at);
end
$$;
