"""What lies on the shelves of the demo market. Shops, goods and keys are invented."""

import secrets

from liuhen.catalog.model import DAY, Content
from liuhen.policy.facts.goods import GoodsKind as K

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

SELLER_GOODS: tuple[tuple[Content, int], ...] = (
    (
        Content(
            kind=K.PREPAID_CARD,
            title="木棉游戏点卡 100 元面值（国服通用，自动发货）",
            price_fen=98_00,
            face_value_fen=100_00,
            region="国服",
            description="木棉游戏全系列可用，一次兑换，不可拆分。电脑与手机同账号。",
            activation_hint="登录木棉游戏官网，进入“兑换”，输入卡密后确认。",
            warnings="国际服、港澳台服的账号兑换会失败。",
            refund_terms="未拆封 72 小时内可退；卡密无效、面额或区域不符，拆没拆封都退。",
            sealed_window_seconds=3 * DAY,
            max_pieces=500,
        ),
        120,
    ),
    (
        Content(
            kind=K.MEMBERSHIP,
            title="远岸视频会员 月卡",
            price_fen=18_80,
            face_value_fen=30_00,
            region="中国大陆",
            description="兑换后立即生效，30 天。支持电视、手机、网页。",
            activation_hint="在远岸视频“我的 → 兑换中心”输入兑换码。",
            refund_terms="未拆封 24 小时内可退。",
        ),
        60,
    ),
    (
        Content(
            kind=K.CARD_KEY,
            title="石榴文档 专业版一年兑换码",
            price_fen=128_00,
            description="专业版全部功能一年，1 个账号。",
            excludes_no_reason=False,
            sealed_window_seconds=7 * DAY,
            revealed_window_seconds=DAY,
            issuer_can_void=True,
            refund_terms="未拆封 7 天内可退，不用理由；拆封没激活的 24 小时内可退。",
        ),
        12,
    ),
    (
        Content(
            kind=K.DIRECT_TOP_UP,
            title="手机话费直充 100 元（三网，1 小时内到账）",
            price_fen=99_50,
            face_value_fen=100_00,
            region="中国大陆",
            target_label="充值手机号",
            promised_delivery_seconds=3600,
            description="下单后由卖家手工充值，附运营商回执编号。",
            refund_terms="未到账全额退；已到账且金额无误的，不支持无理由退款。",
        ),
        0,
    ),
    (
        Content(
            kind=K.BOOSTING_SERVICE,
            title="木棉竞技 黄金到铂金 代练",
            price_fen=168_00,
            region="国服",
            target_label="游戏角色名",
            promised_delivery_seconds=3 * DAY,
            max_pieces=1,
            description="3 天内完成，附开始与完成截图。开工前可随时取消。",
        ),
        0,
    ),
)

SECOND_GOODS: tuple[tuple[Content, int], ...] = (
    (
        Content(
            kind=K.ACCOUNT_HANDOVER,
            title="长夜行舟 60 级账号（四项资料齐全，可改绑）",
            price_fen=260_00,
            region="国服",
            description="账号、密码、邮箱、邮箱密码一并交付，交付后请立即改绑。",
            max_pieces=1,
        ),
        6,
    ),
    (
        Content(
            kind=K.VOUCHER,
            title="半夏咖啡 30 元代金券",
            price_fen=25_90,
            face_value_fen=30_00,
            region="全国门店",
            description="到店出示券码核销，不找零，不与其他优惠同用。",
        ),
        40,
    ),
    (
        Content(
            kind=K.SOFTWARE_LICENCE,
            title="石榴画板 永久授权（按设备码签发）",
            price_fen=320_00,
            target_label="设备码",
            promised_delivery_seconds=12 * 3600,
            description="按你提供的设备码签发授权文件，由卖家手工交付。",
        ),
        0,
    ),
    (
        Content(
            kind=K.VIRTUAL_COIN,
            title="木棉游戏 648 金币（寄售到角色）",
            price_fen=60_00,
            face_value_fen=64_80,
            region="国服 一区",
            target_label="角色名",
            promised_delivery_seconds=7200,
        ),
        0,
    ),
)


def key_lines(kind: K, count: int) -> bytes:
    """A key file as sellers have them: four fields for accounts, two for cards with a number, else a key a line."""
    lines = []
    for place in range(count):
        if kind is K.ACCOUNT_HANDOVER:
            lines.append(f"player{place:03d}@mail.example----{_word(10)}----rec{place:03d}@mail.example----{_word(8)}")
        elif kind is K.PREPAID_CARD:
            number = "".join(secrets.choice("0123456789") for _ in range(16))
            lines.append(f"{number}----{_word(12)}")
        else:
            lines.append("-".join(_word(4) for _ in range(4)))
    return ("\n".join(lines) + "\n").encode()


def _word(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
