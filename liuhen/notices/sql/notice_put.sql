-- A message for a party's inbox.
create or replace function notice_put(
    p_book uuid, p_id uuid, p_kind text, p_data jsonb, p_link text, p_at timestamptz
) returns void
language plpgsql as $$
begin
    insert into notice (book_id, id, kind, data, link, created_at) values (p_book, p_id, p_kind, p_data, p_link, p_at);
end
$$;
