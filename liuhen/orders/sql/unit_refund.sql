-- So much of each unit went back, in fen; the table's check refuses more than its price. A unit of which nothing is left
-- is done: refunded, without a deadline, its escrow given back if it was still held.
create or replace function unit_refund(p_book uuid, p_units uuid[], p_fen bigint[], p_at timestamptz) returns void
language plpgsql as $$
begin
    update order_unit u set refunded_fen = u.refunded_fen + t.fen, refunded_at = p_at,
            state = case when t.whole then 'REFUNDED' else u.state end,
            escrow = case when t.whole and u.escrow = 'HELD' then 'GIVEN_BACK' else u.escrow end,
            late_act_at = case when t.whole then null else u.late_act_at end,
            release_due_at = case when t.whole then null else u.release_due_at end
        from (select id, fen, (select n.price_fen - n.refunded_fen from order_unit n
                where n.book_id = p_book and n.id = g.id) = fen as whole
            from unnest(p_units, p_fen) as g(id, fen)) as t
        where u.book_id = p_book and u.id = t.id;
end
$$;
