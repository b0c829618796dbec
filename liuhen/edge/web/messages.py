"""What a person reads when something was refused: what was wrong, what was kept, what to do. By stable error code.

Sentences are msgids; `explain` translates them and fills the places `%(name)s` from the error's data. A code without a
sentence of its own falls back to its HTTP status, so no page ever shows a code alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from liuhen.edge.web import wording
from liuhen.edge.web.nav import LINKS
from liuhen.edge.web.translate import translate


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@dataclass(frozen=True, slots=True)
class Message:
    """title: what was wrong. text: what was kept and what to do. act, href: the one next step, or empty."""

    title: str
    text: str
    act: str = ""
    href: str = ""


_RELOAD = _("重新打开这一页，看清现在的状态再操作。")
_HOME = (_("回市场"), LINKS["market"])
_ORDERS = (_("看我的订单"), LINKS["orders"])

BY_CODE: dict[str, Message] = {
    "invalid_input": Message(_("填的内容有一处没法处理"), _("已填的都还在。按提示改好，再提交一次。")),
    "unlawful_terms": Message(
        _("商品里有依法无效的条款，不能公开"),
        _("没有任何东西被改动。打开这件商品的修改页，按条款检查换成合法的写法，再提交一次。"),
        _("看我的商品"),
        LINKS["seller"] + "/products",
    ),
    "not_found": Message(
        _("这一页不存在，或者不属于你"), _("地址可能抄漏了一段，也可能登录的是另一个账户。没有任何东西被改动。"), *_HOME
    ),
    "unauthenticated": Message(_("请先登录"), _("登录后会回到刚才这一页。"), _("去登录"), LINKS["sign_in"]),
    "bad_credentials": Message(
        _("登录名或密码不对"), _("请再核对一次。忘了密码可以重设，不影响订单和余额。"), _("重设密码"), LINKS["reset"]
    ),
    "bad_code": Message(
        _("这个码不对、已用过或已过期"), _("没有任何东西被改动。等认证器换出下一个再试，或用一个备用码。")
    ),
    "second_factor_needed": Message(_("这一步要先做两步验证"), _("没有任何东西被改动。"), _("去验证"), "/confirm"),
    "forbidden": Message(_("你没有做这件事的权限"), _("没有任何东西被改动。如果你认为应该有，请联系平台。"), *_HOME),
    "csrf": Message(_("这张表单放得太久，已经失效"), _("没有任何东西被提交。回到上一页刷新，再提交一次即可。")),
    "no_shop": Message(
        _("先开店，才能用卖家台"), _("开店要同意卖家入驻协议，几分钟就好。"), _("去开店"), LINKS["open_shop"]
    ),
    "party_frozen": Message(
        _("账户已被冻结，暂时不能发起新的操作"),
        _("已有的订单、退款和余额都保留，进行中的退款照常处理。冻结理由在消息里，可以申诉。"),
        _("看消息"),
        LINKS["inbox"],
    ),
    "own_goods": Message(_("不能买自己店里的商品"), _("没有下单，也没有扣款。"), *_HOME),
    "conflict": Message(_("情况刚刚变了，这一步没有做"), _RELOAD),
    "state_conflict": Message(_("情况刚刚变了，这一步没有做"), _RELOAD),
    "idempotency_mismatch": Message(
        _("这张表单已经提交过，内容和这次不同"),
        _("第一次提交的结果有效，这一次没有生效。要改动请重新打开页面。"),
        *_ORDERS,
    ),
    "key_missing": Message(
        _("这份内容的主密钥已经丢失，现在打不开"),
        _("订单、货款和记录都在。没有打开过的卡密可以直接申请退款，其他情况请联系平台。"),
        *_ORDERS,
    ),
    "erased": Message(_("这份内容已经按保存期限删除"), _("订单、货款和记录都在，删除的时间写在记录里。"), *_ORDERS),
    "out_of_stock": Message(
        _("库存不够了"), _("没有下单，也没有扣款。可以减少件数，或者看看同类商品。"), _("回市场"), LINKS["market"]
    ),
    "listing_changed": Message(
        _("商品刚刚改过，请先看新的内容"), _("没有下单，也没有扣款。价格或退款条款可能不同，看过再决定。")
    ),
    "insufficient_balance": Message(
        _("余额不够付这一笔"), _("订单还在，付款到期之前可以改用支付渠道，或先充值。"), _("去充值"), LINKS["wallet"]
    ),
    "case_open": Message(
        _("这一件已有一个进行中的退款"),
        _("同一件商品同时只处理一个退款。可以在那个退款里补充说明和证据。"),
        _("看退款"),
        LINKS["cases"],
    ),
    "login_taken": Message(_("这个登录名已有人用"), _("换一个登录名，其他已填的都还在。")),
    "last_admin": Message(
        _("至少要留一位能登录的管理员"), _("没有任何东西被改动。先让另一个人成为管理员，再做这一步。")
    ),
    "shop_exists": Message(_("你已经有店了"), _("没有任何东西被改动。"), _("去卖家台"), LINKS["seller"]),
    "idempotency_key_missing": Message(_("这张表单少了一项，没有提交"), _RELOAD),
    "too_large": Message(
        _("文件太大，没有收下"), _("其他内容都还在。图片每张 10 MB 以内，卡密文件 20 MB、20 万行以内。")
    ),
    "rate_limited": Message(_("操作太频繁，请稍等一会儿"), _("已做过的不受影响。等一分钟再试。")),
    "unavailable": Message(
        _("有一部分暂时没有应答"),
        _("刚才的操作可能已经生效，也可能没有。过几分钟把同一页再提交一次：不会重复扣款，也不会重复提交。"),
    ),
    "calendar_missing": Message(
        _("工作日历缺了要用的年份，期限暂时算不出来"), _("没有任何东西被改动。平台已收到提示，补上后可以重新提交。")
    ),
    "method_not_allowed": Message(_("这个地址不能这样打开"), _("请从页面上的按钮进入。"), *_HOME),
    "internal": Message(_("我们这边出错了"), _("没有任何东西被改动，错误已记录。再试一次；还不行，请把编号发给客服。")),
}

BY_STATUS: dict[int, Message] = {
    400: Message(_("这次请求没法读懂"), _("没有任何东西被改动。请从页面上的按钮重新操作。"), *_HOME),
    401: BY_CODE["unauthenticated"],
    403: BY_CODE["forbidden"],
    404: BY_CODE["not_found"],
    405: BY_CODE["method_not_allowed"],
    409: BY_CODE["conflict"],
    413: BY_CODE["too_large"],
    422: BY_CODE["invalid_input"],
    429: BY_CODE["rate_limited"],
    500: BY_CODE["internal"],
    503: BY_CODE["unavailable"],
}


def explain(code: str, status: int, lang: str, data: Mapping[str, Any] | None = None) -> Message:
    """The sentences for one refusal, translated. Parameters: status, HTTP number, used where the code is unknown."""
    found = BY_CODE.get(code) or BY_STATUS.get(status) or BY_CODE["internal"]
    facts = dict(data or {})
    wait = facts.get("retry_after_seconds") if found is BY_CODE["rate_limited"] else None
    text = found.text
    if wait:
        text = (
            _("已做过的不受影响。请等 %(seconds)s 秒再试。")
            if wait < 60
            else _("已做过的不受影响。请等 %(wait)s再试。")
        )
        facts |= {"seconds": wait, "wait": wording.span(timedelta(seconds=wait), lang)}
    return Message(
        title=translate(lang, found.title, **facts),
        text=translate(lang, text, **facts),
        act=translate(lang, found.act) if found.act else "",
        href=found.href,
    )
