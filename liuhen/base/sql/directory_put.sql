-- From a number or id that the outside knows to the book that holds the thing. Twice the same violates the key.
create or replace function directory_put(p_kind text, p_ext text, p_book uuid, p_id uuid) returns void
language plpgsql as $$
begin
    insert into directory (kind, ext, book_id, id) values (p_kind, p_ext, p_book, p_id);
end
$$;
