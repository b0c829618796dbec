"""Words that the admin pages share: kinds of work, of acts, roles, what stands in an act's data. Msgids and pure."""

from typing import Any

from liuhen.edge.context import Context
from liuhen.edge.web import wording
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.reads.admin_acts import LOOK, StaffAct


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


WORK: dict[str, str] = {
    "EXPIRE_ORDER": _("关闭没有付款的订单"),
    "LATE_DELIVERY": _("超时没送达，自动退款"),
    "RELEASE_ESCROW": _("担保到期放款"),
    "LAPSE_ANSWER": _("卖家没有答复，往下走"),
    "LAPSE_EVIDENCE": _("买家没有补充材料"),
    "ESCALATE_REVIEW": _("审核超时，升级"),
    "SEND_REFUND": _("汇出退款"),
    "IMPORT_STOCK": _("导入卡密"),
    "EXPIRE_UPLOAD": _("清掉没确认的上传"),
    "CLOSE_PAYMENT": _("向渠道核对没来的付款"),
}
ACTS: dict[str, str] = {
    "SET_ROLES": _("改角色"),
    "FREEZE": _("冻结"),
    "UNFREEZE": _("解除冻结"),
    "ISSUE_RESET_LINK": _("发重设链接"),
    "RESET_SECOND_FACTOR": _("重置两步验证"),
    "SET_LISTING_STATE": _("改商品状态"),
    "ADD_ISSUER": _("添加发行方"),
    "DISABLE_ISSUER": _("停用发行方"),
    "RETRY_REFUND": _("退款再汇一次"),
    "SET_FEE": _("改费率"),
    LOOK: _("查看卡密"),
}
ROLES: dict[str, str] = {"reviewer": _("审核员"), "admin": _("管理员")}
LISTING: dict[str, str] = {"ON_SALE": _("在售"), "OFF_SALE": _("已下架"), "BANNED": _("平台已禁售")}
CALLBACKS: dict[str, str] = {
    "PAYMENT_CAPTURED": _("付款来了"),
    "REFUND_ARRIVED": _("退款到账"),
    "REFUND_FAILED": _("退款没有汇成"),
}
PURPOSES: dict[str, str] = {"ORDER": _("订单付款"), "TOP_UP": _("充值")}
DISCLOSURE: dict[str, str] = {
    "operator_name": _("经营者名称"),
    "operator_address": _("经营地址"),
    "licence_no": _("营业执照号"),
    "icp_no": _("ICP 备案号"),
    "complaint_phone": _("投诉电话"),
    "complaint_email": _("投诉邮箱"),
}


def lang_of(ctx: Context) -> str:
    return view_of(ctx.request).lang


def say(ctx: Context, msgid: str, **values: Any) -> str:
    """A sentence in the visitor's language."""
    return translate(lang_of(ctx), msgid, **values)


def act_text(act: StaffAct, lang: str) -> tuple[str, str]:
    """(what was done, the facts of it). An unknown act shows by its name, so that nothing is hidden."""
    return translate(lang, ACTS[act.act]) if act.act in ACTS else act.act, _facts(act, lang)


def _facts(act: StaffAct, lang: str) -> str:
    data = act.data
    match act.act:
        case "SET_ROLES":
            return translate(
                lang,
                _("从%(before)s，到%(after)s"),
                before=_roles(data["before"], lang),
                after=_roles(data["after"], lang),
            )
        case "SET_FEE":
            before, after = wording.percent(data["before"]), wording.percent(data["after"])
            return translate(lang, _("从 %(before)s，到 %(after)s"), before=before, after=after)
        case "RETRY_REFUND":
            return f"{data['refund_no']} {wording.money_text(data['amount_fen'])}"
        case "SET_LISTING_STATE":
            return translate(lang, LISTING[data["state"]])
        case "ADD_ISSUER":
            return str(data["name"])
        case "LOOK_AT_KEY":
            return f"{data['order_no']} · {data['line_no']}-{data['piece_no']}"
        case _:
            return act.case_no


def _roles(names: list[str], lang: str) -> str:
    if not names:
        return translate(lang, _("没有角色"))
    return translate(lang, _("、")).join(translate(lang, ROLES[name]) for name in names)
