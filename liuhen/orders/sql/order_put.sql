-- A new order with its lines (numbered from 1) and its units. Money, keys and record have functions of their own.
-- Loops, not `select … from unnest(…)`: for the one line that an order nearly always has they cost half.
create or replace function order_put(
    p_book uuid, p_order uuid, p_no text, p_buyer uuid, p_state text, p_total bigint, p_pay_due timestamptz,
    p_paid_at timestamptz, p_paid_from text, p_at timestamptz,
    p_products uuid[], p_versions integer[], p_kinds text[], p_deliveries text[], p_titles text[], p_pieces integer[],
    p_prices bigint[], p_targets text[], p_exclusions text[], p_snapshots bytea[], p_hashes bytea[],
    p_units uuid[], p_unit_lines smallint[], p_unit_pieces smallint[], p_unit_states text[], p_escrows text[],
    p_unit_prices bigint[], p_fees bigint[], p_delivered timestamptz[], p_deliver_due timestamptz[],
    p_late_act timestamptz[], p_release_due timestamptz[]
) returns void
language plpgsql as $$
begin
    insert into orders (book_id, id, order_no, buyer_id, state, total_fen, pay_due_at, paid_at, paid_from, created_at)
        values (p_book, p_order, p_no, p_buyer, p_state, p_total, p_pay_due, p_paid_at, p_paid_from, p_at);
    for i in 1 .. cardinality(p_products) loop
        insert into order_line (book_id, order_id, line_no, product_id, version, kind, delivery, title, pieces,
                unit_price_fen, total_fen, target, no_reason_confirmed_at, no_reason_text_version, snapshot,
                snapshot_sha256)
            values (p_book, p_order, i, p_products[i], p_versions[i], p_kinds[i], p_deliveries[i], p_titles[i],
                p_pieces[i], p_prices[i], p_prices[i] * p_pieces[i], p_targets[i],
                case when p_exclusions[i] is not null then p_at end, p_exclusions[i], p_snapshots[i], p_hashes[i]);
    end loop;
    for i in 1 .. cardinality(p_units) loop
        insert into order_unit (book_id, id, order_id, line_no, piece_no, state, escrow, price_fen, fee_fen,
                delivered_at, deliver_due_at, late_act_at, release_due_at)
            values (p_book, p_units[i], p_order, p_unit_lines[i], p_unit_pieces[i], p_unit_states[i], p_escrows[i],
                p_unit_prices[i], p_fees[i], p_delivered[i], p_deliver_due[i], p_late_act[i], p_release_due[i]);
    end loop;
end
$$;
