-- A payment: captured already, or awaited until p_expires.
create or replace function payment_put(
    p_book uuid, p_id uuid, p_purpose text, p_order uuid, p_party uuid, p_channel text, p_amount bigint,
    p_captured timestamptz, p_expires timestamptz, p_at timestamptz
) returns void
language plpgsql as $$
begin
    insert into payment (book_id, id, purpose, order_id, party_id, method, channel, amount_fen, state, expires_at,
            captured_at, created_at)
        values (p_book, p_id, p_purpose, p_order, p_party, case when p_channel is null then 'BALANCE' else 'CHANNEL' end,
            p_channel, p_amount, case when p_captured is null then 'PENDING' else 'CAPTURED' end, p_expires, p_captured, p_at);
end
$$;
