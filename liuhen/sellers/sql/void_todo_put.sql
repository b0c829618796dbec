-- The seller should void these refunded keys at their issuer: they can't be sold again.
create or replace function void_todo_put(
    p_book uuid, p_ids uuid[], p_order uuid, p_units uuid[], p_at timestamptz
) returns void
language plpgsql as $$
begin
    for i in 1 .. cardinality(p_ids) loop
        insert into seller_todo (book_id, id, kind, order_id, unit_id, created_at)
            values (p_book, p_ids[i], 'VOID_KEY_AT_ISSUER', p_order, p_units[i], p_at) on conflict do nothing;
    end loop;
end
$$;
