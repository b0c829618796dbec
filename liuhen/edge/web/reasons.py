"""Reasons for a refund in plain words: what each means, and what would help to show it. Msgids; pages translate."""

from collections.abc import Iterable
from dataclasses import dataclass

from liuhen.policy.facts.claim import ReasonCode


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """label: short, for titles. note: what it means. proof: what helps, "" where the records say it all."""

    label: str
    note: str
    proof: str = ""


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


_R = ReasonCode
REASONS: dict[ReasonCode, ReasonWords] = {
    _R.INVALID_KEY: ReasonWords(
        _("卡密无效"), _("输入后提示不存在、已失效或已停用。"), _("兑换失败的截图，要看得到网址、提示和时间。")
    ),
    _R.ALREADY_REDEEMED: ReasonWords(
        _("已被别人用过"), _("提示已经兑换或激活，但不是你用的。"), _("提示“已使用”的截图，能看到使用时间更好。")
    ),
    _R.INCORRECT_AMOUNT: ReasonWords(
        _("面额不符"), _("到账的面额比商品写的少。"), _("兑换前后余额的截图，或到账记录。")
    ),
    _R.WRONG_REGION: ReasonWords(
        _("区域不符"), _("提示这个地区或这个服不能用。"), _("区域提示的截图，和你账户所在的区服。")
    ),
    _R.DUPLICATE_KEY: ReasonWords(
        _("卡密重复"), _("和另一张一模一样，只能用一次。"), _("两张都兑换的截图，后一张提示已使用。")
    ),
    _R.SHORT_VALIDITY: ReasonWords(_("有效期太短"), _("剩下的有效期比商品承诺的短。"), _("显示有效期的截图。")),
    _R.NOT_RECEIVED: ReasonWords(
        _("没收到，或没到账"), _("没有送达，或说已充值但没有到账。"), _("账户余额或充值记录的截图。")
    ),
    _R.LATE_DELIVERY: ReasonWords(_("超时没送到"), _("过了承诺的时间还没有送达，平台自己有记录。")),
    _R.NOT_AS_DESCRIBED: ReasonWords(
        _("和描述不一样"), _("内容、权益或等级和商品页写的不同。"), _("商品实际情况的截图，商品页平台已存快照。")
    ),
    _R.DEFECTIVE: ReasonWords(_("用不了，或有毛病"), _("能打开，但不能正常使用。"), _("出错时的截图。")),
    _R.SERVICE_STOPPED: ReasonWords(
        _("用到一半停了"), _("会员或服务没到期就停止。"), _("停用提示的截图，要看得到日期。")
    ),
    _R.RECOVERED_BY_SELLER: ReasonWords(
        _("账号被找回"), _("买到的账号被改密或被找回，登不上去。"), _("登录失败和改密通知的截图。")
    ),
    _R.UNFINISHED: ReasonWords(_("服务没做完"), _("代练或代充做了一部分，没有做完。"), _("现在进度的截图。")),
    _R.CHANGE_OF_MIND: ReasonWords(_("不想要了"), _("商品没有问题，只是不需要了。")),
    _R.WRONG_PURCHASE: ReasonWords(_("拍错了"), _("买错面额、区服或数量。")),
    _R.OVERCHARGED: ReasonWords(_("多收了钱"), _("付的比商品页写的多。"), _("付款记录的截图。")),
    _R.DUPLICATE_CHARGE: ReasonWords(_("重复扣款"), _("同一单被扣了两次。"), _("两笔扣款记录的截图。")),
    _R.UNDISCLOSED_RENEWAL: ReasonWords(
        _("没说明的自动续费"), _("买的时候没有写明会自动续费。"), _("续费扣款的截图。")
    ),
    _R.PLATFORM_FAILURE: ReasonWords(_("平台出错"), _("页面或系统出错，让你买错或付错。"), _("出错页面的截图。")),
    _R.MINOR: ReasonWords(
        _("未成年人买的"), _("买的人未满 18 岁，家长不同意。"), _("能说明年龄和监护关系的材料，可以打码。")
    ),
    _R.FRAUD_ALLEGED: ReasonWords(_("怀疑受骗"), _("被人诱导付款，或卖家要求私下交易。"), _("聊天记录的截图。")),
}

_MONEY = (_R.OVERCHARGED, _R.DUPLICATE_CHARGE, _R.PLATFORM_FAILURE, _R.MINOR, _R.FRAUD_ALLEGED)
_KEY = (
    _R.INVALID_KEY,
    _R.ALREADY_REDEEMED,
    _R.INCORRECT_AMOUNT,
    _R.WRONG_REGION,
    _R.DUPLICATE_KEY,
    _R.SHORT_VALIDITY,
    _R.NOT_AS_DESCRIBED,
)
_HAND = (_R.NOT_RECEIVED, _R.NOT_AS_DESCRIBED, _R.DEFECTIVE)
_BY_KIND: dict[str, tuple[ReasonCode, ...]] = {
    "account_handover": (_R.NOT_AS_DESCRIBED, _R.RECOVERED_BY_SELLER, _R.INVALID_KEY, _R.DEFECTIVE),
    "membership": (_R.INVALID_KEY, _R.ALREADY_REDEEMED, _R.SERVICE_STOPPED, _R.UNDISCLOSED_RENEWAL),
    "direct_top_up": (_R.NOT_RECEIVED, _R.INCORRECT_AMOUNT),
    "boosting_service": (_R.UNFINISHED, _R.NOT_AS_DESCRIBED),
}
_MIND = (_R.CHANGE_OF_MIND, _R.WRONG_PURCHASE)


def choices(kinds: Iterable[str], states: Iterable[str]) -> tuple[tuple[ReasonCode, ...], tuple[ReasonCode, ...]]:
    """(first, rest): reasons that fit these goods and states, most likely first; the rest are behind a fold.

    All are offered: policy decides, a page only sorts.
    """
    here, first = set(states), []
    if here & {"SEALED"}:
        first += [*_MIND]
    if here & {"TO_DELIVER"}:
        first += [_R.LATE_DELIVERY, *_MIND]
    for kind in kinds:
        if here & {"SEALED", "REVEALED"}:
            first += [*_BY_KIND.get(kind, ()), *_KEY]
        if here & {"HANDED_OVER"}:
            first += [*_BY_KIND.get(kind, ()), *_HAND]
    first += [*_MIND]
    front = tuple(dict.fromkeys(first))
    every = dict.fromkeys((*_MONEY, *ReasonCode))
    return front, tuple(code for code in every if code not in front and code in REASONS)


def label_of(reason: str) -> str:
    """The msgid of a reason as it stands in the database. Raises ValueError for an unknown one."""
    return REASONS[ReasonCode(reason)].label
