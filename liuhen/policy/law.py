"""Names of the laws that clauses cite. Statute texts are not shipped; sentences are our own words."""

from datetime import date
from functools import lru_cache

from liuhen.policy.decision import Cite

# short name -> (full Chinese name, English name). Short names as in the research file; one alias.
ALIASES: dict[str, str] = {"网络消费规定": "网络消费规定（一）"}
NAMES: dict[str, tuple[str, str]] = {
    "电商法": ("电子商务法", "E-Commerce Law"),
    "消法": ("消费者权益保护法", "Consumer Rights Protection Law"),
    "消法实施条例": ("消费者权益保护法实施条例", "Regulations on the Consumer Rights Protection Law"),
    "民法典": ("民法典", "Civil Code"),
    "网络消费规定": ("网络消费纠纷司法解释（一）", "SPC Provisions on Online Consumption Disputes (I)"),
    "七日退货办法": ("网络购买商品七日无理由退货暂行办法", "Measures on Seven-Day No-Reason Returns"),
    "平台规则办法": ("网络交易平台规则监督管理办法", "Measures on Platform Rules in Online Trading"),
    "个保法": ("个人信息保护法", "Personal Information Protection Law"),
    "民事证据规定": ("民事诉讼证据规定", "SPC Provisions on Evidence in Civil Proceedings"),
    "买卖合同解释": ("买卖合同司法解释", "SPC Interpretation on Sales Contracts"),
    "民诉法": ("民事诉讼法", "Civil Procedure Law"),
    "未网条例": ("未成年人网络保护条例", "Regulations on the Protection of Minors Online"),
    "预付消费解释": ("预付式消费司法解释", "SPC Interpretation on Prepaid Consumption"),
    "总则编解释": ("民法典总则编司法解释", "SPC Interpretation of the Civil Code, General Part"),
    "合同编通则解释": ("民法典合同编通则司法解释", "SPC Interpretation of the Civil Code, Contracts"),
    "网络交易办法": ("网络交易监督管理办法", "Measures for the Supervision of Online Trading"),
    "合同监管办法": ("合同行政监督管理办法", "Measures on Administrative Supervision of Contracts"),
    "反诈法": ("反电信网络诈骗法", "Anti-Telecom and Online Fraud Law"),
    "价格法": ("价格法", "Price Law"),
    "明码标价规定": ("明码标价和禁止价格欺诈规定", "Provisions on Marked Prices and Price Fraud"),
    "网安法": ("网络安全法", "Cybersecurity Law"),
    "投诉举报办法": ("市场监督管理投诉举报处理办法", "Measures on Market Supervision Complaints"),
    "投诉举报暂行办法": ("市场监督管理投诉举报处理暂行办法", "Interim Measures on Market Supervision Complaints"),
    "非银支付条例": ("非银行支付机构监督管理条例", "Regulations on Non-Bank Payment Institutions"),
    "民诉解释": ("民事诉讼法司法解释", "SPC Interpretation of the Civil Procedure Law"),
}
# Laws that a clause may cite and that began within living memory of this platform's orders: from that day on.
_SINCE: dict[str, date] = {
    "平台规则办法": date(2026, 2, 1),
    "预付消费解释": date(2025, 5, 1),
    "消法实施条例": date(2024, 7, 1),
    "未网条例": date(2024, 1, 1),
    "合同编通则解释": date(2023, 12, 5),
    "反诈法": date(2022, 12, 1),
    "明码标价规定": date(2022, 7, 1),
    "网络消费规定": date(2022, 3, 15),
    "总则编解释": date(2022, 3, 1),
    "个保法": date(2021, 11, 1),
    "网络交易办法": date(2021, 5, 1),
    "民法典": date(2021, 1, 1),
    "投诉举报办法": date(2026, 4, 15),
    "非银支付条例": date(2024, 5, 1),
}
# What stood in its place before: 网安法 was renumbered, 投诉举报办法 replaced a provisional one.
_BEFORE: dict[Cite, tuple[date, Cite]] = {
    Cite("网安法", 23): (date(2026, 1, 1), Cite("网安法", 21)),
    Cite("投诉举报办法", 15): (date(2026, 4, 15), Cite("投诉举报暂行办法", 14)),
    Cite("投诉举报办法", 23): (date(2026, 4, 15), Cite("投诉举报暂行办法", 21)),
}
_ORDINALS = "零一二三四五六七八九十"


Article = tuple[Cite, date | None, date | None]
"""A cited article, the first day on which it stands and the first on which it does not; None: no such day."""


@lru_cache(maxsize=4096)
def articles_of(cites: tuple[Cite, ...]) -> tuple[Article, ...]:
    """The articles with their times: a predecessor until its successor begins, nothing before a law began."""
    found: list[Article] = []
    for cite in cites:
        since = _SINCE.get(cite.law)
        if cite in _BEFORE:
            until, before = _BEFORE[cite]
            found.append((before, None, until))
            since = max(until, since or until)
        found.append((cite, since, None))
    return tuple(found)


@lru_cache(maxsize=4096)
def standing_on(articles: tuple[Article, ...], day: date) -> tuple[Cite, ...]:
    """The articles as they stood on that day: a predecessor where there was one, none where the law had not begun."""
    return tuple(
        cite for cite, since, until in articles if (since is None or day >= since) and (until is None or day < until)
    )


@lru_cache(maxsize=4096)
def cite_text(cite: Cite, lang: str) -> str:
    """An article as people read it: 消费者权益保护法 第25条第1款第三项, or Civil Code art. 563(1)(3)."""
    full, english = NAMES[cite.law]
    if lang == "zh":
        text = f"{full} 第{cite.article}条"
        if cite.paragraph:
            text += f"第{cite.paragraph}款"
        if cite.item:
            text += f"第{_ORDINALS[cite.item]}项"
        return text
    text = f"{english} art. {cite.article}"
    if cite.paragraph:
        text += f"({cite.paragraph})"
    return f"{text}({cite.item})" if cite.item else text
