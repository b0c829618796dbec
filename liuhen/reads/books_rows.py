"""The rest of the books check: what payments, refunds, fundings and units say against the transfers, row by row."""

from liuhen.base.db import Tx
from liuhen.money.accounts import AccountKind


async def check_rows(tx: Tx) -> list[str]:
    """Returns one sentence per fault, naming the row; empty means that all agree. Amounts in fen.

    What belongs to an order's record is held against the record (reads/audit.py); here is the money that has none, and
    rows that lead to nothing.
    """
    return [row["fault"] for row in await tx.fetch(_ALL)]


_AGAIN = (
    "exists (select from ledger_transfer b where b.book_id = r.book_id and b.kind = 'BOUNCED' and b.ref_id = r.id)"
    " and r.state = 'ARRIVED'"
)

_KINDS = ", ".join(f"'{kind}'" for kind in AccountKind if kind is not AccountKind.IN_TRANSIT)
"""Accounts that every party has from its first day (money.ledger.open_book)."""

_FAULTS = (
    # Accounts
    "select format('account %s of book %s is gone', m.kind, m.book_id) as fault from ("
    " select book_id, credit as kind from ledger_transfer union select book_id, debit from ledger_transfer"
    f" union select book_id, unnest(array[{_KINDS}]) from party) as m"
    " where m.kind <> 'in_transit' and not exists (select from ledger_account a"
    " where a.book_id = m.book_id and a.kind = m.kind and a.slot = 0) order by 1",
    "select distinct format('the party of book %s is gone, its accounts are still there', a.book_id) as fault"
    " from ledger_account a where not exists (select from party p where p.book_id = a.book_id) order by 1",
    "select format('account %s of book %s is below zero: %s fen', kind, book_id, balance_fen) as fault"
    " from ledger_account where balance_fen < 0 and kind not in ('channel_clearing', 'seller_debt') order by 1",
    "select format('account %s of book %s is above zero: %s fen', kind, book_id, balance_fen) as fault"
    " from ledger_account where balance_fen > 0 and kind in ('channel_clearing', 'seller_debt') order by 1",
    # Top-ups and payouts have no record of an order: the transfer and the row prove each other.
    "select format('top-up %s of book %s: the payment says %s fen, its transfer %s fen', id, book_id,"
    " coalesce(p.fen, 0), coalesce(t.fen, 0)) as fault from ("
    " select book_id, id, amount_fen as fen from payment where purpose = 'TOP_UP' and state = 'CAPTURED') as p"
    " full join (select book_id, ref_id as id, sum(amount_fen)::bigint as fen from ledger_transfer"
    " where kind = 'TOP_UP' group by 1, 2) as t using (book_id, id)"
    " where p.fen is distinct from t.fen order by 1",
    "select format('payout %s of book %s: the refund says %s fen, its transfer %s fen', coalesce(no, id::text),"
    " book_id, coalesce(r.fen, 0), coalesce(t.fen, 0)) as fault from ("
    " select book_id, id, refund_no as no, amount_fen as fen from refund where kind = 'PAYOUT') as r"
    " full join (select book_id, ref_id as id, sum(amount_fen)::bigint as fen from ledger_transfer"
    " where kind = 'PAY_OUT' group by 1, 2) as t using (book_id, id)"
    " where r.fen is distinct from t.fen order by 1",
    "select format('payout %s of book %s is %s, its transfers do not say so', r.refund_no, r.book_id, r.state) as fault"
    " from refund r where r.kind = 'PAYOUT' and (r.state = 'ARRIVED') <> exists (select from ledger_transfer t"
    " where t.book_id = r.book_id and t.kind = 'ARRIVED' and t.ref_id = r.id)"
    " or r.kind = 'PAYOUT' and r.state in ('APPROVED', 'SENT') and exists (select from ledger_transfer t"
    " where t.book_id = r.book_id and t.kind = 'BOUNCED' and t.ref_id = r.id)"
    " or r.kind = 'PAYOUT' and r.state = 'FAILED' and not exists (select from ledger_transfer t"
    " where t.book_id = r.book_id and t.kind = 'BOUNCED' and t.ref_id = r.id) order by 1",
    # What of a balance may still go back the way it came; a payout that came after all may have met an empty funding.
    "select format('funding %s of book %s says that %s of %s fen are left, its payouts say %s fen', f.id, f.book_id,"
    " f.remaining_fen, f.amount_fen, f.amount_fen - coalesce(u.used, 0)) as fault from balance_funding f"
    " left join (select r.book_id, r.funding_id, sum(r.amount_fen)::bigint as used, bool_or(" + _AGAIN + ") as again"
    " from refund r where r.kind = 'PAYOUT' and r.state <> 'FAILED' group by 1, 2) as u"
    " on u.book_id = f.book_id and u.funding_id = f.id"
    " where not coalesce(u.again, false) and f.remaining_fen <> f.amount_fen - coalesce(u.used, 0) order by 1",
    "select format('payment %s of book %s says that %s fen went back, its payouts say %s fen', p.id, p.book_id,"
    " p.refunded_fen, coalesce(u.used, 0)) as fault from payment p"
    " left join (select r.payment_book_id, r.payment_id, sum(r.amount_fen)::bigint as used,"
    " bool_or(" + _AGAIN + ") as again from refund r where r.kind = 'PAYOUT' and r.state <> 'FAILED' group by 1, 2)"
    " as u on u.payment_book_id = p.book_id and u.payment_id = p.id where p.purpose = 'TOP_UP'"
    " and not coalesce(u.again, false) and p.refunded_fen <> coalesce(u.used, 0) order by 1",
    "select format('payment %s of book %s: %s fen of it became balance of %s, the fundings say %s fen', id, book_id,"
    " coalesce(p.fen, 0), party_id, coalesce(f.fen, 0)) as fault from ("
    " select book_id, id, party_id, sum(fen)::bigint as fen from ("
    "  select book_id, id, party_id, amount_fen as fen from payment where purpose = 'TOP_UP' and state = 'CAPTURED'"
    "  union all select p.book_id, p.id, p.party_id, r.amount_fen from refund r join payment p"
    "  on p.book_id = r.payment_book_id and p.id = r.payment_id where r.kind = 'CASE' and r.route = 'BALANCE'"
    "  and p.method = 'CHANNEL') as came group by 1, 2, 3) as p"
    " full join (select payment_book_id as book_id, payment_id as id, book_id as party_id,"
    " sum(amount_fen)::bigint as fen from balance_funding group by 1, 2, 3) as f using (book_id, id, party_id)"
    " where p.fen is distinct from f.fen order by 1",
    "select format('refund %s of book %s goes back to a payment that is not there', r.refund_no, r.book_id) as fault"
    " from refund r where r.payment_id is not null and not exists (select from payment p"
    " where p.book_id = r.payment_book_id and p.id = r.payment_id) order by 1",
    "select format('%s %s of book %s is for another party: %s', what, id, book_id, party_id) as fault from ("
    " select 'top-up' as what, id, book_id, party_id from payment where purpose = 'TOP_UP'"
    " union all select 'payout', id, book_id, party_id from refund where kind = 'PAYOUT') as own"
    " where party_id <> book_id order by 1",
    # The platform's fee on a released unit: all of it, less the share of what was refunded (money.amount.prefix_share).
    "select format('unit %s of book %s was charged a fee of %s fen, its transfers say %s fen', u.id, u.book_id,"
    " u.fee_fen, t.fen) as fault from order_unit u"
    " join (select book_id, ref_id, sum(amount_fen)::bigint as fen from ledger_transfer where kind = 'FEE'"
    " group by 1, 2) as t on t.book_id = u.book_id and t.ref_id = u.id"
    " where u.escrow = 'RELEASED' and (u.refunded_fen = 0 and t.fen <> u.fee_fen or t.fen > u.fee_fen) order by 1",
    # Rows that lead to nothing
    "select format('transfer %s of book %s belongs to an order that is gone: %s', t.id, t.book_id, t.order_id) as fault"
    " from ledger_transfer t where t.order_id is not null and not exists (select from orders o"
    " where o.id = t.order_id) order by 1",
    "select format('%s %s leads to nothing', d.kind, d.ext) as fault from directory d where"
    " d.kind = 'order' and not exists (select from orders o where o.book_id = d.book_id and o.id = d.id)"
    " or d.kind = 'payment' and not exists (select from payment o where o.book_id = d.book_id and o.id = d.id)"
    " or d.kind = 'refund' and not exists (select from refund o where o.book_id = d.book_id and o.id = d.id)"
    " or d.kind = 'case' and not exists (select from refund_case o where o.book_id = d.book_id and o.id = d.id)"
    " order by 1",
    "select format('%s %s is in no directory: nobody finds it', kind, id) as fault from ("
    " select 'payment' as kind, book_id, id from payment where purpose = 'TOP_UP' and expires_at is not null"
    " union all select 'refund', book_id, id from refund where kind = 'PAYOUT') as own where not exists ("
    " select from directory d where d.kind = own.kind and d.ext = own.id::text and d.book_id = own.book_id"
    " and d.id = own.id) order by 1",
    "select format('key %s of book %s is held by a unit that is not there: %s', k.id, k.book_id, k.unit_id) as fault"
    " from stock_key k where k.unit_id is not null and not exists (select from order_unit u"
    " where u.book_id = k.book_id and u.id = k.unit_id) order by 1",
    "select format('key %s of book %s is gone, its fingerprint is still there', f.key_id, f.book_id) as fault"
    " from stock_print f where not exists (select from stock_key k where k.book_id = f.book_id and k.id = f.key_id)"
    " order by 1",
    "select format('key %s of book %s has no fingerprint: it could be brought again', k.id, k.book_id) as fault"
    " from stock_key k where not exists (select from stock_print f where f.book_id = k.book_id and f.key_id = k.id)"
    " order by 1",
    # A key on the shelf is one that nobody has seen, and that came back as often as it went.
    "select format('key %s of book %s is on the shelf, its log says %s', k.id, k.book_id, e.log) as fault from ("
    " select book_id, key_id, string_agg(kind, ', ' order by id) as log from key_event group by 1, 2"
    " having bool_or(kind in ('REVEALED', 'RETIRED', 'VOIDED')) or count(*) filter (where kind = 'DELIVERED')"
    " <> count(*) filter (where kind = 'RESTOCKED')) as e join stock_key k on k.book_id = e.book_id"
    " and k.id = e.key_id where k.state in ('AVAILABLE', 'HELD_SHORT') order by 1",
    "select format('key %s of book %s came with an import for another product', k.id, k.book_id) as fault"
    " from stock_key k join stock_import i on i.book_id = k.book_id and i.id = k.import_id"
    " where i.product_id <> k.product_id order by 1",
    "select format('import %s of book %s brought %s keys, %s are there', i.id, i.book_id, i.report ->> 'new', k.there)"
    " as fault from stock_import i, lateral (select count(*) as there from stock_key k where k.book_id = i.book_id"
    " and k.import_id = i.id) as k where i.state = 'DONE' and k.there <> (i.report ->> 'new')::int order by 1",
)
_ALL = " union all ".join(f"({sql})" for sql in _FAULTS)
