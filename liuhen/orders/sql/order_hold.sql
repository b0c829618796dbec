-- Locks an order and some of its units, in the order in which every act locks them.
create or replace function order_hold(p_book uuid, p_order uuid, p_units uuid[]) returns void
language plpgsql as $$
begin
    perform from orders where book_id = p_book and id = p_order for update;
    perform from order_unit where book_id = p_book and id = any(p_units) order by id for update;
end
$$;
