-- What stood in the way of many purchases at once; docs/decisions/0005-hot-paths.md has the measurements.

-- A shop's escrow in 16 parts (money/sql/ledger_a_slot.sql): one row would make all its buyers stand in line.
alter table ledger_transfer drop constraint ledger_transfer_book_id_debit_fkey;
alter table ledger_transfer drop constraint ledger_transfer_book_id_credit_fkey;
alter table ledger_transfer add constraint ledger_transfer_accounts check (
    debit in ('buyer_balance', 'escrow', 'seller_payable', 'seller_debt', 'platform_fee', 'channel_clearing', 'refund_due', 'in_transit')
    and credit in ('buyer_balance', 'escrow', 'seller_payable', 'seller_debt', 'platform_fee', 'channel_clearing', 'refund_due', 'in_transit'));
alter table ledger_account add column slot smallint not null default 0 check (slot between 0 and 15);
alter table ledger_account drop constraint ledger_account_pkey;
alter table ledger_account add primary key (book_id, kind, slot);
alter table ledger_account add check (slot = 0 or kind = 'escrow');

-- An escrow that held money for many orders in one row: each order's part goes where its order lies.
insert into ledger_account (book_id, kind, slot, balance_fen)
    select book_id, 'escrow', slot, fen from (
        select book_id, (get_byte(uuid_send(order_id), 15) & 15)::smallint as slot, sum(price_fen - refunded_fen)::bigint as fen
        from order_unit where escrow = 'HELD' group by 1, 2) as held
    where slot > 0 and fen > 0;
update ledger_account a set balance_fen = a.balance_fen - moved.fen
    from (select book_id, sum(balance_fen)::bigint as fen from ledger_account where kind = 'escrow' and slot > 0 group by 1) as moved
    where a.book_id = moved.book_id and a.kind = 'escrow' and a.slot = 0;

-- in_transit nets to zero in each movement; its balance said nothing and cost two updates a purchase.
delete from ledger_account where kind = 'in_transit';

-- A version of a listing is append-only and can never go away under its orders; the check at each order locked the
-- version's row, which all buyers of one product share.
alter table order_line drop constraint order_line_book_id_product_id_version_fkey;
