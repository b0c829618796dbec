"""Words for what was understood of a key file, for what was left out of it, and for what a key is now. Msgids."""

from liuhen.keyfiles.model import Column, DuplicateKind, Encoding, Layout, Note, Refusal, Shape
from liuhen.stock.model import KeyState


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


ENCODINGS = {
    Encoding.UTF_8: "UTF-8",
    Encoding.GB18030: "GBK / GB18030",
    Encoding.UTF_16_LE: "UTF-16 LE",
    Encoding.UTF_16_BE: "UTF-16 BE",
}
LAYOUTS = {
    Layout.LINES: _("一行一张"),
    Layout.DASHES: _("用 ---- 分开"),
    Layout.TAB: _("用制表符分开"),
    Layout.PIPE: _("用竖线分开"),
    Layout.CSV: _("用逗号分开（CSV）"),
}
SHAPES = {
    Shape.KEY: _("只有卡密"),
    Shape.CARD: _("卡号和密码"),
    Shape.LOGIN: _("账号和密码"),
    Shape.ACCOUNT: _("账号、密码、邮箱、邮箱密码"),
}
COLUMNS = {
    Column.KEY: _("卡密"),
    Column.CARD_NUMBER: _("卡号"),
    Column.PASSWORD: _("密码"),
    Column.LOGIN: _("账号"),
    Column.MAIL: _("邮箱"),
    Column.MAIL_PASSWORD: _("邮箱密码"),
    Column.FACE_VALUE: _("面额"),
    Column.REGION: _("地区"),
    Column.VALID_UNTIL: _("有效期"),
    Column.REMARK: _("备注"),
}
REFUSALS = {
    Refusal.LINE_TOO_LONG: _("一行超过 4 KB"),
    Refusal.BAD_TEXT: _("按文件的编码读不出来"),
    Refusal.CONTROL_CHARACTER: _("有看不见的字符"),
    Refusal.BAD_QUOTES: _("引号没有配对"),
    Refusal.NO_SEPARATOR: _("没有分隔符"),
    Refusal.TOO_FEW_FIELDS: _("缺一段"),
    Refusal.TOO_MANY_FIELDS: _("比表头多出一段"),
    Refusal.EMPTY_FIELD: _("有一段是空的"),
    Refusal.BAD_DATE: _("日期不成立"),
    Refusal.EXPIRED: _("已经过期"),
    Refusal.BAD_FACE_VALUE: _("面额不是金额"),
    Refusal.REGION_TOO_LONG: _("地区超过 60 个字"),
}
DUPLICATES = {
    DuplicateKind.EXACT: _("和第 %(n)s 行一样"),
    DuplicateKind.FOLDED: _("除大小写、空格、短横外，和第 %(n)s 行一样"),
}
NOTES = {
    Note.EXPIRES_SOON: _("%(n)s 张剩余有效期不够，会入库但扣下不卖；最早到期 %(detail)s"),
    Note.SAME_SERIAL: _("%(n)s 行的卡号或账号前面出现过，但密码不同，请核对：第 %(detail)s 行"),
    Note.OTHER_FACE_VALUE: _("%(n)s 张的面额和商品写的不同，请核对"),
    Note.OTHER_REGION: _("%(n)s 张的地区和商品写的不同，或商品没写地区，请核对：%(detail)s"),
    Note.COLUMN_NOT_USED: _("%(n)s 列没有用到：%(detail)s"),
}
STATES = {
    KeyState.AVAILABLE: _("在库"),
    KeyState.HELD_SHORT: _("快到期，扣下"),
    KeyState.RESERVED: _("已下单，等付款"),
    KeyState.SEALED: _("已密封送达"),
    KeyState.REVEALED: _("买家已拆封"),
    KeyState.RETIRED: _("已退款，不再卖"),
    KeyState.VOID: _("你已作废"),
}
