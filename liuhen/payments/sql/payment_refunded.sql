-- So much of a payment went back (or, when negative, did not after all); never more than was captured: its check.
create or replace function payment_refunded(p_book uuid, p_id uuid, p_fen bigint) returns void
language plpgsql as $$
begin
    update payment set refunded_fen = refunded_fen + p_fen where book_id = p_book and id = p_id;
end
$$;
