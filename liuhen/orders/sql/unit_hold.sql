-- Locks units of one order, in the order given: by id, as every act locks them.
create or replace function unit_hold(p_book uuid, p_units uuid[]) returns void
language plpgsql as $$
begin
    for i in 1 .. cardinality(p_units) loop
        perform from order_unit where book_id = p_book and id = p_units[i] for update;
    end loop;
end
$$;
