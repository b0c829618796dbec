-- Reserves one free key for each unit, oldest first, past rows that others hold. Returns how many were found;
-- fewer than asked means out of stock, and the caller rolls back. The state is a literal: the partial index needs it.
create or replace function stock_reserve(
    p_book uuid, p_product uuid, p_units uuid[], p_events uuid[], p_valid_on date, p_at timestamptz
) returns integer
language plpgsql as $$
declare
    v_keys uuid[];
begin
    select array_agg(id) into v_keys from (
        select id from stock_key
        where book_id = p_book and product_id = p_product and state = 'AVAILABLE'
            and (valid_until is null or valid_until >= p_valid_on)
        order by id limit cardinality(p_units) for update skip locked) as free;
    if coalesce(cardinality(v_keys), 0) < cardinality(p_units) then
        return coalesce(cardinality(v_keys), 0);
    end if;
    update stock_key k set state = 'RESERVED', unit_id = t.unit
        from unnest(v_keys, p_units) as t(key, unit) where k.book_id = p_book and k.id = t.key;
    insert into key_event (book_id, id, key_id, unit_id, kind, actor, at)
        select p_book, t.event, t.key, t.unit, 'RESERVED', 'PLATFORM', p_at
        from unnest(p_events, v_keys, p_units) as t(event, key, unit);
    return cardinality(p_units);
end
$$;
