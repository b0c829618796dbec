"""Where a text says another thing than the fields of the form: undeclared, narrower, or a promise that is broader.

A promise binds however it was made (消法实施条例 12); what is not in the fields is not carried out by the platform.
"""

import re
from collections.abc import Iterator

from liuhen.policy.decision import Cite
from liuhen.policy.lint.finding import Code, Finding, Listing, Offer, Severity
from liuhen.policy.lint.guards import denied
from liuhen.policy.lint.offers import length
from liuhen.policy.lint.packed import Packed
from liuhen.policy.lint.patterns import compiled
from liuhen.policy.lint.spans import SPAN, seconds_of

DAY, HOUR = 86_400, 3600
MOST_DELIVERY = 30 * DAY
MOST_VALIDITY = 3650
PROMISE = (Cite("消法实施条例", 12), Cite("消法", 16, 2))
DECLARED = (Cite("消法实施条例", 19, 2), Cite("七日退货办法", 20, 2))
UNCLEAR = (Cite("民法典", 498), Cite("消法实施条例", 12))
AS_SAID = (*PROMISE, Cite("消法", 23, 2))
IN_TIME = (Cite("电商法", 20), Cite("消法实施条例", 12))
CITES = frozenset({*PROMISE, *DECLARED, *UNCLEAR, *AS_SAID, *IN_TIME})

_NOT = r"(?:不|无法|没有|非|概不|恕不)(?:予|再|能|会)?(?:支持|适用|享受?|参加|提供|接受|含|可)?"
_SEVEN = rf"(?P<days>{SPAN})?(?:之?内)?"
_EXCLUDED = compiled(rf"{_NOT}{_SEVEN}无(?:任何|条件)?(?:理由|条件)(?:的)?(?:退货退款|退换货?|退货|退款|退换|退)")
_PROMISED = compiled(
    rf"(?P<days>{SPAN})(?:之?内)?(?:可以?|支持|享受?)?(?:申请)?无(?:任何)?(?:理由|条件)(?:的?(?:退货退款|退换货?|退货|退款|退换|退))?"
    r"|(?:支持|享受?|提供|承诺|可以?)无(?:任何)?理由(?:的)?(?:退货退款|退换货?|退货|退款|退换|退)"
)
_NARROWED = compiled(
    r"(?:超过|超出|超|满|后|以后|之后|逾期|过期|激活|使用|兑换|核销|充值|到账|开通|拆封|提取|查看|开工|的)(?:卡密|商品|账号|卡|者)?"
    r"(?:\d+天|七天|七日)?(?:没有?|无)?(?:质量)?(?:问题)?(?:的|,|时|概|均|恕|后|则)*$"
)
_SEALED_WORD = r"(?<!不是)(?:未拆封?|没拆封?|没有拆封?|密封未拆|密封没拆|不拆封?|密封|未开封|未查看|没查看)"
_WHILE_SEALED = compiled(rf"{_SEALED_WORD}(?:的|卡密|商品|情况下?|状态下?)*$")
_AFTER_NOT = compiled(rf"{_NOT}$")
_MAY = r"(?:可以?|包|都|均|支持|随时|无理由|无条件|能|全额|免费|放心|任意)*(?:申请)?(?:无理由|全额)?退(?!回库存)"
_SEALED = compiled(
    rf"{_SEALED_WORD}(?:的|状态下?|情况下?|前|时|卡密|商品|卡)*(?:在|购买后|下单后|付款后|送达后|收到后|交付后)*(?P<span>{SPAN}|随时)(?:之|以)?内?{_MAY}"
    rf"|(?P<span2>{SPAN})(?:之|以)?内(?:如|若)?{_SEALED_WORD}(?:的|状态下?|情况下?|卡密|商品|卡)*{_MAY}"
)
_UNUSED = compiled(
    rf"(?:未激活|没激活|未使用|没使用|没用过|未兑换|没兑换|未核销|未绑定)(?:的|状态下?|情况下?|前|时|卡密|商品|卡)*(?P<span>{SPAN}|随时)?(?:之|以)?内?{_MAY}"
    rf"|(?P<span2>{SPAN})(?:之|以)?内(?:如|若)?(?:未激活|没激活|未使用|没使用|未兑换|未核销)(?:的|状态下?|情况下?)*{_MAY}"
)
_DELIVERED = compiled(
    rf"(?P<span>{SPAN})(?P<within>(?:之|以)?内)?(?:必|即可|即|可|会|均可|都能|自动|立即|全部|保证|极速|左右)*"
    r"(?:发货|到账|交付|送达|完成|发出|出卡|发卡|充值到账|充值成功|充值|充到|到手|搞定|做完|打完)"
)
_OTHER_TIME = compiled(
    r"(?:退款|退回|退货|提现|赔|审核|回复|答复|退|每|间隔|超过|超|质保|售后)(?:将|会|在|于|约|款|后|一般|通常)*$"
)
_VALID = compiled(
    r"(?:有效期|剩余有效期|保质期|剩余时长)(?:限|时间)?(?:都|均|还|剩|有)*(?:至少|不少于|不低于|最少|大于|超过|最短)(?:还?有|为|是)?"
    rf"(?P<span>{SPAN})"
)


def compare(listing: Listing, field: str, packed: Packed) -> Iterator[Finding]:
    """All differences between one text and the fields. Never raises."""
    yield from _exclusions(listing, field, packed)
    if listing.sealed_delivery and listing.sealed_window_seconds is not None:
        yield from _sealed(listing, field, packed, listing.sealed_window_seconds)
        yield from _unused(listing, field, packed)
    yield from _delivery(listing, field, packed)
    yield from _validity(listing, field, packed)


