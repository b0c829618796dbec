-- What each sale wrote without need; docs/decisions/0005-hot-paths.md has the measurements.

-- A key's fingerprints never change, its state does at each sale: five of nine index entries were written for nothing.
create table stock_print (
    book_id uuid not null,
    key_id uuid not null,
    fp_exact bytea not null,
    fp_folded bytea,
    fp_serial bytea,
    primary key (book_id, key_id),
    unique (book_id, fp_exact),
    unique (book_id, fp_folded)
);
comment on table stock_print is 'append-only';
insert into stock_print (book_id, key_id, fp_exact, fp_folded, fp_serial)
    select book_id, id, fp_exact, fp_folded, fp_serial from stock_key;
create index stock_print_exact_anywhere on stock_print (fp_exact);
create index stock_print_folded_anywhere on stock_print (fp_folded) where fp_folded is not null;
create index stock_print_serial_anywhere on stock_print (fp_serial) where fp_serial is not null;
alter table stock_key drop column fp_exact, drop column fp_folded, drop column fp_serial;

-- The primary key read backwards is the same.
drop index orders_of_seller;
drop index refund_case_of_seller;
-- The directory's primary key holds these numbers unique over all books.
alter table orders drop constraint orders_book_id_order_no_key;
alter table refund_case drop constraint refund_case_book_id_case_no_key;
-- A payment from the balance has no number at a channel.
alter table payment drop constraint payment_book_id_channel_trade_no_key;
create unique index payment_of_trade on payment (book_id, channel, trade_no) where trade_no is not null;

-- Orders and cases are never deleted (the role may not), and one function writes each together with its parts: the
-- check of each part cost more than the part.
alter table order_line drop constraint order_line_book_id_order_id_fkey;
alter table order_unit drop constraint order_unit_book_id_order_id_line_no_fkey;
alter table refund_case drop constraint refund_case_book_id_order_id_fkey;
alter table refund_case_unit drop constraint refund_case_unit_book_id_case_id_fkey;
alter table refund_case_unit drop constraint refund_case_unit_book_id_unit_id_fkey;
comment on table orders is 'kept';
comment on table order_line is 'kept';
comment on table order_unit is 'kept';
comment on table refund_case is 'kept';
comment on table refund_case_unit is 'kept';
comment on table chain_head is 'kept';
comment on table ledger_account is 'kept';
comment on table payment is 'kept';
comment on table refund is 'kept';
comment on table stock_key is 'kept';
