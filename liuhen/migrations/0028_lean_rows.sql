-- What each write did beside writing; docs/decisions/0005-hot-paths.md has the measurements.

-- A check constraint is parsed and planned anew by every statement that writes to its table; a list of words cost 30 to
-- 50 µs a statement, more than the row. One function for each busy table says the same and is planned once a session.
-- `is not false`: as in a check, what is not known passes.

create function orders_holds(
    state text, total_fen bigint, pay_due_at timestamptz, paid_from text
) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return ((state = 'AWAITING_PAYMENT') = (pay_due_at is not null)) is not false
        and (paid_from in ('BALANCE', 'CHANNEL')) is not false
        and (state in ('AWAITING_PAYMENT', 'PAID', 'CANCELLED', 'EXPIRED')) is not false
        and (total_fen > 0) is not false;
end
$$;
alter table orders
    drop constraint orders_check,
    drop constraint orders_paid_from_check,
    drop constraint orders_state_check,
    drop constraint orders_total_fen_check,
    add constraint orders_holds check (orders_holds(state, total_fen, pay_due_at, paid_from));

create function order_line_holds(
    delivery text, pieces integer, unit_price_fen bigint, total_fen bigint, target text
) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return (delivery in ('AUTO', 'BY_HAND')) is not false
        and ((pieces >= 1) and (pieces <= 500)) is not false
        and (length(target) <= 200) is not false
        and (total_fen > 0) is not false
        and (unit_price_fen > 0) is not false;
end
$$;
alter table order_line
    drop constraint order_line_delivery_check,
    drop constraint order_line_pieces_check,
    drop constraint order_line_target_check,
    drop constraint order_line_total_fen_check,
    drop constraint order_line_unit_price_fen_check,
    add constraint order_line_holds check (order_line_holds(delivery, pieces, unit_price_fen, total_fen, target));

create function order_unit_holds(
    state text, escrow text, price_fen bigint, fee_fen bigint, refunded_fen bigint
) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return ((fee_fen >= 0) and (fee_fen <= price_fen)) is not false
        and ((refunded_fen >= 0) and (refunded_fen <= price_fen)) is not false
        and (escrow in ('NONE', 'HELD', 'RELEASED', 'GIVEN_BACK')) is not false
        and (price_fen >= 0) is not false
        and (state in ('RESERVED', 'CANCELLED', 'TO_DELIVER', 'SEALED', 'REVEALED', 'HANDED_OVER', 'REFUNDED')) is
            not false;
end
$$;
alter table order_unit
    drop constraint order_unit_check,
    drop constraint order_unit_check1,
    drop constraint order_unit_escrow_check,
    drop constraint order_unit_price_fen_check,
    drop constraint order_unit_state_check,
    add constraint order_unit_holds check (order_unit_holds(state, escrow, price_fen, fee_fen, refunded_fen));

create function stock_key_holds(
    state text, unit_id uuid
) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return ((state in ('RESERVED', 'SEALED', 'REVEALED', 'RETIRED')) = (unit_id is not null)) is not false
        and (state in ('AVAILABLE', 'HELD_SHORT', 'RESERVED', 'SEALED', 'REVEALED', 'RETIRED', 'VOID')) is not false;
end
$$;
alter table stock_key
    drop constraint stock_key_check,
    drop constraint stock_key_state_check,
    add constraint stock_key_holds check (stock_key_holds(state, unit_id));

create function key_event_holds(
    kind text
) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return (kind in ('RESERVED', 'GIVEN_BACK', 'DELIVERED', 'REVEALED', 'RESTOCKED', 'RETIRED', 'VOIDED')) is not
        false;
end
$$;
alter table key_event
    drop constraint key_event_kind_check,
    add constraint key_event_holds check (key_event_holds(kind));

create function payment_holds(
    purpose text, order_id uuid, method text, channel text, amount_fen bigint, state text, refunded_fen bigint
) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return (amount_fen > 0) is not false
        and ((refunded_fen >= 0) and (refunded_fen <= amount_fen)) is not false
        and ((purpose = 'ORDER') = (order_id is not null)) is not false
        and ((method = 'CHANNEL') = (channel is not null)) is not false
        and (method in ('BALANCE', 'CHANNEL')) is not false
        and (purpose in ('ORDER', 'TOP_UP')) is not false
        and (state in ('PENDING', 'CAPTURED', 'CLOSED')) is not false;
end
$$;
alter table payment
    drop constraint payment_amount_fen_check,
    drop constraint payment_check,
    drop constraint payment_check1,
    drop constraint payment_check2,
    drop constraint payment_method_check,
    drop constraint payment_purpose_check,
    drop constraint payment_state_check,
    add constraint payment_holds check (payment_holds(purpose, order_id, method, channel, amount_fen, state,
        refunded_fen));

create function ledger_account_holds(
    kind text, balance_fen bigint, slot smallint
) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return ((balance_fen >= 0) or (kind in ('channel_clearing', 'in_transit', 'seller_debt'))) is not false
        and ((slot = 0) or (kind = 'escrow')) is not false
        and (kind in ('buyer_balance', 'escrow', 'seller_payable', 'seller_debt', 'platform_fee',
            'channel_clearing', 'refund_due', 'in_transit')) is not false
        and ((slot >= 0) and (slot <= 15)) is not false;
