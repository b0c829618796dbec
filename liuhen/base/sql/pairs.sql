-- Two lists as rows, by place. Unlike unnest it does not tell the planner how long they are, so that a statement over them
-- is planned once and not for each length anew.
create or replace function pairs(p_books uuid[], p_ids uuid[]) returns table (book uuid, id uuid)
language plpgsql stable rows 10 as $$
begin
    for i in 1 .. cardinality(p_books) loop
        book := p_books[i];
        id := p_ids[i];
        return next;
    end loop;
end
$$;
