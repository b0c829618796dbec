-- The next key to sell is found by an index that no other can stand in for. Before, the planner took the list of all keys,
-- which begins with the same columns, for as good, and every sale read past all keys that were sold before it.
drop index stock_key_available;
create index stock_key_available on stock_key (book_id, product_id, import_id, id) where state = 'AVAILABLE';
