-- Locks an order and some of its units, in the order in which every act locks them: by id.
create or replace function order_hold(p_book uuid, p_order uuid, p_units uuid[]) returns void
language plpgsql as $$
begin
    perform from orders where book_id = p_book and id = p_order for update;
    for i in 1 .. cardinality(p_units) loop  -- in the order given; a list would be planned anew each time
        perform from order_unit where book_id = p_book and id = p_units[i] for update;
    end loop;
end
$$;
