-- A request takes effect once: keeps its answer, or refuses (LH000) when the key has its row. Waits for a twin in flight.
create or replace function idempotency_claim(
    p_book uuid, p_key text, p_request_hash bytea, p_result bytea, p_at timestamptz
) returns void
language plpgsql as $$
begin
    insert into idempotency (book_id, key, request_hash, result, created_at)
        values (p_book, p_key, p_request_hash, p_result, p_at) on conflict do nothing;
    if not found then
        raise exception using errcode = 'LH000', message = 'seen before';
    end if;
end
$$;
