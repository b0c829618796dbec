"""What makes a hard sentence harmless: it is denied, quoted, asked, limited to the buyer's own reasons, or excepted.

All patterns read packed text of one sentence, so that nothing put between the characters changes them.
"""

from liuhen.policy.lint.patterns import compiled

# Reasons that lie with the buyer: to refuse a refund for these alone takes no statutory right away (消法 25).
OWN_REASON = (
    r"(?:无(?:任何)?理由|无条件退|非.{0,6}?(?:问题|原因|责任|过错)"
    r"|(?:个人|自身|主观|买家|买方|客户|顾客|自己|您|你|人为|用户|本人)(?:自己|自身|自行|个人|单方)?(?:的|任何)*"
    r"(?:原因|责任|过错|操作|填写|失误|疏忽|泄露|违规|改变主意)"
    r"|不想要|不喜欢|不想用|不需要了|买错|拍错|误拍|错拍|误购|误买|填错|输错|充错|(?:充值|填写|输入|选择)(?:错误|错了)|写错|选错|看错|多拍|后悔|反悔"
    r"|未看清|没看清|未看说明|没看说明|泄露|外挂|作弊|违规|违反|违法|非法|恶意|刷单|转借|转卖)"
)
# No defect: a condition, or a mere assertion ("本店商品无质量问题，……"); the place tells which.
NO_DEFECT = (
    r"(?:(?<!保证)(?<!承诺)(?<!确保)(?<![都均全])"
    r"(?:无|没有?|不存在)(?:任何)?(?:质量|品质|商品|产品|卡密)?(?:的)?(?:问题|瑕疵|故障)"
    r"|(?:卡密|卡|账号|质量|商品)(?:有效|正常|没问题|无误|无问题|完好)|金额无误|面额无误|无误)"
)
_WHEN = r"(?:的?(?:情况|前提|条件|情形)之?下?|的话|的|时|者|后|且|并|,)"
_FIRM = compiled(OWN_REASON)
_SOFT = compiled(NO_DEFECT + rf"(?P<when>{_WHEN})?")
_AFTERWARDS = compiled(rf"(?:仅限|限|指的?是|适用于)?(?:于)?(?:{OWN_REASON}|{NO_DEFECT}).{{0,4}}{_WHEN}")
_UNIVERSAL = compiled(r"一经|一旦|任何|一切|所有|无论|不论")
_BREAKS = compiled(r"可退|包退|支持退|联系|一经(?!发现|查实|核实)")
_GOODS = compiled(r"(?:商品|产品|卡密|货物|宝贝)$")
_FLATLY = compiled(r"(?:概|一概|一律|恕|均|都|坚决|绝|拒绝|谢绝)")

# "whatever the reason", "even with a defect": nothing softens that
_HARD = compiled(
    r"(?:无论|不论|不管|任何|一切)(?:是)?(?:什么|何种|任何|哪种|何)?(?:样的?)?(?:原因|理由|情况|问题|情形)"
    r"|(?:即使|即便|就算|哪怕|包括|含).{0,8}(?:问题|无效|不符|瑕疵)|有(?:质量)?问题(?:也|都)(?!可|能|给|包|会)"
)
_DEFECT_REFUSED = compiled(
    r"(?<![无非])(?<!没有)(?<!没)(?:质量问题|商品问题|卡密问题|无效|坏卡|描述不符|与?描述不一致|少充|未到账)"
    r"(?:的|时|等|也|都|均|一律|概)*$"
)
_EXCEPT = compiled(
    r"(?:质量|问题|无效|错误|不符|瑕疵|本店原因|卖家原因|法律|规定|承诺).{0,8}(?:除外|例外|不在此限)"
    r"|除.{0,12}(?:质量|问题|无效|不符|瑕疵|规定|承诺|约定|原因|责任).{0,6}外"
    r"|(?<![无非])(?<!没有)(?<!没)(?:质量|商品|卡密|本身|本店)?(?:有|的)?(?:问题|无效|不符|坏卡|原因).{0,5}"
    r"(?<!不)(?:包|可以?|都|均|照常|照样|支持|给|免费|全额|随时|无条件|保证|负责|直接|接受)"
    r"(?:申请|无条件|全额|免费|随时|可)*(?:退|赔|售后)"
)
_OTHER_THING = compiled(
    r"(?:手续费|服务费|运费|邮费|快递费|差价|定金|订金|押金|保证金|积分|优惠券|红包|赠品)(?:均|概|一律|恕|也|都)*$"
)
_OUT_OF_DATE = compiled(
    r"(?:有效期|使用期|(?:代金|优惠|卡|兑换|提货)券|到期).{0,12}(?:过期|逾期)(?:后|的|均|概|作废|失效|未使用|未兑换)*$"
)
_LISTED = compiled(
    r"(?:以下|下列|如下)(?:几种|各种|几类|任一)?(?:情况|情形|行为|原因)?(?:之一)?(?:的|下|均|概|恕|一律|,)*$"
)

