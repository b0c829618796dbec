"""Names of the laws that clauses cite. Statute texts are not shipped; sentences are our own words."""

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
    "民诉解释": ("民事诉讼法司法解释", "SPC Interpretation of the Civil Procedure Law"),
}
_ORDINALS = "零一二三四五六七八九十"


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
