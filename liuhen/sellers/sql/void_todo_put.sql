-- The seller should void these refunded keys at their issuer: they can't be sold again.
create or replace function void_todo_put(
    p_book uuid, p_ids uuid[], p_order uuid, p_units uuid[], p_at timestamptz
) returns void
language plpgsql as $$
begin
    insert into seller_todo (book_id, id, kind, order_id, unit_id, created_at)
        select p_book, t.id, 'VOID_KEY_AT_ISSUER', p_order, t.unit, p_at from unnest(p_ids, p_units) as t(id, unit)
        on conflict do nothing;
end
$$;
