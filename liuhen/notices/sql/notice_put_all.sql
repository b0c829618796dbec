-- Messages for inboxes, of one or several parties.
create or replace function notice_put_all(
    p_books uuid[], p_ids uuid[], p_kinds text[], p_data text[], p_links text[], p_at timestamptz
) returns void
language plpgsql as $$
begin
    for i in 1 .. cardinality(p_ids) loop
        insert into notice (book_id, id, kind, data, link, created_at)
            values (p_books[i], p_ids[i], p_kinds[i], p_data[i]::jsonb, p_links[i], p_at);
    end loop;
end
$$;
