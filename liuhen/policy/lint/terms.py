"""Terms that are void or hollow: what they look like in packed text, and which articles say so.

A pattern's group `core` is the refusal itself; what stands before it in the match is its subject. Order is precedence:
where two rules meet on the same words, the earlier one speaks.
"""

import re
from collections.abc import Callable
from enum import StrEnum

import msgspec

from liuhen.policy.decision import Cite
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.lint import guards
from liuhen.policy.lint.finding import Code, Listing, Severity
from liuhen.policy.lint.patterns import compiled

VOID = (Cite("消法", 26, 2), Cite("消法", 26, 3), Cite("民法典", 497, 1, 2))
NO_RETURN = (*VOID, Cite("网络交易办法", 21, 1, 1), Cite("合同监管办法", 7, 1, 3))


class Softer(StrEnum):
    """Which guard may make a term harmless, besides its being denied."""

    NONE = "none"
    LIMITED = "limited"  # to the buyer's own reasons, or to goods without a defect
    OWN_FAULT = "own_fault"  # what the buyer himself did


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of term. applies: only to such listings. unless: harmless when this stands in the same sentence."""

    code: Code
    severity: Severity
    pattern: re.Pattern[str]
    cites: tuple[Cite, ...]
    softer: Softer = Softer.NONE
    unless: re.Pattern[str] | None = None
    applies: Callable[[Listing], bool] | None = None


_NOUN = r"(?:差价|运费|邮|快递|押金|积分|优惠|红包|赠品|定金|订金|出|市|缩|伍|役|群|让|步|烧|色|保证|手续|服务费|佣)"
REFUND = rf"(?:退款|退货|退换|退钱|退费|退(?!{_NOUN})|t款|tui(?:款|huan|kuan)?)"
_WILL_NOT = (
    r"(?:(?<![退能可要该])(?:概|一概|一律|坚决|恕|绝|均|都|全部|统统)*不(?:再|予|会|能够?|可以?|给予?|接受|支持|办理|提供|享受|受理|承担"
    r"|做|处理|允许|同意|进行)*|拒绝|谢绝|拒|无法|没法|严禁|禁止|不得|不准|不许|不可|(?:请勿|勿)(?=申请|发起|要求))"
)
_ANY = r"(?:申请|办理|要求|发起|任何|一切|所有|各种|形式|理由|原因|的|以|和|与|或|货|换)*"
REFUSAL = (
    rf"(?:{_WILL_NOT}{_ANY}{REFUND}(?:不换|换|货|款)*|退款?不了|退换不了|不换(?:货)?不退(?:货|款)?"
    r"|(?<!有)(?:无|不(?:含|带|提供|包|做)?)(?:任何|一切)?售后(?!之忧|无忧|问题|纠纷|烦恼|顾虑|压力)"
    r"|norefunds?(?!case|fee|request|window)|nonrefundable|noreturns?|allsales(?:are)?final)"
)
_THING = (
    r"(?:(?:本店|本品|小店|店内|该|此|所有|全部|全场)*(?:虚拟|数字|数码|特殊|特价|电子|充值|游戏|卡密|清仓|秒杀|兑换|直充)*(?:类|性质)?"
    r"(?:商品|产品|物品|卡密|点卡|货物|宝贝|订单|卡券|货币类订单)?(?:(?:具有|有|属于?|因|由于)?(?:可复制性?|复制性|特殊性))?)"
)
_SOLD = (
    r"(?:(?:一经|一旦|凡是?|已经?)?(?:售出|卖出|出售|售卖|售后|出库|拍下|下单|付款|购买|发货|交付|成交|提交|支付|离店|发出|发卡"
    r"|自动)+(?:成功|后|即|之后|以后|则|便|就)*|一经)?"
)
_OPENED = (
    r"(?<![未没无])(?<!没有)(?<!无法)(?<!不能)(?:一经|已经?|凡|只要|卡密)*(?:拆封|拆开|开封|打开|查看|看过|提取|激活|使用|用过|试用|兑换|核销|充值|到账"
    r"|开通|绑定|登录|登陆|上号|改密|开工|开打|开始|提卡)(?!类|型|产品|商品|码|卡(?!密))(?:成功|完成)?"
)
_DUTY = (
    r"(?:(?:概|一概|一律|恕|均|都|也)*不(?:再|予|会|能)*(?:负责(?!任的|代|教|安装|指导|远程|操作|激活|调试|包装|开)|负任何责任"
    r"|承担(?:任何|一切|相关|法律|连带|由此|的|产生|引起|造成)*(?:责任|损失|后果|风险)|负.{0,2}责任?|赔偿?(?!付))"
    r"|(?:责任|风险|后果|损失|封号|掉线|冻结|盈亏)(?:均|都|请|由|须|需)*(?:买家|买方|您|你|客户|顾客|用户)?(?:自负|自担|自行承担|自己承担|自理)"
    r"|(?:损失|责任|后果|风险)(?:本店|卖家|我们|商家|店家)(?:概|均|一律)*不(?:予|会|再)*承担"
    r"|(?:均|都|一律|全部|一切)由(?:买家|买方|您|你|客户|顾客)(?:自行|自己)(?:承担|负责|解决)"
    r"|(?:责任|风险|后果|损失)(?:均|都|须|需)*由(?:买家|买方|您|你|客户|顾客|用户)(?:承担|负责)"
    r"|(?:自行|自己)承担.{0,8}(?:风险|后果|责任|损失)|(?:与|跟|和)(?:本店|卖家|我们|商家|店家|本人)无关|免责)"
)
_GOOD = (
    r"(?:(?<![不未])(?:视为|视作|视同|等同于?|等于|默认|代表|表示|当作|算))(?:买家|您|你|客户)?(?:已经?|对)*(?:认可|确认无误|合格|无误|没?有?问题"
    r"|无问题|无质量|质量|验收|接受商品|无异议|完好|满意|符合|正常|使用正常|交易完成|交易成功|商品|收货无误|(?:自动)?放弃)"
)
_MONEY_WORD = r"(?:转账|打款|汇款|付款|支付|交易|下单|购买|拍|成交|便宜|优惠|更低|低价|红包)"
_PLACE = r"(?:qq|q群|扣扣|企鹅|微信|微x|v信|vx|wx|wechat|薇信|威信|tg|telegram|电报|纸飞机|私信|私聊|支付宝)"
_EVIDENCE = r"(?:录屏|录像|录制|视频|检测报告|官方证明|截图|证明)"
_UNIT = r"(?:\d+|[一二两三四五六七八九十半]+)个?(?:小时|分钟|天|日|钟头|h)"
MADE = r"(?<![规指约固决限特鉴])(?:定制|定做|订制|订做|定作)"
_WARNING = compiled(
    r"(?:请?勿|不要|切勿|别|谨防|警惕|禁止|拒绝|严禁|不会|从不|绝不|不支持|不接受|不得|防止|凡是|任何|小心|以任何|举报|如遇|遇到|避免|(?:卖家|对方|有人|骗子)(?:要求|引导|诱导|让)).{0,12}$"
)


def _rule(code: Code, severity: Severity, pattern: str, cites: tuple[Cite, ...], **more: object) -> Rule:
    return Rule(code=code, severity=severity, pattern=compiled(pattern), cites=cites, **more)  # type: ignore[arg-type]


def _not_made_for_buyer(listing: Listing) -> bool:
    """Whether nothing is made for this buyer: neither a custom voucher, nor work, nor a licence for his device."""
    if listing.kind in (GoodsKind.CUSTOM_VOUCHER, GoodsKind.BOOSTING_SERVICE):
        return False
    return not (listing.kind is GoodsKind.SOFTWARE_LICENCE and listing.asks_buyer)


RULES: tuple[Rule, ...] = (
    _rule(
        Code.MINOR_TERMS,
        Severity.BLOCKS,
        rf"(?:未成年人?|未满(?:18|十八)|(?:18|十八)岁以下|小孩|孩子|儿童|监护人|家长|学生).{{0,16}}?(?P<core>{REFUSAL}|{_DUTY})"
        r"|(?P<deemed>(?:默认|视为|视同|等于|代表|表示)(?:您|买家|你|购买者|用户)?(?:已经?)?(?:是|为)?"
        r"(?:成年|年?满(?:18|十八)|监护人(?:已经?)?(?:同意|知情)|家长(?:已经?)?(?:同意|知情)))",
        (Cite("民法典", 144), Cite("民法典", 145, 1), Cite("预付消费解释", 10), Cite("消法", 26, 3)),
    ),
    _rule(
        Code.NO_CONTRACT,
        Severity.BLOCKS,
        r"(?:付款|支付|下单|拍下)(?:成功|后|并|也)*(?:合同|订单|交易)?(?:并?不|未)(?:代表|等于|视为|算|意味着)*(?:合同|订单|交易|购买)?"
        r"(?:成交|成立|生效|成功)"
        r"|(?:卖家|本店|我们|店家|商家)(?:保留)?(?:可以?)?(?:随时|单方面?|有权|无条件)+(?:可以?)?(?:取消|关闭|砍)(?:掉)?"
        r"(?:您的|你的|买家的?)?(?:订单|单|交易)"
        r"|订单.{0,4}(?:卖家|本店|我们|店家|商家)(?:随时|单方面?|有权)+(?:取消|关闭)",
        (Cite("电商法", 49, 2), Cite("消法", 26, 3)),
        unless=compiled(r"恶意|刷单|欺诈|诈骗|违规|违法|异常|未付款|不付款|未支付|超时|协商|全额退"),
    ),
    _rule(
        Code.FALSE_CUSTOM,
        Severity.BLOCKS,
        rf"(?:属于?|为|是)?{MADE}.{{0,12}}?(?P<core>{REFUSAL}|(?:不支持|不适用|不享受|不接受|无法)(?:7天|七天|七日|7日)*无理由(?:退货|退款|退换)?)",
        (Cite("消法", 25, 1, 1), Cite("消法实施条例", 19, 1), Cite("消法", 26, 3)),
        applies=_not_made_for_buyer,
    ),
    _rule(
        Code.EVIDENCE_CONDITION,
        Severity.WARNS,
        rf"(?:必须|须|需要?|请)(?:提供|完整|全程|连续|开卡|拆封|激活|的)*{_EVIDENCE}.{{0,4}}?否则(?:一律|概|恕|均|都)*"
        r"不(?:予|能|接受|支持|会|给)*(?:退款|退货|退换|退|换|补|处理|受理|售后|负责)"
        rf"|(?:没有?|无|不(?:能)?|未(?:能)?|缺少?|无法)(?:提供|提交)?(?:完整|全程|连续|开箱|开卡|拆封|激活|充值|的|过程)*{_EVIDENCE}(?:的|者|一律|概|恕|均|都|,)*"
        r"(?P<core>(?:一律|概|恕|均|都|拒绝|坚决)*不(?:予|能|接受|支持|会)*(?:退款|退货|退换|退|换|补|处理|受理|售后|认|负责|赔偿?))",
        (Cite("电商法", 62), Cite("民事证据规定", 95)),
    ),
    _rule(
        Code.DEEMED_GOOD,
        Severity.BLOCKS,
        r"(?:签收|收货|收到|查收|发货|内|未反馈|没反馈|无反馈|不反馈|不报|未报|未提出|逾期|超时|过期|超过|拆封|打开|查看|提取|登录|激活|交付|到账|使用)"
        rf".{{0,14}}?(?:即|就|便|则|均|一律|都|将|自动|会|被)*(?P<core>{_GOOD})",
        (Cite("网络消费规定", 1, 1, 1), Cite("民法典", 622, 1), Cite("消法", 26, 3)),
    ),
    _rule(
        Code.CLAIM_WINDOW,
        Severity.BLOCKS,
        rf"(?:超过|超出|超|逾期|过期|过时|超时|{_UNIT}(?:之|以)?后)(?P<gap>.{{0,8}}?)(?P<core>不候|(?:概|一概|一律|均|都|恕|将|就|则|便)*"
        r"不(?:再|予|能|会|接受|支持|提供|做)*(?:处理|受理|负责|接待|售后|理赔|赔|补|管|认账|认|退款|退货|退换|退|换货|接受反馈|理会))"
        r"|(?:(?:签收|确认收货|收货|交付)(?:之|以)?后.{0,6}?|过后)(?:概|一概|一律|均|都|恕|就|则)*"
        r"不(?:再|予|能|会)*(?:处理|受理|负责|售后|补|管)"
        rf"|(?:仅|只)(?:限|在|于|受理|处理|支持|接受|保|保证)*{_UNIT}(?:之|以)?内.{{0,6}}?(?:售后|处理|受理|反馈|有效|报错|投诉)",
        (Cite("民法典", 622, 1), Cite("民法典", 621, 2), Cite("消法", 26, 3), Cite("消法实施条例", 18, 1)),
        softer=Softer.LIMITED,
        unless=compiled(
            r"(?:活动|优惠|秒杀|限时|促销|抢购|领取|券|有效期|使用期|兑换期|名额|未付款|不付款).{0,16}(?:不候|不补|不退|过期)"
            r"|(?:未拆封?|没拆封?|密封|未激活|未使用|未兑换|未开封|无理由).{0,14}(?:可|包|支持|随时|都)?(?:以|申请)?退"
        ),
    ),
    _rule(
        Code.REFUND_FEE,
        Severity.BLOCKS,
        r"(?:退款|退货|退换|取消订单|(?<!不)退(?!出)).{0,10}?(?:(?<![不无免另])(?:扣除?|收取?|承担|支付|自付|付|交纳?|缴纳?)(?:买家|您|你|订单)?"
        r"(?P<fee>.{0,6}?)(?:手续费|服务费|违约金|折旧费|损耗费|工本费|管理费|通道费|处理费|解冻金|保证金|百分之|\d[\d.]*%|\d[\d.]*元))"
        r"|(?:手续费|服务费|通道费)(?:均|概|一律|恕|也)?(?:不退|不予退|不返|不予返还|由(?:买家|您|你)(?:承担|自理|出)|买家(?:自理|承担))"
        r"|扣除?.{0,6}(?:手续费|服务费|违约金|百分之.{1,3}|\d[\d.]*%)(?:后|再|才|之后)*(?:退|返还)",
        (Cite("消法实施条例", 18, 2), Cite("消法", 24, 2), Cite("消法", 26, 3)),
        softer=Softer.LIMITED,
        unless=compiled(
            r"(?:不|免|无|无需|不用|不会|零|(?<![\d.])0|从不)(?:再|另|额外|任何)*(?:收取?|扣除?|需|要|付|承担|交)*(?:任何|一分|额外)*.{0,2}"
            r"(?:手续费|服务费|违约金|费用)|(?:手续费|服务费|费用).{0,4}(?:我们|本店|卖家|平台|商家)(?:承担|出)"
        ),
    ),
    _rule(
        Code.REFUND_TO_BALANCE,
        Severity.BLOCKS,
        r"退(?:款|货款|货|费|还)*.{0,4}?(?:只|仅|一律|统一|均|都|全部|默认|自动|直接|将)(?:能|可以?|支持|限|会|是)*(?:以|退|返|转|换|存|充|到|至|入|回|还|为|成|给|进"
        r"|您的|你的|买家|本店|本站|平台|账户|店铺|会员|相应|等值|等额|的)*(?:余额|积分|代金券|优惠券|店铺币|金币|点数|储值|购物金)"
        r"|(?:只|仅|一律|统一|均|都|全部|只能|默认)(?:能|可以?|支持|限)*退(?:款|回|还|到|至|入|成|为|给)*(?:平台|店铺|账户|本店|本站|会员|等值|等额|的)*"
        r"(?:余额|积分|代金券|优惠券|店铺币|金币|点数|储值|购物金)|退款不退现",
        (Cite("七日退货办法", 14, 3), Cite("消法实施条例", 18, 2), Cite("消法", 26, 3)),
        unless=compiled(r"自愿|选择|可选|经.{0,4}同意|原支付|原路|(?:用|以|使用|通过)?(?:平台)?余额(?:支付|付款|购买)"),
    ),
    _rule(
        Code.OPENED_NO_REFUND,
        Severity.BLOCKS,
        rf"{_THING}?{_OPENED}(?:(?!退|激活|拆封|使用).){{0,9}}?(?P<core>{REFUSAL})",
        (*VOID, Cite("网络交易办法", 21, 1, 1)),
        softer=Softer.LIMITED,
    ),
    _rule(Code.NO_REFUND, Severity.BLOCKS, rf"{_THING}{_SOLD}(?P<core>{REFUSAL})", NO_RETURN, softer=Softer.LIMITED),
    _rule(
        Code.NO_LIABILITY,
        Severity.BLOCKS,
        rf"(?:(?:如有|如遇|若|如果?|出现|发生|一旦|离柜|离店|出?售后|售出后?|交付后?|封号|找回|冻结|掉线|掉|问题|因此)*.{{0,2}}?)(?P<core>{_DUTY})",
        (*VOID, Cite("网络交易办法", 21, 1, 1), Cite("合同监管办法", 7, 1, 4)),
        softer=Softer.OWN_FAULT,
    ),
    _rule(
        Code.FINAL_WORD,
        Severity.BLOCKS,
        r"(?:(?:本店|本活动|活动|商家|卖家|我们)?(?:保留|拥有|享有|对)?(?:此|本|以上|一切|所有|全部|最终|单方|规则|条款|活动|的)*(?:解释权|最终决定权|最终裁定权)"
        r"(?:均|全部|最终|都)?(?:归|属于?|由)?(?:本店|本人|卖家|商家|店家|店主|我们|我方|小店|本公司|公司|平台)?(?:所有|享有|拥有)?)"
        r"|(?:一切|最终|均|都)?以(?:本店|卖家|商家|店家|我们|客服)(?:客服|的)*(?:解释|判断|说法|认定)为准",
        (Cite("网络消费规定", 1, 1, 3), Cite("网络交易办法", 21, 1, 5), Cite("合同监管办法", 8, 1, 7)),
    ),
    _rule(
        Code.NO_COMPLAINT,
        Severity.BLOCKS,
        r"(?:禁止|不得|不准|不许|严禁|拒绝|不可以?|不能|不要|请勿|勿|放弃|不接受|谢绝|无权|别)(?:进行|随意|任何|形式|的|差评|和|或|及|再|去|向(?:平台|任何(?:人|部门)|有关部门|消协)|以任何(?:方式|理由|形式))*"
        r"(?:申诉|投诉|举报|起诉|诉讼|仲裁|维权|打?12315|追究(?:责任)?|提起诉讼)(?:或|和|与|及|投诉|举报|起诉|仲裁|差评|维权)*"
        r"|(?:投诉|举报|维权|申请售后|申请退款|退款)(?:者|的|就|一律|直接|立即|立刻|马上|即|均|都|买家|,)*(?:拉黑|拉入黑名单|封号|冻结账号)",
        (
            Cite("网络交易办法", 21, 1, 3),
            Cite("网络消费规定", 1, 1, 4),
            Cite("合同监管办法", 8, 1, 6),
            Cite("电商法", 60),
        ),
        unless=compiled(r"恶意|虚假|不实|诬告|先(?:联系|找|与)|(?:联系|找).{0,6}(?:后再|先)"),
    ),
    _rule(
        Code.OFF_PLATFORM,
        Severity.BLOCKS,
        rf"(?:加|添加|联系|私聊|找|敲|dd|滴滴|去|转到|走)(?:我|客服|店主|卖家|本店|我们|一下|的|下)*{_PLACE}(?:号|群|好友|转|[a-z0-9])*(?:后|再|可|直接|来|,)*.{{0,4}}?{_MONEY_WORD}"
        rf"|加v(?!ip)(?:信|x)?[a-z0-9]*.{{0,6}}?(?:{_MONEY_WORD}|从优|拿货|批发|返)"
        r"|(?:支付宝|微信|银行卡|qq|vx|v信)(?:直接|上)?(?:转账|打款|汇款|发红包|红包转|扫码付|扫码转|转我|转给)"
        r"|(?:付款|支付|转账|打款|汇款|转)(?:到|至|给|请?加|请?扫)(?:我|客服|店主|卖家)?(?:的)?(?:个人|私人)?"
        r"(?:qq|微信|支付宝|银行卡|vx|v信|wx|收款码|二维码)"
        r"|(?:私下|站外|场外|线下)(?:联系)?(?:交易|转账|付款|支付|购买|成交|结算)|(?:不走|绕过|脱离|绕开)平台"
        r"|扫(?:描)?(?:下方|上方|图中|我的|主图|图片)?(?:的)?(?:二维码|收款码|码)(?:直接)?(?:付|支付|转账)",
        (Cite("网络消费规定", 5), Cite("消法", 26, 3)),
        unless=_WARNING,
    ),
    _rule(
        Code.DEEMED_CONSENT,
        Severity.WARNS,
        r"(?:下单|拍下|付款|购买|支付|提交订单)(?:成功|后)*(?:即|就|则|便|均|一律)*(?:视为|视同|默认|表示|代表)(?:您|你|买家|顾客)?(?:已经?|自愿)*"
        r"(?:阅读|知晓|知悉|了解|同意|接受|认可|清楚)(?:并|且|和|同意|接受|认可|了解)*(?:本店|以上|上述|所有|全部|一切|此|该)*(?:的)*(?:条款|规则|规定|说明|约定|内容)?",
        (Cite("民法典", 496, 2), Cite("消法", 26, 1)),
    ),
    _rule(
        Code.SHORT_GUARANTEE,
        Severity.WARNS,
        rf"(?:质保|包售后|售后期|售后时效|售后有效期|保修期?|质保期)(?:限|时间|时效)?(?:为|是|只有|仅|只|仅为)*(?P<time>{_UNIT})",
        (Cite("消法", 24, 1), Cite("民法典", 622, 1)),
    ),
    _rule(
        Code.CUSTOM_CLAIM,
        Severity.WARNS,
        rf"(?:属于?|为您|为你|私人|专属){MADE}(?:商品|产品|类)?|{MADE}(?:类|性质)?(?:商品|产品|卡密|卡券|服务|商品类)",
        (Cite("消法", 25, 1, 1), Cite("消法实施条例", 19, 1)),
        applies=_not_made_for_buyer,
    ),
)

_OWN_FAULT = compiled(
    rf"{guards.OWN_REASON}|操作(?:不当|失误|错误)|自行(?:修改|更改|操作|泄露|转让)|不按(?:说明|步骤)|未按(?:说明|步骤|要求)|保管不善|丢失"
    r"|借给|给他人|违法|非法|(?:请?勿|不要|禁止).{0,20}否则|他人(?:使用|登录)?|不可抗力|教程以外|您自己|你自己"
)


def harmless(rule: Rule, before_match: str, before_core: str, core: str, after: str) -> bool:
    """Whether the sentence takes the sting out of a match. Parameters: packed text of the same sentence."""
    if guards.denied(before_match, after) or guards.denied(before_core, after):
        return True
    if rule.unless and rule.unless.search(before_match[-40:] + before_core[len(before_match) :] + core + after[:20]):
        return True
    if rule.softer is Softer.LIMITED:
        return guards.listed(before_core) or guards.limited(before_core, core, after)
    if rule.softer is Softer.OWN_FAULT:
        return bool(_OWN_FAULT.search(before_core[-24:]) or _OWN_FAULT.search(after[:6]))
    return False
