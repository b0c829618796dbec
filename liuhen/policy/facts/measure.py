"""What can be counted: days of a membership, stages of a service, and how much of it was had."""

import msgspec

from liuhen.policy.facts.standing import Fact, Side


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that is had bit by bit. Amounts fen; units are days, months, stages or per cent, as was agreed."""

    total: int | None = None  # how many units were bought
    had: Fact[int] = Fact()  # how many of them the buyer had (days served, stages done)
    list_price_fen: int | None = None  # one unit without the discount (预付消费解释 18 to 20)
    ended_by: Fact[Side] = Fact()  # whose doing it is that the rest will not come
    benefit_cut: Fact[bool] = Fact()  # what was agreed was cut by the other side alone (平台规则办法 32)
    seller_loss_fen: Fact[int] = Fact()  # what the seller has lost by the buyer's cancelling (民法典 787)
