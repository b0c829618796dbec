"""What somebody with the owner's password changes, which command names it, and the sentence it says."""

BOOKS, EVIDENCE = "books check", "evidence verify"
_REWOUND = "update chain_head h set seq = e.seq, hash = e.hash from chain_event e where h.order_id = '{%s}' and"
_REWOUND += " e.order_id = h.order_id and e.seq = h.seq - 1; delete from chain_event e using chain_head h"
_REWOUND += " where e.order_id = '{%s}' and h.order_id = e.order_id and e.seq > h.seq"
WHOLE = " ".join(
    f"delete from {table} where {column} = '{{other}}';"
    for table, column in (
        ("order_unit", "order_id"),
        ("order_line", "order_id"),
        ("orders", "id"),
        ("payment", "order_id"),
        ("directory", "id"),
    )
)

CHAIN = "delete from chain_event where order_id = '{other}'; delete from chain_head where order_id = '{other}';"

# what was done → SQL, command, the sentence that names it
TAMPERED: dict[str, tuple[str, str, str]] = {
    "a flipped byte in an event": (
        "update chain_event set payload = set_byte(payload, 20, get_byte(payload, 20) # 1)"
        " where order_id = '{other}' and seq = 2",
        EVIDENCE,
        "{other_no}: BROKEN at link 2: link 2 does not follow from what stands before it",
    ),
    "a flipped byte in a hash": (
        "update chain_event set hash = set_byte(hash, 31, get_byte(hash, 31) # 128)"
        " where order_id = '{other}' and seq = 1",
        EVIDENCE,
        "{other_no}: BROKEN at link 1",
    ),
    "a flipped byte in the head": (
        "update chain_head set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where order_id = '{other}'",
        EVIDENCE,
        "{other_no}: BROKEN at link 3",
    ),
    "an event deleted": (
        "delete from chain_event where order_id = '{other}' and seq = 2",
        EVIDENCE,
        "{other_no}: BROKEN at link 2: link 2 is missing",
    ),
    "the last event deleted": (
        "delete from chain_event where order_id = '{other}' and seq = 3",
        EVIDENCE,
        "{other_no}: BROKEN at link 3: link 3 is missing",
    ),
    "the last event deleted and the head moved back": (
        _REWOUND % ("other", "other"),
        EVIDENCE,
        "{other_no}: unit {other_unit} is not on record",
    ),
    "the arrival of a refund deleted and the head moved back": (
        _REWOUND % ("ruled", "ruled"),
        EVIDENCE,
        "{ruled_no}: transfers REFUND_IN",
    ),
    "two events swapped": (
        "update chain_event e set payload = o.payload from chain_event o where e.order_id = '{other}'"
        " and o.order_id = e.order_id and e.seq + o.seq = 5 and e.seq in (2, 3)",
        EVIDENCE,
        "{other_no}: BROKEN at link 2",
    ),
    "a chain deleted": (
        "delete from chain_event where order_id = '{other}'; delete from chain_head where order_id = '{other}'",
        EVIDENCE,
        "{other_no}: BROKEN at link 1: the chain has no head",
    ),
    "an order deleted, its chain left": (
        WHOLE,
        EVIDENCE,
        "{other_no}: the order is gone, its record is still there",
    ),
    "an order deleted with its chain": (
        WHOLE + "delete from chain_event where order_id = '{other}'; delete from chain_head where order_id = '{other}'",
        BOOKS,
        "belongs to an order that is gone: {other}",
    ),
    "chains of two orders swapped": (
        "update chain_event set seq = seq + 100 where order_id = '{other}';"
        "update chain_event set order_id = '{other}' where order_id = '{back}';"
        "update chain_event set order_id = '{back}', seq = seq - 100 where order_id = '{other}' and seq > 100;"
        "update chain_head h set seq = o.seq, hash = o.hash from chain_head o"
        " where h.order_id in ('{other}', '{back}') and o.order_id in ('{other}', '{back}')"
        " and o.order_id <> h.order_id",
        EVIDENCE,
        "{other_no}: the order has order_no {other_no}, its record {back_no}",
    ),
    "the total of an order": (
        "update orders set total_fen = 1 where id = '{other}'",
        EVIDENCE,
        "{other_no}: the order has total_fen 1, its record 19600",
    ),
    "the buyer of an order": (
        "update orders set buyer_id = '{seller}' where id = '{other}'",
        EVIDENCE,
        "{other_no}: the order has buyer_id {seller}, its record {buyer}",
    ),
    "the state of an order": (
        "update orders set state = 'CANCELLED' where id = '{other}'",
        EVIDENCE,
        "{other_no}: the order has state CANCELLED, its record PAID",
    ),
    "the price of a line": (
        "update order_line set unit_price_fen = 1 where order_id = '{other}'",
        EVIDENCE,
        "{other_no}: line 1 has unit_price_fen 1, its record 9800",
    ),
    "a byte of what the buyer was shown": (
        "update order_line set snapshot = set_byte(snapshot, 30, get_byte(snapshot, 30) # 1)"
        " where order_id = '{other}'",
        EVIDENCE,
        "{other_no}: the snapshot of line 1 was changed",
    ),
    "what the buyer was shown, with its hash": (
        "update order_line set snapshot = '{{}}', snapshot_sha256 = sha256('{{}}') where order_id = '{other}'",
        EVIDENCE,
        "{other_no}: line 1 has the snapshot hash",
    ),
    "the title of a line": (
        "update order_line set title = '别的' where order_id = '{other}'",
        EVIDENCE,
        "{other_no}: line 1 has title 别的, its record 木棉游戏点卡 100 元",
    ),
    "a version of a listing": (
        "update product_version set sealed_window_seconds = 0 where product_id = '{product}'",
        EVIDENCE,
        "version 1 of product {product} was changed: it does not have its hash",
    ),
    "a version of a listing, with its hash": (
        "update product_version set sha256 = sha256('x') where product_id = '{product}'",
        EVIDENCE,
        "{other_no}: version 1 of product {product} is not the one that was shown in line 1",
    ),
    "the price of a unit": (
        "update order_unit set price_fen = 1, fee_fen = 0 where id = '{other_unit}'",
        EVIDENCE,
        "{other_no}: unit {other_unit} has price_fen 1, its record 9800",
    ),
    "what was refunded of a unit": (
        "update order_unit set refunded_fen = 100 where id = '{other_unit}'",
        EVIDENCE,
        "{other_no}: unit {other_unit} has refunded_fen 100, its record 0",
    ),
    "the state of a unit": (
        "update order_unit set state = 'SEALED' where id = '{ruled_unit}'",
        EVIDENCE,
        "{ruled_no}: unit {ruled_unit} has state SEALED, its record REVEALED",
    ),
    "the escrow of a unit": (
        "update order_unit set escrow = 'RELEASED' where id = '{other_unit}'",
        EVIDENCE,
        "{other_no}: unit {other_unit} has escrow RELEASED, its record HELD",
    ),
    "the fee of a unit": (
        "update order_unit set fee_fen = 0 where id = '{released_unit}'",
        BOOKS,
        "unit {released_unit} of book {seller} was charged a fee of 0 fen, its transfers say 196",
    ),
    "the fee of a unit whose money is held": (
        "update order_unit set fee_fen = 9800 where id = '{other_unit}'",
        EVIDENCE,
        "{other_no}: unit {other_unit} has fee_fen 9800, its record 196",
    ),
    "a unit deleted": (
        "delete from order_unit where id = '{other_unit}'",
        EVIDENCE,
        "{other_no}: unit {other_unit} is on record, its row is gone",
    ),
    "units of two orders swapped": (
        "update order_unit set order_id = case id when '{other_unit}' then '{released}'::uuid else '{other}' end,"
        " piece_no = piece_no + 50 where id in ('{other_unit}', '{released_unit}')",
        EVIDENCE,
        "{other_no}: unit {released_unit} is not on record",
    ),
    "keys of two orders swapped": (
        "update stock_key set unit_id = null, state = 'AVAILABLE' where id = '{other_key}';"
        "update stock_key set unit_id = '{other_unit}' where id = '{released_key}';"
        "update stock_key set unit_id = '{released_unit}', state = 'SEALED' where id = '{other_key}'",
        EVIDENCE,
        "{other_no}: unit {other_unit} holds key {released_key}, the key log says {other_key}",
    ),
    "a sold key deleted": (
        "delete from stock_key where id = '{other_key}'",
        EVIDENCE,
        "{other_no}: unit {other_unit} is SEALED and holds no key",
    ),
    "the amount of a payment": (
        "update payment set amount_fen = 1 where id = '{other_payment}'",
        EVIDENCE,
        "{other_no}: payment {other_payment} has amount_fen 1, its record 19600",
    ),
    "a payment deleted": (
        "delete from payment where id = '{other_payment}'",
        EVIDENCE,
        "{other_no}: payment {other_payment} is on record, its row is gone",
    ),
    "the amount of a refund": (
        "update refund set amount_fen = 9800 where id = '{ruled_refund}'",
        EVIDENCE,
        "{ruled_no}: refund {ruled_refund_no} has amount_fen 9800, its record 5000",
    ),
    "whom a refund is for": (
        "update refund set party_id = '{seller}' where id = '{ruled_refund}'",
        EVIDENCE,
        "{ruled_no}: refund {ruled_refund_no} has party_id {seller}, its record {buyer}",
    ),
    "a refund that is to be sent once more": (
        "update refund set state = 'APPROVED', route = 'ORIGINAL', due_at = approved_at where id = '{ruled_refund}'",
        EVIDENCE,
        "{ruled_no}: refund {ruled_refund_no} has route ORIGINAL, its record BALANCE",
    ),
    "a refund deleted": (
        "delete from refund where id = '{back_refund}'",
        EVIDENCE,
        "{back_no}: refund {back_refund} is on record, its row is gone",
    ),
    "what a case granted": (
        "update refund_case set approved_fen = asked_fen where case_no = '{ruled_case}'",
        EVIDENCE,
        "{ruled_no}: case {ruled_case} has approved_fen 9800, its record 5000",
    ),
    "the outcome of a case": (
        "update refund_case set state = 'REJECTED', approved_fen = null where case_no = '{ruled_case}'",
        EVIDENCE,
        "{ruled_no}: case {ruled_case} has state REJECTED, its record APPROVED",
    ),
    "the rules a case rests on": (
        "update refund_case set rulebook_version = '2027-01-1' where case_no = '{case}'",
        EVIDENCE,
        "{back_no}: case {case} rests on",
    ),
    "a statement": (
        "update refund_case set statement = '我很满意' where case_no = '{ruled_case}'",
        EVIDENCE,
        "{ruled_no}: the statement of case {ruled_case} was changed",
    ),
    "the reviewer's reasons": (
        "update case_note set text = '没有理由' where kind = 'RULING'",
        EVIDENCE,
        "{ruled_no}: the words of note",
    ),
    "a note deleted": (
        "delete from case_note where kind = 'ANSWER'",
        EVIDENCE,
        "{ruled_no}: 1 notes are gone",
    ),
    "a picture's row deleted": (
        "delete from evidence_item",
        EVIDENCE,
        "{ruled_no}: picture {picture} is on record, its row is gone",
    ),
    "what was said about a key": (
        "update redemption_fact set state = 'UNUSED', remaining_fen = 9800 where source = 'BUYER'",
        EVIDENCE,
        "{released_no}: unit {released_unit}: what BUYER said about its use is gone: USED_UP, 0 fen left",
    ),
    "what was said about a key deleted": (
        "delete from redemption_fact where source = 'BUYER'",
        EVIDENCE,
        "{released_no}: unit {released_unit}: what BUYER said about its use is gone: USED_UP, 0 fen left",
    ),
    "a balance": (
        "update ledger_account set balance_fen = balance_fen + 100 where book_id = '{buyer}'"
        " and kind = 'buyer_balance'",
        BOOKS,
        "account buyer_balance of book {buyer} says",
    ),
    "an account deleted": (
        "delete from ledger_account where book_id = '{seller}' and kind = 'seller_payable'",
        BOOKS,
        "account seller_payable of book {seller} is gone",
    ),
    "the amount of a transfer": (
        "update ledger_transfer set amount_fen = amount_fen + 1 where order_id = '{other}' and kind = 'HOLD'",
        BOOKS,
        "leaves -1 fen in transit",
    ),
    "a transfer, its twin and both balances": (
        "update ledger_transfer set amount_fen = amount_fen - 100 where order_id = '{other}'"
        " and kind in ('PAY', 'HOLD');"
        "update ledger_account set balance_fen = balance_fen + 100"
        " where book_id = '{buyer}' and kind = 'buyer_balance';"
        "update ledger_account set balance_fen = balance_fen - 100 where book_id = '{seller}' and kind = 'escrow'"
        " and slot = ledger_slot('escrow', '{other}')",
        EVIDENCE,
        "{other_no}: transfers HOLD for {other_payment} move 19500 fen, the record says 19600 fen",
    ),
    "a transfer deleted": (
        "delete from ledger_transfer where order_id = '{released}' and kind = 'FEE'",
        BOOKS,
        "account platform_fee of book {seller} says 196 fen, its transfers say 0 fen",
    ),
    "a movement deleted": (
        "delete from ledger_transfer where order_id = '{back}' and kind in ('PAY', 'HOLD')",
        EVIDENCE,
        "{back_no}: transfers HOLD for {back_payment} move 0 fen, the record says 9800 fen",
    ),
    "a top-up's payment": (
        "update payment set amount_fen = 70000 where purpose = 'TOP_UP' and amount_fen = 60000",
        BOOKS,
        "the payment says 70000 fen, its transfer 60000 fen",
    ),
    "a payout's amount": (
        "update refund set amount_fen = 5000 where kind = 'PAYOUT'",
        BOOKS,
        "the refund says 5000 fen, its transfer 500 fen",
    ),
    "a payout deleted": (
        "delete from refund where kind = 'PAYOUT'",
        BOOKS,
        "the refund says 0 fen, its transfer 500 fen",
    ),
    "what may still be paid out": (
        "update balance_funding set remaining_fen = amount_fen where remaining_fen < amount_fen",
        BOOKS,
        "of book {buyer} says that 60000 of 60000 fen are left, its payouts say 59500 fen",
    ),
    "an order number that leads elsewhere": (
        "update directory set id = '{buyer}' where kind = 'order' and ext = '{other_no}'",
        BOOKS,
        "order {other_no} leads to nothing",
    ),
    "what may be paid out, deleted": (
        "delete from balance_funding where remaining_fen < amount_fen",
        BOOKS,
        "60000 fen of it became balance of {buyer}, the fundings say 0 fen",
    ),
    "money moved from one part of an escrow to another": (
        "update ledger_account set balance_fen = balance_fen - 100 where book_id = '{seller}' and kind = 'escrow'"
        " and slot = ledger_slot('escrow', '{other}');"
        "insert into ledger_account (book_id, kind, slot, balance_fen)"
        " select '{seller}', 'escrow', (ledger_slot('escrow', '{other}') + 1) % 16, 100 on conflict"
        " (book_id, kind, slot) do update set balance_fen = ledger_account.balance_fen + 100",
        BOOKS,
        "of the escrow of book {seller} holds",
    ),
    "an account without money deleted": (
        "delete from ledger_account where book_id = '{buyer}' and kind = 'seller_debt'",
        BOOKS,
        "account seller_debt of book {buyer} is gone",
    ),
    "a party deleted": (
        "delete from party where book_id = '{buyer}'",
        BOOKS,
        "the party of book {buyer} is gone, its accounts are still there",
    ),
    "a key that was seen put back on the shelf": (
        "update stock_key set state = 'AVAILABLE', unit_id = null where id = '{ruled_key}'",
        BOOKS,
        "key {ruled_key} of book {seller} is on the shelf, its log says",
    ),
    "a key on the shelf deleted": (
        "delete from stock_key where id = (select id from stock_key where state = 'AVAILABLE' limit 1)",
        BOOKS,
        "is gone, its fingerprint is still there",
    ),
    "the fingerprint of a key deleted": (
        "delete from stock_print where key_id = '{other_key}'",
        BOOKS,
        "key {other_key} of book {seller} has no fingerprint: it could be brought again",
    ),
    "a line of the key log deleted": (
        "delete from key_event where unit_id = '{ruled_unit}' and kind = 'REVEALED'",
        EVIDENCE,
        "{ruled_no}: unit {ruled_unit}: the key log says 0 times REVEALED, its record 1",
    ),
    "an order number deleted": (
        "delete from directory where kind = 'order' and ext = '{other_no}'",
        EVIDENCE,
        "{other_no}: order {other_no} is in no directory: nobody finds it",
    ),
    "a top-up that its channel no longer finds": (
        "delete from directory where kind = 'payment' and id in (select id from payment where purpose = 'TOP_UP')",
        BOOKS,
        "is in no directory: nobody finds it",
    ),
    "the price that the market shows": (
        "update product set price_fen = 1 where id = '{product}'",
        EVIDENCE,
        "product {product} shows card_key, 木棉游戏点卡 100 元, 1 fen, its version 1 says",
    ),
    "a product deleted": (
        "delete from product where id = '{product}'",
        EVIDENCE,
        "product {product} of book {seller} is gone, its versions are still there",
    ),
    "who gave the reasons": (
        "update case_note set author_role = 'SELLER' where kind = 'RULING'",
        EVIDENCE,
        "has author_role SELLER, its record REVIEWER",
    ),
    "whose picture it is": (
        "update evidence_item set uploaded_by = '{seller}'",
        EVIDENCE,
        "{ruled_no}: picture {picture} has uploaded_by {seller}, its record {buyer}",
    ),
    "whose case it is": (
        "update refund_case set buyer_id = '{seller}' where case_no = '{case}'",
        EVIDENCE,
        "{back_no}: case {case} has buyer_id {seller}, its record {buyer}",
    ),
    "the ground of a case, where pages read it": (
        "update refund_case set ground = 'seller.agreed' where case_no = '{case}'",
        EVIDENCE,
        "{back_no}: case {case} has ground seller.agreed, its record promise.instant",
    ),
    "when a seal was broken": (
        "update order_unit set revealed_at = revealed_at - interval '1 day' where id = '{ruled_unit}'",
        EVIDENCE,
        "{ruled_no}: unit {ruled_unit} has revealed_at",
    ),
    "that a seal was broken": (
        "delete from redemption_fact where unit_id = '{ruled_unit}' and source = 'PLATFORM'",
        EVIDENCE,
        "{ruled_no}: unit {ruled_unit}: what PLATFORM said about its use is gone: UNKNOWN, None fen left",
    ),
    "a refund that goes back to a payment of nobody": (
        "update refund set payment_book_id = '{buyer}' where id = '{back_refund}'",
        BOOKS,
        "refund {back_refund_no} of book {seller} goes back to a payment that is not there",
    ),
}

# What nothing inside the database can know: an order that goes with all that ever spoke of it.
GONE_FOR_GOOD = (
    "update ledger_account a set balance_fen = a.balance_fen + 19600 where book_id = '{buyer}'"
    " and kind = 'buyer_balance';"
    "update ledger_account a set balance_fen = a.balance_fen - 19600 where book_id = '{seller}' and kind = 'escrow'"
    " and slot = ledger_slot('escrow', '{other}');"
    "delete from ledger_transfer where order_id = '{other}';"
    "update stock_key set state = 'AVAILABLE', unit_id = null where unit_id in"
    " (select id from order_unit where order_id = '{other}');"
    "delete from key_event where unit_id in (select id from order_unit where order_id = '{other}');" + CHAIN + WHOLE
)
