-- Moves the keys of units from one state to the next and logs it. A key that goes back to the shelf forgets its unit.
-- A key that is not where it should be: refused (LH011, detail: how many could move).
create or replace function stock_shift(
    p_book uuid, p_units uuid[], p_events uuid[], p_from text, p_to text, p_kind text, p_actor text, p_at timestamptz
) returns void
language plpgsql as $$
declare
    v_moved integer;
    v_key uuid;
begin
    if cardinality(p_units) = 1 then  -- the usual case, without the plan of the general one
        update stock_key set state = p_to, unit_id = case when p_to = 'AVAILABLE' then null else unit_id end
            where book_id = p_book and unit_id = p_units[1] and state = p_from returning id into v_key;
        if not found then
            raise exception using errcode = 'LH011', message = 'a key is not where it should be', detail = 0;
        end if;
        insert into key_event (book_id, id, key_id, unit_id, kind, actor, at)
            values (p_book, p_events[1], v_key, p_units[1], p_kind, p_actor, p_at);
        return;
    end if;
    with held as (
        select k.id, k.unit_id, t.event from stock_key k join unnest(p_units, p_events) as t(unit, event) on k.unit_id = t.unit
        where k.book_id = p_book and k.state = p_from order by k.id for update of k
    ), moved as (
        update stock_key k set state = p_to, unit_id = case when p_to = 'AVAILABLE' then null else k.unit_id end
        from held h where k.book_id = p_book and k.id = h.id returning k.id
    ), logged as (
        insert into key_event (book_id, id, key_id, unit_id, kind, actor, at)
        select p_book, h.event, h.id, h.unit_id, p_kind, p_actor, p_at from held h returning 1
    )
    select count(*) into v_moved from moved;
    if v_moved <> cardinality(p_units) then
        raise exception using errcode = 'LH011', message = 'a key is not where it should be', detail = v_moved;
    end if;
end
$$;
