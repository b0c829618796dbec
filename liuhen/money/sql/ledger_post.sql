-- Posts transfers and moves the balances they touch, in (book_id, kind, slot) order: the order of all account locks.
-- A transfer whose (book, kind, ref, debit, credit) was posted before violates the unique key: the caller's bug.
-- in_transit keeps no balance. A shop's escrow gets its parts as they are needed; any other account must be there.
create or replace function ledger_post(
    p_books uuid[], p_ids uuid[], p_debits text[], p_credits text[], p_amounts bigint[],
    p_kinds text[], p_movement uuid, p_refs uuid[], p_order uuid, p_at timestamptz
) returns void
language plpgsql as $$
declare
    r record;
begin
    for r in
        select book, kind, ledger_slot(kind, p_order) as slot, sum(delta)::bigint as delta from (
            select * from unnest(p_books, p_credits, p_amounts) as x(book, kind, delta)
            union all
            select book, kind, -delta from unnest(p_books, p_debits, p_amounts) as y(book, kind, delta)
        ) as moves where kind <> 'in_transit' group by book, kind order by book, kind
    loop
        update ledger_account set balance_fen = balance_fen + r.delta
            where book_id = r.book and kind = r.kind and slot = r.slot;
        if not found then
            if r.slot = 0 then
                raise exception using errcode = 'foreign_key_violation', message = 'a ledger account that must exist does not';
            end if;
            insert into ledger_account (book_id, kind, slot, balance_fen) values (r.book, r.kind, r.slot, r.delta)
                on conflict (book_id, kind, slot) do update set balance_fen = ledger_account.balance_fen + r.delta;
        end if;
    end loop;
    insert into ledger_transfer (book_id, id, debit, credit, amount_fen, kind, movement_id, ref_id, order_id, at)
        select b, i, d, c, m, k,
            case when d = 'in_transit' or c = 'in_transit' then p_movement end, r_, p_order, p_at
        from unnest(p_books, p_ids, p_debits, p_credits, p_amounts, p_kinds, p_refs) as t(b, i, d, c, m, k, r_);
end
$$;
