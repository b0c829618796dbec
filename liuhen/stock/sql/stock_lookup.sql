-- Which of these fingerprints are known, in whatever state: in this book, in another one. Places count from 1.
-- Two index lookups per key and never a scan: a plan made while the table was small would be kept for a large import
-- and read the whole table once per key. So sequential scans are off here, and the book is compared afterwards,
-- since an index that begins with the book would be just such a scan.
create or replace function stock_lookup(p_book uuid, p_exact bytea[], p_folded bytea[])
returns table (place bigint, in_book boolean, elsewhere boolean)
language sql stable set enable_seqscan = off as $$
    select t.place, bool_or(k.book_id = p_book), bool_or(k.book_id <> p_book)
    from unnest(p_exact, p_folded) with ordinality as t(exact, folded, place)
    cross join lateral (
        select e.book_id from stock_print e where e.fp_exact = t.exact
        union all
        select f.book_id from stock_print f where f.fp_folded = t.folded
    ) as k
    group by t.place
$$;
