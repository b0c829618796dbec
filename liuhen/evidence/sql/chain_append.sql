-- Appends one event to an order's chain. The head row is the lock; the first event of an order makes it.
-- link = sha256(previous ‖ seq as 8 bytes big-endian ‖ sha256(payload)), the same as base/chain.py.
create or replace function chain_append(p_book uuid, p_order uuid, p_payload bytea) returns integer
language plpgsql as $$
declare
    v_seq integer;
    v_hash bytea;
begin
    insert into chain_head (book_id, order_id, seq, hash) values (p_book, p_order, 0, decode(repeat('00', 32), 'hex'))
        on conflict do nothing;
    select seq + 1, sha256(hash || int8send(seq + 1::bigint) || sha256(p_payload)) into v_seq, v_hash
        from chain_head where book_id = p_book and order_id = p_order for update;
    insert into chain_event (book_id, order_id, seq, payload, hash) values (p_book, p_order, v_seq, p_payload, v_hash);
    update chain_head set seq = v_seq, hash = v_hash where book_id = p_book and order_id = p_order;
    return v_seq;
end
$$;
