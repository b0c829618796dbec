-- A case with its units. A unit with an open case violates refund_case_unit_one_open.
create or replace function case_put(
    p_book uuid, p_id uuid, p_no text, p_order uuid, p_buyer uuid, p_reason text, p_statement text, p_salt bytea,
    p_route text, p_opened_by text, p_state text, p_due timestamptz, p_asked bigint, p_approved bigint,
    p_decided_by text, p_decision bytea, p_rulebook text, p_seller_asked timestamptz, p_opened timestamptz,
    p_decided timestamptz, p_ground text, p_units uuid[], p_units_asked bigint[], p_units_approved bigint[], p_facts text[]
) returns void
language plpgsql as $$
begin
    insert into refund_case (book_id, id, case_no, order_id, buyer_id, reason, statement, salt, route, opened_by, state,
            due_at, asked_fen, approved_fen, decided_by, decision, ground, rulebook_version,
            seller_asked_at, opened_at, decided_at)
        values (p_book, p_id, p_no, p_order, p_buyer, p_reason, p_statement, p_salt, p_route, p_opened_by, p_state,
            p_due, p_asked, p_approved, p_decided_by, p_decision, p_ground, p_rulebook, p_seller_asked, p_opened, p_decided);
    for i in 1 .. cardinality(p_units) loop
        insert into refund_case_unit (book_id, case_id, unit_id, asked_fen, approved_fen, open, facts)
            values (p_book, p_id, p_units[i], p_units_asked[i], p_units_approved[i], p_decided is null,
                p_facts[i]::jsonb);
    end loop;
end
$$;
