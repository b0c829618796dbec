"""The least that a purchase and a settlement could be: one small PL/pgSQL function each (stack.md, section 2).

It holds the limit up to a mirror: statements that are slow by themselves would make a slow application look good. Only
what any shop must write is here: keys, orders, postings, balances, an event. No token, no idempotency, no snapshot.

It is rebuilt from the words of that section, and runs faster than what was measured there. The same section has TPC-B
of scale 30 from the same run, which needs no rebuilding: `PLANNED` times its rate is what the functions would do here.
"""

import asyncio
import subprocess

from bench.cluster import Server

DATABASE = "bare"
TPCB = "tpcb"
PLANNED = {"purchase": 2235 / 2998, "refund": 2787 / 2998}
"""The purchase and the settle function of stack.md over TPC-B, at 32 clients."""
BUYERS, SKUS, KEYS, ORDERS = 100_000, 200, 2_000_000, 600_000

_SCHEMA = """
create table sku (id integer primary key, seller bigint not null, price bigint not null, on_sale boolean not null);
create table card (id bigint primary key, sku integer not null, state smallint not null, content bytea not null,
    order_id bigint);
create index card_free on card (sku, id) where state = 0;
create unique index card_of_purchase on card (order_id);
create table purchase (id bigint generated always as identity primary key, buyer bigint not null,
    seller bigint not null, sku integer not null, card bigint not null, price bigint not null, state smallint not null,
    at timestamptz not null);
create index purchase_of_buyer on purchase (buyer, id desc);
create index purchase_of_seller on purchase (seller, id desc);
create table posting (id bigint generated always as identity primary key, ref bigint not null, account bigint not null,
    amount bigint not null, kind smallint not null);
create index posting_of_account on posting (account, id);
create table balance (account bigint primary key, amount bigint not null);
create table event (id bigint generated always as identity primary key, ref bigint not null, kind smallint not null,
    body jsonb not null);
create table refund_case (id bigint primary key, purchase bigint not null, state smallint not null,
    due_at timestamptz not null);
create index case_due on refund_case (due_at) where state = 0;

create function buy(p_buyer bigint, p_sku integer, p_at timestamptz) returns bigint language plpgsql as $$
declare v_price bigint; v_seller bigint; v_card bigint; v_id bigint; v_fee bigint;
begin
    select price, seller into v_price, v_seller from sku where id = p_sku and on_sale;
    select id into v_card from card where sku = p_sku and state = 0 order by id limit 1 for update skip locked;
    if v_card is null then raise exception 'sold out'; end if;
    insert into purchase (buyer, seller, sku, card, price, state, at)
        values (p_buyer, v_seller, p_sku, v_card, v_price, 1, p_at) returning id into v_id;
    update card set state = 1, order_id = v_id where id = v_card;
    v_fee := v_price / 50;
    insert into posting (ref, account, amount, kind) values
        (v_id, p_buyer, -v_price, 1), (v_id, 1000000 + v_seller, v_price - v_fee, 1),
        (v_id, 2000000 + v_seller, v_fee, 2), (v_id, 1000000 + v_seller, 0, 3);
    update balance set amount = amount - v_price where account = p_buyer;
    update balance set amount = amount + v_price - v_fee where account = 1000000 + v_seller;
    update balance set amount = amount + v_fee where account = 2000000 + v_seller;
    insert into event (ref, kind, body) values (v_id, 1, jsonb_build_object('buyer', p_buyer, 'sku', p_sku,
        'card', v_card, 'price', v_price));
    return v_id;
end $$;

create function settle(p_case bigint, p_at timestamptz) returns bigint language plpgsql as $$
declare v_order bigint; v_price bigint; v_buyer bigint; v_seller bigint; v_fee bigint;
begin
    select purchase into v_order from refund_case where id = p_case and state = 0 for update;
    if v_order is null then raise exception 'no such case'; end if;
    update refund_case set state = 1 where id = p_case;
    update purchase set state = 2 where id = v_order returning price, buyer, seller into v_price, v_buyer, v_seller;
    v_fee := v_price / 50;
    insert into posting (ref, account, amount, kind) values
        (v_order, v_buyer, v_price, 4), (v_order, 1000000 + v_seller, v_fee - v_price, 4),
        (v_order, 2000000 + v_seller, -v_fee, 5), (v_order, 1000000 + v_seller, 0, 6);
    update balance set amount = amount + v_price where account = v_buyer;
    update balance set amount = amount - v_price + v_fee where account = 1000000 + v_seller;
    update balance set amount = amount - v_fee where account = 2000000 + v_seller;
    insert into event (ref, kind, body) values (v_order, 2, jsonb_build_object('case', p_case, 'price', v_price));
    return v_order;
end $$;
"""

