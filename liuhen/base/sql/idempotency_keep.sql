-- The answer to a request whose key was claimed at the beginning of its transaction.
create or replace function idempotency_keep(p_book uuid, p_key text, p_result bytea) returns void
language plpgsql as $$
begin
    update idempotency set result = p_result where book_id = p_book and key = p_key;
end
$$;
