"""Everything a refund decision may look at, for one unit."""

from datetime import datetime

import msgspec

from liuhen.policy.facts.capacity import Capacity
from liuhen.policy.facts.channel import ChannelFacts
from liuhen.policy.facts.claim import Claim
from liuhen.policy.facts.defects import Defects
from liuhen.policy.facts.delivery import Delivery
from liuhen.policy.facts.goods import Goods
from liuhen.policy.facts.history import History
from liuhen.policy.facts.measure import Measure
from liuhen.policy.facts.order import OrderFacts
from liuhen.policy.facts.parties import Parties
from liuhen.policy.facts.promises import Promises
from liuhen.policy.facts.redemption import Redemption
from liuhen.policy.facts.terms import Terms


class RefundFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of one unit and the claim on it, by topic. Times aware UTC, money fen, shares permille.

    A claim over several units is several `RefundFacts`, one per unit, decided one by one and joined by `combine`.
    """

    now: datetime
    goods: Goods
    order: OrderFacts
    claim: Claim
    capacity: Capacity
    parties: Parties = Parties()
    delivery: Delivery = Delivery()
    redemption: Redemption = Redemption()
    measure: Measure = Measure()
    terms: Terms = Terms()
    promises: Promises = Promises()
    defects: Defects = Defects()
    history: History = History()
    channel: ChannelFacts = ChannelFacts()
