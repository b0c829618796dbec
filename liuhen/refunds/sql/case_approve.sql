-- A case is closed as approved, with so much of each of its units.
create or replace function case_approve(
    p_book uuid, p_id uuid, p_units uuid[], p_fen bigint[], p_facts text[], p_by text, p_decision bytea, p_ground text, p_at timestamptz
) returns void
language plpgsql as $$
declare
    v_sum bigint := 0;
begin
    for i in 1 .. cardinality(p_units) loop
        update refund_case_unit set open = false, approved_fen = p_fen[i], facts = p_facts[i]::jsonb
            where book_id = p_book and case_id = p_id and unit_id = p_units[i];
        v_sum := v_sum + p_fen[i];
    end loop;
    update refund_case set state = 'APPROVED', due_at = null, decided_by = p_by, decision = p_decision, ground = p_ground,
            decided_at = p_at, approved_fen = v_sum
        where book_id = p_book and id = p_id;
end
$$;