_DENIED = compiled(
    r"(?:不会|不能|不可以?|不得|不应|不该|不许|不准|绝不|决不|从不|从来不|永不|并不|不是|并非|绝非|不存在|没有|绝无"
    r"|不搞|不玩|不写|不说|不用|不像|拒绝|杜绝|抵制|反对|告别|远离|禁止|严禁|谁说|所谓|别的店|其他店|别家|有的店"
    r"|有些店|不良(?:卖家|商家)|部分(?:卖家|商家)|(?:若|如果?|要是|假如|凡是?|遇到)(?:有)?(?:卖家|商家|店家|我们|本店)"
    r"|(?:卖家|商家|店家|我们|本店)(?:若|如果?)|(?:若|如果?)平台|有人说|声称|谎称|无正当理由|无故|擅自)"
    r"(?:说|写|讲|提|搞|玩|用|以|跟|对|出现|存在|发生|有|是|什么|任何|那种|那些|这种|那样|再|就|会|像|一句|的|卖家|商家"
    r"|店家|我们|别人|您|你|买家|那|要求|随意|单方|单方面|因此|以此|就此)*$"
    r"|(?:不得|不能|不会|不可|绝不|不应|不允许).{0,14}(?:为由|为理由|名义|借口)$"
)
_REFUTED = compiled(
    r"(?:的|之类|这种|这类|这样|那种|等|一类|那一?套|这一?套|这句|这话|[一四两]个?字|字样|一说|都|也|均|属于?|是|写法)*"
    r"(?:条款|说法|规定|规矩|做法|话|约定|声明|告示|情况|行为|现象|商家|店铺|卖家|店家|格式|霸王)*"
    r"(?:都|也|均|一律|是|属于?|在法律上|依法|会被认定|本身|,)*"
    r"(?:无效|违法|不合法|不算数|不作数|不成立|没有效力|不具有?效力|骗人|骗子|诈骗|霸王条款|不公平|不存在|不会发生|不会出现)"
    r"|(?:款)?(?:吗|么|嘛|怎么办|怎么处理|该怎么)|(?:款)?的?(?:您|你|买家)?(?:请|可以?|就)?(?:申请|找|联系|交给|由)?平台"
    r"|(?:双倍|加倍|十倍|全额|我们|本店|平台)(?:先)?赔"
)


def denied(before: str, after: str) -> bool:
    """Whether it is said only to be denied, quoted, forbidden or asked about."""
    return bool(_DENIED.search(before) or _REFUTED.match(after))


def listed(before: str) -> bool:
    """Whether a list of cases follows, which is judged line by line."""
    return bool(_LISTED.search(before))


def limited(before: str, core: str, after: str) -> bool:
    """Whether a refusal touches only what a seller may refuse: the buyer's own reasons, or goods without a defect.

    Parameters: before and after, of the same sentence; core, the refusal itself.
    """
    if _OTHER_THING.search(before) or _OUT_OF_DATE.search(before):
        return True  # it is not the price that is kept; or the buyer let his own time run out
    if _HARD.search(before[-24:] + core) or _DEFECT_REFUSED.search(before):
        return False
    if _EXCEPT.search(before[-40:]) or _EXCEPT.search(after[:40]) or _AFTERWARDS.match(after[:24]):
        return True
    near = before[-20:]
    for firm in _FIRM.finditer(near):
        if not _BREAKS.search(near[firm.end() :]):
            return True
    for soft in _SOFT.finditer(before[-20:]):
        between = before[-20:][soft.end() :]
        if soft["when"] and not _BREAKS.search(between.replace("一经", "")):
            return True
        if _GOODS.search(before[-20:][: soft.start()]) and _FLATLY.match(core):
            continue  # 本店商品无质量问题，概不退换 praises the goods and sets no condition
        if len(between) <= 3 and not _UNIVERSAL.search(between + core):
            return True
    return False
