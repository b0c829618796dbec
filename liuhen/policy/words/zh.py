"""Clauses in Chinese: (what the clause says, when it is met, when it is not). Braces are filled from data."""

from liuhen.policy.words import zh_goods, zh_ways

CLAUSES: dict[str, tuple[str, str, str]] = zh_goods.CLAUSES | zh_ways.CLAUSES

UNKNOWN = "还不能确定：{clause}。"
DURATION = (("天", 86_400), ("小时", 3_600), ("分钟", 60), ("秒", 1))
WORKDAYS = "{n} 个工作日"
