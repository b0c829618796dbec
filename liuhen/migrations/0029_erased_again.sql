-- Words that are written after an erasure are erased in their turn; the chain keeps an event for each.
comment on column erasure.erased_at is 'rewritable: the newest erasure of an order stands here';
comment on column erasure.rule is 'rewritable: with erased_at';
comment on column erasure.erased is 'rewritable: with erased_at';
comment on column erasure.objects is 'rewritable: with erased_at';