end
$$;
alter table ledger_account
    drop constraint ledger_account_check,
    drop constraint ledger_account_check1,
    drop constraint ledger_account_kind_check,
    drop constraint ledger_account_slot_check,
    add constraint ledger_account_holds check (ledger_account_holds(kind, balance_fen, slot));

create function ledger_transfer_holds(
    debit text, credit text, amount_fen bigint, movement_id uuid
) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return ((debit in ('buyer_balance', 'escrow', 'seller_payable', 'seller_debt', 'platform_fee',
        'channel_clearing', 'refund_due', 'in_transit')) and (credit in ('buyer_balance', 'escrow',
        'seller_payable', 'seller_debt', 'platform_fee', 'channel_clearing', 'refund_due', 'in_transit'))) is not
        false
        and (amount_fen > 0) is not false
        and (debit <> credit) is not false
        and (((debit = 'in_transit') or (credit = 'in_transit')) = (movement_id is not null)) is not false;
end
$$;
alter table ledger_transfer
    drop constraint ledger_transfer_accounts,
    drop constraint ledger_transfer_amount_fen_check,
    drop constraint ledger_transfer_check,
    drop constraint ledger_transfer_check1,
    add constraint ledger_transfer_holds check (ledger_transfer_holds(debit, credit, amount_fen, movement_id));

create function refund_holds(
    kind text, route text, amount_fen bigint, state text
) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return (amount_fen > 0) is not false
        and (kind in ('CASE', 'LATE_PAYMENT', 'PAYOUT')) is not false
        and (route in ('ORIGINAL', 'BALANCE')) is not false
        and (state in ('APPROVED', 'SENT', 'ARRIVED', 'FAILED')) is not false;
end
$$;
alter table refund
    drop constraint refund_amount_fen_check,
    drop constraint refund_kind_check,
    drop constraint refund_route_check,
    drop constraint refund_state_check,
    add constraint refund_holds check (refund_holds(kind, route, amount_fen, state));

create function refund_case_holds(
    statement text, route text, opened_by text, state text, due_at timestamptz, asked_fen bigint, approved_fen
        bigint, decided_by text, seller_answer text, decided_at timestamptz, evidence_asked_at timestamptz,
        evidence_brought_at timestamptz
) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return (asked_fen > 0) is not false
        and ((evidence_brought_at is null) or (evidence_brought_at >= evidence_asked_at)) is not false
        and ((state <> 'AWAITING_BUYER') or (evidence_asked_at is not null)) is not false
        and ((approved_fen >= 0) and (approved_fen <= asked_fen)) is not false
        and ((state in ('APPROVED', 'REJECTED')) = (decided_by is not null)) is not false
        and ((state = 'APPROVED') = (approved_fen is not null)) is not false
        and ((state in ('APPROVED', 'REJECTED', 'WITHDRAWN')) = (decided_at is not null)) is not false
        and (decided_by in ('MACHINE', 'SELLER', 'SILENCE', 'REVIEWER')) is not false
        and ((state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'ESCALATED', 'AWAITING_BUYER')) = (due_at is not null))
            is not false
        and (opened_by in ('BUYER', 'PLATFORM')) is not false
        and (route in ('ORIGINAL', 'BALANCE')) is not false
        and (seller_answer in ('AGREED', 'REFUSED')) is not false
        and (state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'ESCALATED', 'AWAITING_BUYER', 'APPROVED', 'REJECTED',
            'WITHDRAWN')) is not false
        and (length(statement) <= 2000) is not false;
end
$$;
alter table refund_case
    drop constraint refund_case_asked_fen_check,
    drop constraint refund_case_brought_what_was_asked,
    drop constraint refund_case_buyer_was_asked,
    drop constraint refund_case_check,
    drop constraint refund_case_check2,
    drop constraint refund_case_check3,
    drop constraint refund_case_check4,
    drop constraint refund_case_decided_by_check,
    drop constraint refund_case_open_is_due,
    drop constraint refund_case_opened_by_check,
    drop constraint refund_case_route_check,
    drop constraint refund_case_seller_answer_check,
    drop constraint refund_case_state_check,
    drop constraint refund_case_statement_check,
    add constraint refund_case_holds check (refund_case_holds(statement, route, opened_by, state, due_at,
        asked_fen, approved_fen, decided_by, seller_answer, decided_at, evidence_asked_at, evidence_brought_at));

-- The trace of a decision is long and read seldom: compressed by the application (`steps/judge.py`), with the one word
-- of it that questions need beside it. What was kept before stays readable as it is.
alter table refund_case add column ground text;
comment on column refund_case.ground is 'of an approved case: the clause that gave it';
update refund_case set ground = decision -> 'first' ->> 'ground' where state = 'APPROVED';
alter table refund_case alter column decision type bytea using convert_to(decision::text, 'UTF8');
alter table refund_case alter column decision set storage external;

-- Only the books check asks for movements, and it asks for all of them.
drop index ledger_transfer_movement;
