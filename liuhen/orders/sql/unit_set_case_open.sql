-- While a case is open its units are neither released nor acted on as late.
create or replace function unit_set_case_open(p_book uuid, p_units uuid[], p_open boolean) returns void
language plpgsql as $$
begin
    for i in 1 .. cardinality(p_units) loop  -- one by one: a list would be planned anew each time
        update order_unit set case_open = p_open where book_id = p_book and id = p_units[i];
    end loop;
end
$$;
