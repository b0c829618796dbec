-- Takes one free key for each unit, oldest first, past rows that others hold: reserved, or sealed for its buyer at once.
-- Fewer than asked: refused (LH010, detail: how many are left). The state is a literal: the partial index needs it.
create or replace function stock_take(
    p_book uuid, p_product uuid, p_units uuid[], p_state text, p_kinds text[], p_events uuid[], p_valid_on date,
    p_at timestamptz
) returns void
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
        -- Who holds a row may let go of it unsold (a purchase that fails, a key that is sealed anew under a new master
        -- key): before anybody is told no, the rest is waited for.
        select array_agg(id) into v_keys from (
            select id from stock_key
            where book_id = p_book and product_id = p_product and state = 'AVAILABLE'
                and (valid_until is null or valid_until >= p_valid_on)
            order by id limit cardinality(p_units) for update) as free;
    end if;
    if coalesce(cardinality(v_keys), 0) < cardinality(p_units) then
        raise exception using errcode = 'LH010', message = 'out of stock', detail = coalesce(cardinality(v_keys), 0);
    end if;
    if cardinality(p_units) = 1 then  -- the usual case, without the plan of the general one
        update stock_key set state = p_state, unit_id = p_units[1] where book_id = p_book and id = v_keys[1];
    else
        update stock_key k set state = p_state, unit_id = t.unit
            from unnest(v_keys, p_units) as t(key, unit) where k.book_id = p_book and k.id = t.key;
    end if;
    -- p_events: for each kind of event one id for each unit
    insert into key_event (book_id, id, key_id, unit_id, kind, actor, at)
        select p_book, p_events[(k - 1) * cardinality(p_units) + u], v_keys[u], p_units[u], p_kinds[k], 'PLATFORM', p_at
        from (select generate_series(1, cardinality(p_kinds)) as k) as ks,
            (select generate_series(1, cardinality(p_units)) as u) as us;
end
$$;