def _exclusions(listing: Listing, field: str, packed: Packed) -> Iterator[Finding]:
    taken: list[tuple[int, int]] = []
    for match in _EXCLUDED.finditer(packed.chars):
        taken.append(match.span())
        narrowed = _NARROWED.search(packed.before(match.start(), 16))
        if not listing.excludes_no_reason and not narrowed and not _denied(packed, match):
            sets = Offer(text="", sets=("excludes_no_reason", True))
            yield _finding(Code.EXCLUSION_NOT_DECLARED, DECLARED, field, packed, match.span(), sets)
    for match in _PROMISED.finditer(packed.chars):
        inside = any(start < match.end() and match.start() < end for start, end in taken)
        before = packed.before(match.start(), 12)
        if inside or _WHILE_SEALED.search(before) or _denied(packed, match):
            continue
        if listing.excludes_no_reason and not _AFTER_NOT.search(before):
            offer = Offer(sets=("excludes_no_reason", False))
            yield _finding(Code.NO_REASON_PROMISED, PROMISE, field, packed, match.span(), offer)


def _sealed(listing: Listing, field: str, packed: Packed, window: int) -> Iterator[Finding]:
    name, most = "sealed_window_seconds", listing.most_sealed_seconds
    for match in _SEALED.finditer(packed.chars):
        if not _denied(packed, match):
            yield from _window(Code.WINDOW_LONGER, match, (name, window, most, DAY), field, packed)


def _unused(listing: Listing, field: str, packed: Packed) -> Iterator[Finding]:
    name, most = "revealed_window_seconds", listing.most_revealed_seconds
    window = listing.revealed_window_seconds or 0
    for match in _UNUSED.finditer(packed.chars):
        if _denied(packed, match):
            continue
        if match["span"] or match["span2"]:
            yield from _window(Code.UNUSED_PROMISED, match, (name, window, most, HOUR), field, packed)
        elif not window:
            params = {"said": 0, "field": 0}
            yield _finding(Code.UNUSED_PROMISED, PROMISE, field, packed, match.span(), Offer(), params)


def _window(
    broader: Code, match: re.Match[str], known: tuple[str, int, int, int], field: str, packed: Packed
) -> Iterator[Finding]:
    """A time in which something is taken back, against the form's. known: name, value, most and unit of the form's
    field."""
    name, window, most, unit = known
    group = "span" if match["span"] else "span2"
    ever = match[group] == "随时"
    said = None if ever else seconds_of(match[group])
    if said == window or (said is None and not ever):
        return
    params = {"said": said or 0, "field": window}
    if said is not None and said < window:
        yield _finding(
            Code.WINDOW_SHORTER, UNCLEAR, field, packed, match.span(group), Offer(text=length(window)), params
        )
        return
    value = -(-(said or most) // unit) * unit
    if value == window:
        return  # the form's field is the nearest that can be typed
    place = match.span(group) if window else match.span()
    if value <= most:
        yield _finding(broader, PROMISE, field, packed, place, Offer(sets=(name, value)), params)
    else:
        yield _finding(broader, PROMISE, field, packed, match.span(group), Offer(text=length(most)), params)


def _delivery(listing: Listing, field: str, packed: Packed) -> Iterator[Finding]:
    promised = listing.delivery_seconds
    for match in _DELIVERED.finditer(packed.chars):
        said = seconds_of(match["span"])
        before = packed.before(match.start(), 8)
        if said == DAY and not match["within"] and "~" not in match["span"]:
            continue  # 24小时发货 tells the hours of service
        if not said or said == promised or _OTHER_TIME.search(before) or _denied(packed, match):
            continue
        params = {"said": said, "field": promised}
        if said < promised and not listing.sealed_delivery:
            offer = Offer(sets=("promised_delivery_seconds", min(max(said, 60), MOST_DELIVERY)))
            yield _finding(Code.DELIVERY_SOONER, IN_TIME, field, packed, match.span("span"), offer, params)
        if said > promised:
            offer = Offer(text=length(promised))
            yield _finding(Code.DELIVERY_LATER, IN_TIME, field, packed, match.span("span"), offer, params)


def _validity(listing: Listing, field: str, packed: Packed) -> Iterator[Finding]:
    if not listing.sealed_delivery:
        return
    for match in _VALID.finditer(packed.chars):
        days = -(-(seconds_of(match["span"]) or 0) // DAY)
        if listing.min_validity_days < days <= MOST_VALIDITY:
            params = {"said": days, "field": listing.min_validity_days}
            offer = Offer(sets=("min_validity_days", days))
            yield _finding(Code.VALIDITY_LONGER, AS_SAID, field, packed, match.span(), offer, params)


def _denied(packed: Packed, match: re.Match[str]) -> bool:
    return denied(packed.before(match.start(), 24), packed.after(match.end(), 24))


def _finding(
    code: Code,
    cites: tuple[Cite, ...],
    field: str,
    packed: Packed,
    place: tuple[int, int],
    offer: Offer,
    params: dict[str, int] | None = None,
) -> Finding:
    start, end = packed.span(*place)
    return Finding(
        code=code,
        severity=Severity.WARNS,
        field=field,
        start=start,
        end=end,
        text=packed.original[start:end],
        cites=cites,
        offer=offer,
        params=params or {},
    )
