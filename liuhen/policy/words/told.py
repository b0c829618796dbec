"""Words of a whole decision: remedies, sides, orders, claims, and the labels of its lines."""

REMEDIES: dict[str, dict[str, str]] = {
    "zh": {
        "refund": "退款",
        "difference": "退差额",
        "replacement": "换一件",
        "make_up": "补足",
        "redo": "重做",
        "continue": "继续履行",
    },
    "en": {
        "refund": "refund",
        "difference": "the difference back",
        "replacement": "replacement",
        "make_up": "what is missing delivered",
        "redo": "done again",
        "continue": "performance goes on",
    },
}
SIDES: dict[str, dict[str, str]] = {
    "zh": {
        "buyer": "买家",
        "seller": "卖家",
        "platform": "平台",
        "issuer": "发行方",
        "outside": "平台之外",
        "nobody": "无人",
    },
    "en": {
        "buyer": "the buyer",
        "seller": "the seller",
        "platform": "the platform",
        "issuer": "the issuer",
        "outside": "somebody outside the platform",
        "nobody": "nobody",
    },
}
DECIDERS: dict[str, dict[str, str]] = {
    "zh": {"machine": "按记录自动判断", "seller": "卖家先答复", "human": "由人判断"},
    "en": {"machine": "on record, by itself", "seller": "the seller answers first", "human": "a person"},
}
ORDERS: dict[str, dict[str, str]] = {
    "zh": {
        "restock": "卡密回到库存",
        "void_key": "卡密作废，请卖家向发行方办理",
        "refuse_late_delivery": "之后送来的不收",
        "cancel_work": "卖家停工",
        "delist": "商品下架",
        "sanction_candidate": "另由人看是否处理卖家",
    },
    "en": {
        "restock": "the key returns to stock",
        "void_key": "the key is void; the seller has the issuer void it",
        "refuse_late_delivery": "what comes later is not accepted",
        "cancel_work": "the seller stops working",
        "delist": "the listing is taken down",
        "sanction_candidate": "a person looks at the seller",
    },
}
CLAIMS: dict[str, dict[str, str]] = {
    "zh": {
        "punitive_damages": "惩罚性赔偿（只能由人认定，平台不代付）",
        "contract_penalty": "违约金（只能由人认定，平台不代付）",
        "proven_loss": "价款之外已证明的损失（只能由人认定，平台不代付）",
        "interest": "利息（只能由人认定，平台不代付）",
    },
    "en": {
        "punitive_damages": "punitive damages (a person must find so; the platform does not pay them)",
        "contract_penalty": "a contract penalty (a person must find so; the platform does not pay it)",
        "proven_loss": "proven loss beyond the price (a person must find so; the platform does not pay it)",
        "interest": "interest (a person must find so; the platform does not pay it)",
    },
}
LABELS: dict[str, dict[str, str]] = {
    "zh": {
        "why": "为什么",
        "sum": "怎么算",
        "remedies": "可以选",
        "chooser": "（由{side}选）",
        "liable": "责任",
        "payer": "出款",
        "recover_from": "再向谁追",
        "decided_by": "谁来定",
        "orders": "随后",
        "claims": "另外可以主张",
        "outside": "平台外欠 {amount}，平台内没有退款路径",
        "clauses": "逐条",
        "change": "什么会改变结果",
        "steps": "还可以做什么",
        "human": "对结果不服，可以要求人工判定。",
        "rulebook": "规则版本",
        "stop": "：",
        "join": "、",
    },
    "en": {
        "why": "Why",
        "sum": "How it is worked out",
        "remedies": "To choose from",
        "chooser": " ({side} chooses)",
        "liable": "Liable",
        "payer": "Who pays",
        "recover_from": "Recovered from",
        "decided_by": "Who decides",
        "orders": "Then",
        "claims": "May be claimed besides",
        "outside": "{amount} is owed outside the platform, which cannot pay it back",
        "clauses": "Clause by clause",
        "change": "What would change it",
        "steps": "What can be done next",
        "human": "Whoever disagrees may ask for a person.",
        "rulebook": "Rules",
        "stop": ": ",
        "join": ", ",
    },
}
WARNING: dict[str, str] = {
    "zh": "有人要求先交钱（手续费、解冻金、保证金）才退款：不要转账。真正的退款从不收费。",
    "en": "Somebody wants money (a fee, a deposit) before a refund: send none. A true refund never costs anything.",
}
