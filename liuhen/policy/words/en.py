"""Clauses in English: (what the clause says, when it is met, when it is not). Braces are filled from data."""

from liuhen.policy.words import en_goods, en_ways

CLAUSES: dict[str, tuple[str, str, str]] = en_goods.CLAUSES | en_ways.CLAUSES

UNKNOWN = "Not known yet: {clause}."
DURATION = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
WORKDAYS = "{n} working day(s)"
