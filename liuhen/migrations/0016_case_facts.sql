-- What a decision rests on, unit by unit, as it was at that moment: facts move on, and a back-test must see them as
-- they were. The shortest table that reads back to the facts; no names, no words of anybody.
alter table refund_case_unit add column facts jsonb;
