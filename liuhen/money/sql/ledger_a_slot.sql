-- Which part of an account an order's money lies in. A shop's escrow has 16, so that buyers of one shop seldom wait for
-- each other; all that happens to one order's escrow happens in one part, which can never go below zero.
create or replace function ledger_slot(p_kind text, p_order uuid) returns smallint
language sql immutable parallel safe as $$
    select case when p_kind = 'escrow' and p_order is not null then get_byte(uuid_send(p_order), 15) & 15 else 0 end::smallint
$$;
