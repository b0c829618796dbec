-- Messages for inboxes, of one or several parties.
create or replace function notice_put_all(
    p_books uuid[], p_ids uuid[], p_kinds text[], p_data text[], p_links text[], p_at timestamptz
) returns void
language plpgsql set plan_cache_mode = force_generic_plan as $$  -- a list would be planned anew each time
begin
    insert into notice (book_id, id, kind, data, link, created_at)
        select p_books[n], t.id, p_kinds[n], p_data[n]::jsonb, p_links[n], p_at
        from unnest(p_ids) with ordinality as t(id, n);
end
$$;
