"""Steps inside and outside in words. None is promised to succeed."""

# step: (whom one turns to, what to do there)
STEPS: dict[str, dict[str, tuple[str, str]]] = {
    "zh": {
        "stop": (
            "先停下",
            "不要再付钱，不要给验证码，不要共享屏幕。真的退款不收任何费用。把对方的账号、收款码和聊天记录存好。",
        ),
        "police": (
            "公安机关（110，反诈专线 96110）",
            "就近的派出所可以报案，也可以打电话。金额多少都可以报；是不是立案，由公安机关判断。",
        ),
        "guardian": (
            "由监护人出面",
            "监护人写明自己的身份、孩子的年龄和不同意这笔购买，交给卖家和平台。有未成年人退款入口的，走那个入口。",
        ),
        "seller": (
            "卖家，书面提出",
            "把陈述发给卖家，用能留下记录的方式：平台里的聊天、短信、邮件。给一个合理的期限，比如三天。",
        ),
        "agreed": ("卖家，请他照办", "卖家已经同意了。请他写明金额和日子，留好这段聊天，按同意的退。"),
        "issuer": (
            "官方（发行方、运营商、游戏公司）",
            "请它的客服书面答复：这件商品现在是什么状态，什么时候、由哪个账号使用过。它的记录比截图有力。",
        ),
        "apply": ("在订单里申请退款", "打开那一单，点“出了问题”。提交之前就能看到结果，平台自己的记录会自动用上。"),
        "human": (
            "要求人工判定",
            "规则算出的结果，你不认可就可以要求人来看。会换一个人，看全部材料，写明理由。",
        ),
        "platform": (
            "你购买的那个平台",
            "在它的售后或争议入口申请介入，附上陈述和证明。"
            "卖家联系不上的，要求平台提供卖家的真实名称、地址和联系方式；提供不了，可以要求平台赔偿。",
        ),
        "payment": (
            "付款用的支付机构或银行",
            "在账单里找到那一笔，发起投诉或争议。它有自己的受理期限，请尽早；能不能退，要看它的调查。",
        ),
        "payment_error": (
            "付款用的支付机构或银行",
            "在账单里找到那几笔，说明多扣了哪一笔，请它核对。支付指令出错的，它应当查找原因并纠正。",
        ),
        "association": ("消费者协会", "免费，可以调解，也可以支持你起诉。和 12315 是两条路，各走各的。"),
        "regulator": (
            "市场监管部门（12315）",
            "上全国 12315 平台，或打 12315，实名，写清要求。"
            "平台里的卖家，投给它在平台公示的地址所在地，或平台住所地的县级部门；没有公示地址或联系不上的，投给平台住所地；"
            "自建网站的店，投给它的住所地。调解要双方都愿意，不能强迫卖家退。",
        ),
        "court": (
            "法院",
            "网上买、网上交付的，可以在你自己住所地的基层法院起诉，合同另有约定的从约定；"
            "没有合理提醒过你的管辖条款，可以主张无效。"
            "事实清楚、金额不超过当地限额的，走小额诉讼，一审终审；卖家下落不明的，走不了小额诉讼。没有最低金额。",
        ),
    },
    "en": {
        "stop": (
            "Stop first",
            "Pay nothing more, give no codes, share no screen. A true refund costs nothing. Keep the other "
            "side's account, payment code and chats.",
        ),
        "police": (
            "The police (110; fraud line 96110)",
            "Report at the nearest station or by phone. Any amount can be reported; whether a case is opened is"
            " theirs to decide.",
        ),
        "guardian": (
            "The guardian steps in",
            "Write to seller and platform: who you are, how old the child is, and that you do not agree. Use "
            "the entry for minors' refunds where there is one.",
        ),
        "seller": (
            "The seller, in writing",
            "Send the statement in a way that leaves a record: the platform's chat, text message, e-mail. Allow"
            " a reasonable time, three days for example.",
        ),
        "agreed": (
            "The seller, to carry it out",
            "The seller has agreed. Ask for amount and day in writing, keep the chat, and have it paid as agreed.",
        ),
        "issuer": (
            "The issuer, operator or game company",
            "Ask for a written answer: its state now, and when and by which account it was used. Its records "
            "weigh more than a screenshot.",
        ),
        "apply": (
            "Apply on the order's page",
            "Open the order and choose “something went wrong”. The result is shown before you submit; the "
            "platform's own records are used by themselves.",
        ),
        "human": (
            "Ask for a person to judge",
            "A result that rules worked out can be put before a person: somebody else, with all the material, "
            "and with reasons.",
        ),
        "platform": (
            "The platform where you bought it",
            "Ask it to step in through its after-sale or dispute entry, with statement and proof. If the seller"
            " cannot be reached, demand the seller's real name, address and contact; where it cannot give them,"
            " it may be liable itself.",
        ),
        "payment": (
            "The payment provider or bank",
            "Find the payment in your bill and complain or dispute it. It has time limits of its own, so be "
            "early; what comes of it depends on its inquiry.",
        ),
        "payment_error": (
            "The payment provider or bank",
            "Find the payments in your bill, say which one is too much, and ask for a check. Errors in payment "
            "orders it must trace and correct.",
        ),
        "association": (
            "The consumer association",
            "Free; it can mediate, and support you in court. It is another way than 12315.",
        ),
        "regulator": (
            "Market supervision (12315)",
            "On the national 12315 platform or by phone 12315, under your real name, with a clear request. A "
            "seller on a platform: the county office at the address published there, or at the platform's seat;"
            " without an address, or unreachable there: at the platform's seat; a shop with its own site: at "
            "its seat. Both sides must be willing; it cannot force a refund.",
        ),
        "court": (
            "The court",
            "What was bought and delivered online can be sued for at the basic court where you live, unless "
            "agreed otherwise; a clause on venue that you were not reasonably told of can be void. Clear cases "
            "up to the local limit run as small claims, final in one instance; not when the seller cannot be "
            "found. There is no least amount.",
        ),
    },
}
NEEDS: dict[str, dict[str, str]] = {
    "zh": {
        "statement": "写好的陈述",
        "order": "订单号和商品页",
        "proof": "录屏、截图、聊天",
        "payment": "付款记录",
        "identity": "身份信息",
        "seller_name": "卖家的名称、地址",
        "chat": "聊天记录",
        "fee_chat": "要求先付钱的聊天",
        "fee_account": "对方的收款账号",
        "guardianship": "监护关系证明（可打码）",
        "child_records": "说明孩子操作的记录",
    },
    "en": {
        "statement": "the statement",
        "order": "order number and listing",
        "proof": "recordings, screenshots, chats",
        "payment": "the payment record",
        "identity": "your identity",
        "seller_name": "the seller's name and address",
        "chat": "the chats",
        "fee_chat": "the chat in which money was demanded",
        "fee_account": "the account to which it should go",
        "guardianship": "proof of guardianship (parts may be covered)",
        "child_records": "records that show the child acting",
    },
}
LIMITS: dict[str, dict[str, str]] = {
    "zh": {
        "ratify": "卖家催你追认的，{n} 日内不表示，视为不同意这笔购买",
        "rescind": "解除合同的权利，一般自知道之日起 {n} 年内行使",
        "accept": "收到投诉 {n} 个工作日内，告诉你受不受理",
        "mediate": "自受理起 {n} 日内调解不成，就终止",
        "complain_within": "自知道权利受损起 {n} 年内投诉",
        "small_claim": "小额诉讼自立案起 {n} 个月内审结，可以延长 1 个月",
        "sue_within": "诉讼时效一般是 {n} 年",
        "mistake": "买错了想撤销的，自知道之日起 {n} 日内请求",
    },
    "en": {
        "ratify": "asked by the seller to ratify, silence for {n} days counts as no",
        "rescind": "the right to end the contract generally lasts {n} year from knowing the cause",
        "accept": "within {n} working days you are told whether it is taken up",
        "mediate": "ends without agreement {n} days after it was taken up",
        "complain_within": "complain within {n} years of knowing",
        "small_claim": "small claims end within {n} months of filing, one more at most",
        "sue_within": "claims generally lapse after {n} years",
        "mistake": "to undo a mistake, ask within {n} days of knowing",
    },
}
