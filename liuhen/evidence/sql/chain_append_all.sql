-- Appends events to an order's chain, in order. The head row is the lock.
-- p_seen: how long the chain was when the caller looked at the order without a lock: if it is longer now, what he decided
-- may be wrong, and he does it all again. 0 for a new order, whose chain begins here; null for who holds the order.
-- link = sha256(previous ‖ seq as 8 bytes big-endian ‖ sha256(payload)), the same as base/chain.py.
create or replace function chain_append_all(p_book uuid, p_order uuid, p_payloads bytea[], p_seen integer) returns void
language plpgsql as $$
declare
    v_first integer := 0;
    v_hash bytea := '\x0000000000000000000000000000000000000000000000000000000000000000';
begin
    if p_seen is distinct from 0 then
        select seq, hash into v_first, v_hash from chain_head where book_id = p_book and order_id = p_order for update;
        if not found then
            raise exception using errcode = 'foreign_key_violation', message = 'an order without a chain';
        end if;
        if p_seen <> v_first then
            raise exception using errcode = 'serialization_failure', message = 'the order has moved on';
        end if;
    end if;
    for i in 1 .. cardinality(p_payloads) loop
        v_hash := sha256(v_hash || int8send(v_first + i::bigint) || sha256(p_payloads[i]));
        insert into chain_event (book_id, order_id, seq, payload, hash)
            values (p_book, p_order, v_first + i, p_payloads[i], v_hash);
    end loop;
    if p_seen = 0 then
        insert into chain_head (book_id, order_id, seq, hash) values (p_book, p_order, cardinality(p_payloads), v_hash);
    else
        update chain_head set seq = v_first + cardinality(p_payloads), hash = v_hash
            where book_id = p_book and order_id = p_order;
    end if;
end
$$;
