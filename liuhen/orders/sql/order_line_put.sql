-- A line of a new order, with a unit for each piece. Pieces of a line begin alike and differ in id and number alone.
create or replace function order_line_put(
    p_book uuid, p_order uuid, p_line smallint, p_product uuid, p_version integer, p_kind text, p_delivery text,
    p_title text, p_price bigint, p_target text, p_exclusion text, p_snapshot bytea, p_hash bytea, p_at timestamptz,
    p_units uuid[], p_state text, p_escrow text, p_fee bigint, p_delivered timestamptz, p_deliver_due timestamptz,
    p_late_act timestamptz, p_release_due timestamptz
) returns void
language plpgsql as $$
begin
    insert into order_line (book_id, order_id, line_no, product_id, version, kind, delivery, title, pieces,
            unit_price_fen, total_fen, target, no_reason_confirmed_at, no_reason_text_version, snapshot, snapshot_sha256)
        values (p_book, p_order, p_line, p_product, p_version, p_kind, p_delivery, p_title, cardinality(p_units),
            p_price, p_price * cardinality(p_units), p_target, case when p_exclusion is not null then p_at end,
            p_exclusion, p_snapshot, p_hash);
    for piece in 1 .. cardinality(p_units) loop
        insert into order_unit (book_id, id, order_id, line_no, piece_no, state, escrow, price_fen, fee_fen,
                delivered_at, deliver_due_at, late_act_at, release_due_at)
            values (p_book, p_units[piece], p_order, p_line, piece, p_state, p_escrow, p_price, p_fee,
                p_delivered, p_deliver_due, p_late_act, p_release_due);
    end loop;
end
$$;
