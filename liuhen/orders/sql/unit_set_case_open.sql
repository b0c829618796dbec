-- While a case is open its units are neither released nor acted on as late.
create or replace function unit_set_case_open(p_book uuid, p_units uuid[], p_open boolean) returns void
language plpgsql as $$
begin
    update order_unit set case_open = p_open where book_id = p_book and id = any(p_units);
end
$$;
