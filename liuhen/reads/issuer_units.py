"""Which delivered units an issuer speaks of."""

from uuid import UUID

from liuhen.base.db import Row, Tx


async def delivered_by_fingerprint(tx: Tx, issuer_id: UUID, *, exact: bytes | None, serial: bytes | None) -> list[Row]:
    """book_id, order_id, unit_id, key_id of delivered units of goods that name this issuer and whose key fits.

    Parameters: exact, serial, keyed fingerprints; at least one is given. At most 20: a key is sold once per book.
    """
    return await tx.fetch(
        "select u.book_id, u.order_id, u.id as unit_id, k.id as key_id from stock_print f"
        " join stock_key k on k.book_id = f.book_id and k.id = f.key_id"
        " join order_unit u on u.book_id = k.book_id and u.id = k.unit_id"
        " join order_line l on l.book_id = u.book_id and l.order_id = u.order_id and l.line_no = u.line_no"
        " join product_version v on v.book_id = l.book_id and v.product_id = l.product_id and v.version = l.version"
        " where v.issuer_id = $1 and k.state in ('SEALED', 'REVEALED', 'RETIRED')"
        " and ((f.fp_exact = $2 and $2 is not null) or (f.fp_serial = $3 and $3 is not null)) limit 20",
        issuer_id,
        exact,
        serial,
    )
