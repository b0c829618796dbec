-- Takes one free key for each unit, oldest first, past rows that others hold: reserved, or sealed for its buyer at once.
-- Fewer than asked: refused (LH010, detail: how many are left). The state is a literal: the partial index needs it.
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
    if cardinality(p_units) = 1 then  -- the usual case: a limit that varies would be planned anew each time
        select id into v_key from stock_key
            where book_id = p_book and product_id = p_product and state = 'AVAILABLE'
                and (valid_until is null or valid_until >= p_valid_on)
            order by id limit 1 for update skip locked;
        if found then
            v_keys[1] := v_key;
        end if;
    else
        select array_agg(id) into v_keys from (
            select id from stock_key
            where book_id = p_book and product_id = p_product and state = 'AVAILABLE'
                and (valid_until is null or valid_until >= p_valid_on)
            order by id limit cardinality(p_units) for update skip locked) as free;
    end if;
    if coalesce(cardinality(v_keys), 0) < cardinality(p_units) then
        raise exception using errcode = 'LH010', message = 'out of stock', detail = coalesce(cardinality(v_keys), 0);
    end if;
    for u in 1 .. cardinality(p_units) loop
        update stock_key set state = p_state, unit_id = p_units[u] where book_id = p_book and id = v_keys[u];
        for k in 1 .. cardinality(p_kinds) loop
            insert into key_event (book_id, id, key_id, unit_id, kind, actor, at)
                values (p_book, p_events[(k - 1) * cardinality(p_units) + u], v_keys[u], p_units[u], p_kinds[k],
                    'PLATFORM', p_at);
        end loop;
    end loop;
end
$$;