_ROWS = f"""
insert into sku select i, i, 980, true from generate_series(1, {SKUS}) i;
insert into card select i, i % {SKUS} + 1, 0, sha256(int8send(i)) || sha256(int8send(-i)), null
    from generate_series(1, {KEYS}) i;
insert into purchase (buyer, seller, sku, card, price, state, at)
    select i % {BUYERS} + 1, i % {SKUS} + 1, i % {SKUS} + 1, -i, 980, 1, '2026-11-01'
    from generate_series(1, {ORDERS}) i;
insert into posting (ref, account, amount, kind) select i, a, m, 1 from generate_series(1, {ORDERS}) i
    cross join lateral (values (i % {BUYERS} + 1, -980), (1000000 + i % {SKUS} + 1, 961),
    (2000000 + i % {SKUS} + 1, 19), (1000000 + i % {SKUS} + 1, 0)) as p (a, m);
insert into event (ref, kind, body) select i, 1, jsonb_build_object('buyer', i, 'sku', 1, 'card', i, 'price', 980)
    from generate_series(1, {ORDERS}) i;
insert into balance select i, 1000000000 from generate_series(1, {BUYERS}) i
    union all select 1000000 + i, 1000000000 from generate_series(1, {SKUS}) i
    union all select 2000000 + i, 1000000000 from generate_series(1, {SKUS}) i;
insert into refund_case select i, i, 0, '2026-12-01' from generate_series(1, {ORDERS}) i;
"""

SCRIPTS = {
    "purchase": f"\\set b random(1, {BUYERS})\n\\set s random(1, {SKUS})\n"
    "select buy(:b, :s::integer, '2026-11-22 04:00+00');\n",
    "refund": f"\\set n :n + 1\n\\set c 1 + permute(:client_id * ({ORDERS} / :clients) + :n, {ORDERS}, 7)\n"
    "select settle(:c, '2026-11-22 04:00+00');\n",
}
"""By the act that they are held against."""


_SCALE = 30
TPCB_SCRIPT = f"""
\\set aid random(1, {100_000 * _SCALE})
\\set bid random(1, {_SCALE})
\\set tid random(1, {10 * _SCALE})
\\set delta random(-5000, 5000)
begin;
update pgbench_accounts set abalance = abalance + :delta where aid = :aid;
select abalance from pgbench_accounts where aid = :aid;
update pgbench_tellers set tbalance = tbalance + :delta where tid = :tid;
update pgbench_branches set bbalance = bbalance + :delta where bid = :bid;
insert into pgbench_history (tid, bid, aid, delta, mtime) values (:tid, :bid, :aid, :delta, current_timestamp);
end;
"""
"""pgbench's own script, with the scale written in."""


async def build(bench: Server) -> None:
    """The templates of the bare shop and of TPC-B, if they are not there."""
    if not await bench.has(TPCB):
        await bench.fresh(TPCB + "_half")
        command = [bench.program("pgbench"), "-i", "-q", "-s", str(_SCALE)]
        environ = bench.environment(TPCB + "_half", None)
        await asyncio.to_thread(subprocess.run, command, env=environ, capture_output=True, check=True)
        await bench.rename(TPCB + "_half", TPCB)
    if await bench.has(DATABASE):
        return
    await bench.fresh("bare_half")
    async with bench.owner("bare_half") as owner:
        await owner.execute("set synchronous_commit = off")
        await owner.execute(_SCHEMA)
        await owner.execute(_ROWS)
        await owner.execute("grant all on all tables in schema public to public")
        await owner.execute("vacuum analyze")
    await bench.rename("bare_half", DATABASE)
