-- Moves balances, in the order given, which is the order of all account locks: (book_id, kind, slot). Then writes the
-- transfers. One whose (book, kind, ref, debit, credit) was posted before violates the unique key: the caller's bug.
-- in_transit keeps no balance. A shop's escrow gets its parts as they are needed; any other account must be there.
create or replace function ledger_post(
    p_account_books uuid[], p_account_kinds text[], p_deltas bigint[],
    p_books uuid[], p_ids uuid[], p_debits text[], p_credits text[], p_amounts bigint[],
    p_kinds text[], p_movement uuid, p_refs uuid[], p_order uuid, p_at timestamptz
) returns void
language plpgsql as $$
declare
    v_slot smallint;
begin
    for i in 1 .. cardinality(p_account_books) loop
        v_slot := ledger_slot(p_account_kinds[i], p_order);
        update ledger_account set balance_fen = balance_fen + p_deltas[i]
            where book_id = p_account_books[i] and kind = p_account_kinds[i] and slot = v_slot;
        if not found then
            if v_slot = 0 then
                raise exception using errcode = 'foreign_key_violation',
                    message = 'a ledger account that must exist does not';
            end if;
            insert into ledger_account (book_id, kind, slot, balance_fen)
                values (p_account_books[i], p_account_kinds[i], v_slot, p_deltas[i])
                on conflict (book_id, kind, slot) do update set balance_fen = ledger_account.balance_fen + p_deltas[i];
        end if;
    end loop;
    for i in 1 .. cardinality(p_ids) loop
        insert into ledger_transfer (book_id, id, debit, credit, amount_fen, kind, movement_id, ref_id, order_id, at)
            values (p_books[i], p_ids[i], p_debits[i], p_credits[i], p_amounts[i], p_kinds[i],
                case when p_debits[i] = 'in_transit' or p_credits[i] = 'in_transit' then p_movement end,
                p_refs[i], p_order, p_at);
    end loop;
end
$$;
