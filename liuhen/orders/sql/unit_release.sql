-- The escrow of these units is paid to the seller; nothing is due for them any more.
create or replace function unit_release(p_book uuid, p_units uuid[], p_at timestamptz) returns void
language plpgsql as $$
begin
    for i in 1 .. cardinality(p_units) loop  -- one by one: a list would be planned anew each time
        update order_unit set escrow = 'RELEASED', released_at = p_at, release_due_at = null
            where book_id = p_book and id = p_units[i];
    end loop;
end
$$;
