-- So much of each unit went back, in fen; the table's check refuses more than its price. A unit of which nothing is left
-- is done: refunded, without a deadline, its escrow given back if it was still held.
create or replace function unit_refund(p_book uuid, p_units uuid[], p_fen bigint[], p_at timestamptz) returns void
language plpgsql as $$
begin
    for i in 1 .. cardinality(p_units) loop
        update order_unit set refunded_fen = refunded_fen + p_fen[i], refunded_at = p_at,
                state = case when refunded_fen + p_fen[i] = price_fen then 'REFUNDED' else state end,
                escrow = case when refunded_fen + p_fen[i] = price_fen and escrow = 'HELD' then 'GIVEN_BACK' else escrow end,
                late_act_at = case when refunded_fen + p_fen[i] < price_fen then late_act_at end,
                release_due_at = case when refunded_fen + p_fen[i] < price_fen then release_due_at end
            where book_id = p_book and id = p_units[i];
    end loop;
end
$$;
