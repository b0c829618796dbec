-- For an act that looked at an order without a lock and now holds it: has anything happened to it since? The act is done
-- again then. chain_append_all looks once more, under the lock of the chain.
create or replace function chain_seen(p_book uuid, p_order uuid, p_seen integer) returns void
language plpgsql as $$
begin
    if p_seen <> (select seq from chain_head where book_id = p_book and order_id = p_order) then
        raise exception using errcode = 'serialization_failure', message = 'the order has moved on';
    end if;
end
$$;
