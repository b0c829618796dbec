"""The demo market: who takes part in it, and what is on its shelves. Loading it again changes nothing."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.errors import LoginTaken
from liuhen.catalog.model import Content
from liuhen.edge.cli.demo_goods import SECOND_GOODS, SELLER_GOODS, key_lines
from liuhen.edge.context import App
from liuhen.flows.people.open_shop import OpenShop, open_shop
from liuhen.flows.people.register_party import RegisterParty, register_party
from liuhen.flows.trade.confirm_stock import ConfirmStock, confirm_stock
from liuhen.flows.trade.import_stock import import_stock
from liuhen.flows.trade.publish_listing import PublishListing, publish_listing
from liuhen.flows.trade.stage_stock import StageStock, stage_stock
from liuhen.parties.model import Agreement, Role
from liuhen.reads.demo import has_goods, party_of


class Login(Struct, frozen=True, kw_only=True):
    """One person of the demo, printed by `bin/demo`. role: buyer, seller, reviewer or admin."""

    role: str
    login: str
    password: str


LOGINS = (
    Login(role="buyer", login="buyer", password="demo-buyer-2026"),
    Login(role="seller", login="seller", password="demo-seller-2026"),
    Login(role="reviewer", login="reviewer", password="demo-reviewer-2026"),
    Login(role="admin", login="admin", password="demo-admin-2026"),
)
_SECOND = Login(role="seller", login="seller-2", password="demo-seller-2-2026")
_NAMES = {
    "seller-2": "山南点卡行",
    "buyer": "林小满",
    "seller": "晨星数码",
    "reviewer": "审核员 周宁",
    "admin": "管理员 何安",
}
_STAFF = {"reviewer": Role.REVIEWER, "admin": Role.ADMIN}


async def load(app: App, now: datetime) -> list[Login]:
    """Registers whoever is missing and fills empty shelves; now in UTC. Answers one login for each role."""
    for login in (*LOGINS, _SECOND):
        await _register(app, login, now)
    for name, goods in (("seller", SELLER_GOODS), (_SECOND.login, SECOND_GOODS)):
        async with app.db.read() as tx:
            seller = await party_of(tx, name)
            stocked = await has_goods(tx, seller)
        if not stocked:
            for content, count in goods:
                await _shelve(app, seller, content, count, now)
    return list(LOGINS)


async def _register(app: App, login: Login, now: datetime) -> None:
    cmd = RegisterParty(
        login=login.login,
        password=login.password,
        terms_version=app.agreements.current(Agreement.USER_TERMS, now).version,
        display_name=_NAMES[login.login],
        roles=frozenset([_STAFF[login.role]]) if login.role in _STAFF else frozenset(),
    )
    try:
        made = await register_party(app.db, cmd, now=now, keys=app.keys, agreements=app.agreements)
    except LoginTaken:
        return
    if login.role == "seller":
        version = app.agreements.current(Agreement.SELLER_AGREEMENT, now).version
        shop = OpenShop(party_id=made.party_id, name=_NAMES[login.login], agreement_version=version)
        await open_shop(app.db, shop, now=now, agreements=app.agreements)


async def _shelve(app: App, seller: UUID, content: Content, count: int, now: datetime) -> None:
    """Lists goods and imports their keys the way every seller does: staged, confirmed by seal, imported."""
    listed = await publish_listing(app.db, PublishListing(seller_id=seller, content=content), now=now)
    if not count:
        return
    upload = StageStock(
        seller_id=seller,
        product_id=listed.product_id,
        filename="keys.txt",
        data=key_lines(content.kind, count),
    )
    staged = await stage_stock(app.db, upload, keys=app.keys, now=now)
    yes = ConfirmStock(seller_id=seller, import_id=staged.import_id, seal=staged.seal)
    await confirm_stock(app.db, yes, now=now)
    await import_stock(app.db, seller, staged.import_id, keys=app.keys, now=now)
