"""Sample values for templates/dev: every part in every state, with the longest names and the largest amounts."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from liuhen.edge.web.view import Flash, Me, View

NOW = datetime(2026, 11, 23, 1, 20, tzinfo=UTC)
LONG_NAME = (
    "石榴文档 专业版三年授权密钥（5 台设备，含离线激活与商用许可，可开企业发票，续费同价，适用 2026 及以后版本，"
    "支持视窗、苹果与信创三种系统，附赠模板库一年与团队管理后台，购买前请确认设备数量与系统版本，激活需联网一次，"
    "之后可离线使用一百八十天，超过需重新联网验证，授权绑定企业主体后不可转移，续费须在到期前三十天内完成，请知悉）"
)
TIMES = SimpleNamespace(
    day_start=NOW - timedelta(hours=9, minutes=38),
    day_left=NOW + timedelta(hours=14, minutes=22),
    soon_start=NOW - timedelta(hours=22),
    soon=NOW + timedelta(hours=2, minutes=13),
    over=NOW - timedelta(hours=1, minutes=6),
    week=NOW + timedelta(days=7),
    past=NOW - timedelta(hours=13),
)
ME = Me("01", "林小北", frozenset({"buyer", "seller", "reviewer", "admin"}), "青竹数码专营店")
VIEW = View(now=NOW, me=ME, unread=2, csrf="token", counts={"seller.todo": 7, "seller.cases": 4, "desk.second": 3})


def values() -> dict[str, Any]:
    return {
        "t": TIMES,
        "long_name": LONG_NAME,
        "fen": 9800,
        "steps_now": [
            {"label": "申请", "note": "11-22 21:04", "state": "done"},
            {"label": "卖家答复", "note": "剩 11 小时 44 分", "state": "now"},
            {"label": "平台审核", "note": "卖家拒绝才有"},
            {"label": "退款到账", "note": "1–3 个工作日"},
        ],
        "steps_paid": [
            {"label": "申请", "note": "11-22 21:04", "state": "done"},
            {"label": "卖家同意", "note": "11-23 15:36", "state": "done"},
            {"label": "已汇出", "note": "11-23 15:36", "state": "done"},
            {"label": "已到账", "note": "11-25 10:12", "state": "paid"},
        ],
        "claims": [
            {"who": "平台记录", "text": "20:41:09 你拆封，同一设备", "note": "拆封前无人看过", "level": "established"},
            {"who": "发行方", "text": "还没有答复", "note": "11-22 20:52 已发出查询", "level": "unknown"},
            {"who": "卖家", "text": "“入库时有效”", "note": "11-20 入库，附批次单", "level": "alleged"},
            {"who": "你", "text": "还没有说明", "level": "unknown", "link": "补充一句", "href": "#"},
        ],
        "facts": [
            {"what": "付款", "text": "¥1,568.00，4 件，11-20 09:11", "who": "支付渠道，有签名", "level": "established"},
            {
                "what": "首次激活",
                "text": "第 2 件 11-18 16:40，第 3 件 11-18 16:44，早于送达",
                "who": "发行方回传，有签名",
                "level": "established",
                "strong": True,
            },
            {"what": "谁激活的", "text": "“买家自己激活的”", "who": "卖家，11-21 14:02", "level": "rebutted"},
            {"what": "入库记录", "text": "11-21 要求，限 24 小时，未交", "who": "卖家应交", "level": "withheld"},
        ],
        "clauses": [
            {
                "state": "met",
                "bold": "在法定期限内。",
                "text": "质量问题，收到 7 天内可退。",
                "cites": [("消费者权益保护法 第24条第1款", "#")],
            },
            {"state": "met", "bold": "有问题的商品，退、换、减价由你选。", "cites": [("民法典 第582条", "#")]},
            {
                "state": "unknown",
                "bold": "卡密是否真的无效，还没确认。",
                "text": "发行方没有答复，目前只有你的说法。",
                "cites": [("平台规则 4.2 举证顺序", "#")],
            },
            {
                "state": "not",
                "bold": "不能即时退。",
                "text": "即时退只给未拆封的，第 1 件已在 20:41 拆封。",
                "cites": [("平台规则 2.1 密封即时退", "#")],
            },
        ],
        "events": events(),
        "proofs": [
            {"name": "支付记录", "note": "支付渠道签名", "level": "established"},
            {"name": "兑换失败截图", "note": "你提交，11-22 21:06", "level": "alleged", "href": "#"},
            {"name": "卖家入库与兑换记录", "note": "卖家应交，最迟今天 21:04", "level": "unknown", "owed": True},
            {"name": "入库记录", "note": "要求后 24 小时未交", "level": "withheld"},
        ],
        "outcomes": [
            {"when": "卖家补发一张有效的卡密，并且你同意换货", "text": "换货", "note": "不退款"},
            {"when": "发行方证明：20:41 之后在你的账号兑换成功", "fen": 0, "note": "可要求人工复核"},
            {"when": "发行方证明：20:14 之前已被别人用过", "fen": 9800, "note": "不再等卖家"},
        ],
        "errors": {
            "pw": "密码至少 10 个字符",
            "price2": "单价写成 98.00 这样的数",
            "why2": "理由至少写 10 个字",
            "units": "至少选一件",
            "agree2": "要先同意协议，才能开店",
            "": "第 7 张图片超过 6 张的上限，已存前 6 张",
        },
        "sample_flashes": [
            Flash("已放进库存 1,204 条。", "done", "/undo"),
            Flash("¥98.00 已到账。", "paid"),
            Flash("这件事还没有做完，请看期限。", "wait"),
            Flash("没有保存。", "no"),
            Flash("语言已改成中文。", "info"),
        ],
    }


def events() -> list[dict[str, Any]]:
    return [
        {"kind": "next", "at": TIMES.day_left, "text": "默认通过", "note": "卖家在此之前没有答复时。"},
        {"at": TIMES.past, "text": "系统提醒卖家：还剩 12 小时", "by": "平台", "no": 11},
        {
            "kind": "say",
            "by": "卖家 青竹数码",
            "at": TIMES.past,
            "body": "您好，我在查这批卡的入库单，如果是坏卡今天就给您退。",
            "foot": "卖家承诺，已记下",
        },
        {
            "kind": "say",
            "by": "你",
            "at": TIMES.past,
            "mine": True,
            "body": "在游戏官方兑换页输了三次，都提示“卡密不存在”，录屏里能看到网址和时间。",
            "files": [{"name": "兑换失败.png", "note": "1.2 MB，已存原件", "href": "#"}],
        },
        {"kind": "cash", "at": TIMES.past, "text": "¥98.00 已到账", "by": "支付渠道", "no": 15},
        {"at": TIMES.past, "text": "你拆开第 1 件的密封", "by": "你", "no": 4},
    ]
