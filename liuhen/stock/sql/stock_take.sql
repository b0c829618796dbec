-- Takes one free key for each unit, oldest first, past rows that others hold: reserved, or sealed for its buyer at once;
-- Fewer than asked: refused (LH010, detail: how many are left). The state is a literal: the partial index
-- needs it, and its order (import, key) is served by that index alone.
-- p_events: for each kind of event one id for each unit.
create or replace function stock_take(
    p_book uuid, p_product uuid, p_units uuid[], p_state text, p_kinds text[], p_events uuid[], p_valid_on date,
    p_at timestamptz
) returns void
language plpgsql as $$
declare
    v_keys uuid[];
    v_key uuid;
begin
    if cardinality(p_units) = 1 then  -- the usual case, without a list, which would be planned anew each time
        select id into v_key from stock_key
            where book_id = p_book and product_id = p_product and state = 'AVAILABLE'
                and (valid_until is null or valid_until >= p_valid_on)
            order by import_id, id limit 1 for update skip locked;
        v_keys := case when v_key is null then '{}' else array[v_key] end;
    else
        select coalesce(array_agg(id), '{}') into v_keys from (
            select id from stock_key
            where book_id = p_book and product_id = p_product and state = 'AVAILABLE'
                and (valid_until is null or valid_until >= p_valid_on)
            order by import_id, id limit cardinality(p_units) for update skip locked) as free;
    end if;
    if cardinality(v_keys) < cardinality(p_units) then
        -- Who holds a row may let go of it unsold (a purchase that fails, a key that is sealed anew under a new master
        -- key): before anybody is told no, the rest is waited for.
        select coalesce(array_agg(id), '{}') into v_keys from (
            select id from stock_key
            where book_id = p_book and product_id = p_product and state = 'AVAILABLE'
                and (valid_until is null or valid_until >= p_valid_on)
            order by import_id, id limit cardinality(p_units) for update) as free;
    end if;
    if cardinality(v_keys) < cardinality(p_units) then
        raise exception using errcode = 'LH010', message = 'out of stock', detail = cardinality(v_keys);
    end if;
    for i in 1 .. cardinality(p_units) loop
        update stock_key set state = p_state, unit_id = p_units[i] where book_id = p_book and id = v_keys[i];
    end loop;
    for i in 0 .. cardinality(p_events) - 1 loop
        insert into key_event (book_id, id, key_id, unit_id, kind, actor, at)
            values (p_book, p_events[i + 1], v_keys[i % cardinality(p_units) + 1], p_units[i % cardinality(p_units) + 1],
                p_kinds[i / cardinality(p_units) + 1], 'PLATFORM', p_at);
    end loop;
end
$$;
