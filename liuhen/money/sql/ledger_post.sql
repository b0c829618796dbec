-- Posts transfers: locks the accounts they touch in (book_id, kind) order, then moves the balances.
-- A transfer whose (book, kind, ref, debit, credit) was posted before violates the unique key: the caller's bug.
create or replace function ledger_post(
    p_books uuid[], p_ids uuid[], p_debits text[], p_credits text[], p_amounts bigint[],
    p_kinds text[], p_movement uuid, p_refs uuid[], p_order uuid, p_at timestamptz
) returns void
language plpgsql as $$
begin
    perform 1 from ledger_account a
        where (a.book_id, a.kind) in (
            select * from unnest(p_books, p_debits) union select * from unnest(p_books, p_credits))
        order by a.book_id, a.kind for update;
    insert into ledger_transfer (book_id, id, debit, credit, amount_fen, kind, movement_id, ref_id, order_id, at)
        select b, i, d, c, m, k,
            case when d = 'in_transit' or c = 'in_transit' then p_movement end, r, p_order, p_at
        from unnest(p_books, p_ids, p_debits, p_credits, p_amounts, p_kinds, p_refs) as t(b, i, d, c, m, k, r);
    update ledger_account a set balance_fen = a.balance_fen + s.delta
        from (
            select book, kind, sum(delta)::bigint as delta from (
                select * from unnest(p_books, p_credits, p_amounts) as x(book, kind, delta)
                union all
                select book, kind, -delta from unnest(p_books, p_debits, p_amounts) as y(book, kind, delta)
            ) as moves group by book, kind
        ) as s
        where a.book_id = s.book and a.kind = s.kind;
end
$$;
