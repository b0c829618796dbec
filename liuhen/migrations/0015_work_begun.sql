-- When the seller said that he has begun the work on a piece that he delivers by hand. It is his word, with its time.
alter table order_unit add column work_begun_at timestamptz;
