"""Acts in which a process may die, each with what must be found afterwards. For deaths and for lost replies."""

from datetime import timedelta
from uuid import UUID

from liuhen.base.crypto import KeyRing
from liuhen.base.keyfile import open_key_ring
from liuhen.base.objects import ObjectStore
from liuhen.flows.aftersale.answer_refund import AnswerRefund, answer_refund
from liuhen.flows.aftersale.attach_picture import AttachPicture, attach_picture
from liuhen.flows.aftersale.expire_pictures import expire_pictures
from liuhen.flows.aftersale.request_refund import RequestRefund, request_refund
from liuhen.flows.aftersale.review_refund import ReviewRefund, review_refund
from liuhen.flows.funds.pay_out import PayOut, pay_out
from liuhen.flows.funds.settle_refund import settle_refund
from liuhen.flows.funds.top_up import TopUp, top_up
from liuhen.flows.funds.withdraw_earnings import WithdrawEarnings, withdraw_earnings
from liuhen.flows.outbox.give_up_key import give_up_key
from liuhen.flows.trade.attach_proof import AttachProof, attach_proof
from liuhen.flows.trade.break_seal import BreakSeal, break_seal
from liuhen.flows.trade.confirm_payment import confirm_payment
from liuhen.flows.trade.confirm_stock import ConfirmStock, confirm_stock
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.flows.trade.pay_order import PayOrder, pay_order
from liuhen.flows.trade.place_order import LineAsk, PlacedOrder, PlaceOrder, place_order
from liuhen.flows.trade.stage_stock import StageStock, stage_stock
from liuhen.flows.trade.start_payment import StartPayment, start_payment
from liuhen.money.accounts import AccountKind
from liuhen.parties.model import Role
from liuhen.payments.port import PaymentCaptured, RefundArrived
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads.due import DueKind
from liuhen.refunds.model import Answer, Route
from tests.flows.life import Life, Story, buy, by_caller, by_worker, refunds, states, work_due
from tests.flows.mortal import RING, Act, perform
from tests.flows.test_refund_record import picture

# Buying


async def _ordering(life: Life) -> Act:
    await life.bought()
    await life.fund(life.buyer_id, 9800)
    ask = LineAsk(product_id=life.product, version=1, pieces=1, no_reason_confirmed=True)
    cmd = PlaceOrder(buyer_id=life.buyer_id, book_id=life.seller_id, lines=[ask], pay_from_balance=True)
    return by_caller(life, place_order, cmd, life.buyer_id, "rules", exclusion_version="2026-11-1")


async def _ordered(life: Life) -> None:
    assert await life.one("select count(*) from orders where buyer_id = $1 and state = 'PAID'", life.buyer_id) == 2
    assert await life.key_states(life.product) == {"SEALED": 2, "AVAILABLE": 4}
    assert await life.balance(life.buyer_id) == 200


async def _awaiting(life: Life) -> PlacedOrder:
    life.seller_id, life.buyer_id = await life.seller(), await life.party("林")
    life.product = await life.listing(life.seller_id)
    await life.shelve(life.seller_id, life.product, 2)
    life.placed = await life.order(life.buyer_id, life.seller_id, life.product, pay=None)
    return life.placed


async def _paying(life: Life) -> Act:
    placed = await _awaiting(life)
    await life.fund(life.buyer_id, 9800)
    cmd = PayOrder(buyer_id=life.buyer_id, book_id=placed.book_id, order_id=placed.order_id)
    return by_caller(life, pay_order, cmd, life.buyer_id, "rules")


async def _paid(life: Life) -> None:
    await states(life, "SEALED")
    assert await life.balance(life.seller_id, AccountKind.ESCROW) == 9800


async def _started(life: Life) -> UUID:
    placed = await _awaiting(life)
    cmd = StartPayment(buyer_id=life.buyer_id, book_id=placed.book_id, order_id=placed.order_id, channel="sandbox")
    life.thing = (await start_payment(life.db, cmd, now=life.now)).payment_id
    return life.thing


def _captured(life: Life, payment: UUID, fen: int) -> Act:
    """The channel's callback; it comes again until it is answered."""
    event = PaymentCaptured(
        event_id=f"E{payment.hex}", payment_id=payment, trade_no=f"T{payment.hex}", amount_fen=fen, at=life.now
    )
    return Act(confirm_payment, ("sandbox", event), {"body": b"{}", "now": life.now}, ("rules",))


async def _confirming(life: Life) -> Act:
    return _captured(life, await _started(life), 9800)


async def _confirming_late(life: Life) -> Act:
    payment = await _started(life)
    life.later(minutes=20)
    await work_due(life.db, await life.due(DueKind.EXPIRE_ORDER), now=life.now)
    async with life.db.read() as tx:
        left = await tx.fetch("select id from stock_key where product_id = $1", life.product)
    other = await life.party("二")
    await life.fund(other, 9800 * len(left))
    await life.order(other, life.seller_id, life.product, len(left))
    return _captured(life, payment, 9800)


async def _sent_back(life: Life) -> None:
    await states(life, "CANCELLED")
    await refunds(life, ("APPROVED", 9800))


async def _topping_up(life: Life) -> Act:
    life.buyer_id = await life.party("林")
    cmd = TopUp(party_id=life.buyer_id, amount_fen=5000, channel="sandbox")
    return by_caller(life, top_up, cmd, life.buyer_id)


async def _topped_up(life: Life) -> None:
    assert await life.one("select count(*) from payment where party_id = $1", life.buyer_id) == 1


async def _confirming_top_up(life: Life) -> Act:
    life.buyer_id = await life.party("林")
    started = await top_up(life.db, TopUp(party_id=life.buyer_id, amount_fen=5000, channel="sandbox"), now=life.now)
    return _captured(life, started.payment_id, 5000)


async def _funded(life: Life) -> None:
    assert await life.balance(life.buyer_id) == 5000


async def _closing(life: Life) -> Act:
    """The buyer paid in the last second, and the callback was lost."""
    payment = await _started(life)
    life.channel.pay(payment, 9800)
    life.later(minutes=17)
    return by_worker(life, await life.due(DueKind.CLOSE_PAYMENT))


async def _closing_unpaid(life: Life) -> Act:
    await _started(life)
    life.later(minutes=17)
    return by_worker(life, await life.due(DueKind.CLOSE_PAYMENT))


async def _closed(life: Life) -> None:
    assert await life.one("select state from payment where id = $1", life.thing) == "CLOSED"


# Delivering and using


async def _breaking(life: Life) -> Act:
    placed = await buy(life)
    ids = [row["id"] for row in await life.units(placed)]
    cmd = BreakSeal(buyer_id=life.buyer_id, book_id=placed.book_id, order_id=placed.order_id, unit_ids=ids)
    return by_caller(life, break_seal, cmd, life.buyer_id)


async def _broken(life: Life) -> None:
    await states(life, "REVEALED")
    assert await life.key_states(life.product) == {"REVEALED": 1, "AVAILABLE": 5}


async def _handing_over(life: Life) -> Act:
    life.seller_id, life.buyer_id = await life.seller(), await life.party("林")
    life.product = await life.listing(life.seller_id, kind=GoodsKind.BOOSTING_SERVICE)
    await life.fund(life.buyer_id, 9800)
    life.placed = await life.order(life.buyer_id, life.seller_id, life.product)
    cmd = DeliverByHand(seller_id=life.seller_id, order_id=life.placed.order_id, line_no=1, text="完成了")
    return by_caller(life, deliver_by_hand, cmd, life.seller_id, "keys", "rules")


async def _handed_over(life: Life) -> None:
    await states(life, "HANDED_OVER")


async def _releasing(life: Life) -> Act:
    await buy(life)
    life.later(days=8)
    return by_worker(life, await life.due(DueKind.RELEASE_ESCROW))


async def _released(life: Life) -> None:
    assert await life.balance(life.seller_id, AccountKind.SELLER_PAYABLE) == 9604


async def _earning(life: Life) -> Act:
    await _releasing(life)
    await work_due(life.db, await life.due(DueKind.RELEASE_ESCROW), now=life.now)
    return by_caller(
        life, withdraw_earnings, WithdrawEarnings(seller_id=life.seller_id, amount_fen=9000), life.seller_id
    )


async def _earned(life: Life) -> None:
    assert await life.balance(life.seller_id) == 9000


# Refunds


async def _asking(life: Life) -> Act:
    placed = await buy(life)
    ids = [row["id"] for row in await life.units(placed)]
    cmd = RequestRefund(
        buyer_id=life.buyer_id,
        order_no=placed.order_no,
        unit_ids=ids,
        reason=ReasonCode.CHANGE_OF_MIND,
        statement="不要了",
        route=Route.ORIGINAL,
    )
    return by_caller(life, request_refund, cmd, life.buyer_id, "rules")


async def _given_back(life: Life) -> None:
    await states(life, "REFUNDED")
    await refunds(life, ("ARRIVED", 9800))
    assert await life.balance(life.buyer_id) == 10_000


async def _answering(life: Life) -> Act:
    life.placed, life.case = await life.invalid()
    cmd = AnswerRefund(seller_id=life.seller_id, case_no=life.case.case_no, answer=Answer.AGREED, reasons="")
    return by_caller(life, answer_refund, cmd, life.seller_id, "rules")


async def _lapsing(life: Life) -> Act:
    life.placed, life.case = await life.invalid()
    life.later(days=8)
    return by_worker(life, await life.due(DueKind.LAPSE_ANSWER))


async def _reviewing(life: Life) -> Act:
    life.placed, life.case = await life.invalid()
    await life.answer(life.case, Answer.REFUSED)
    reviewer = await life.party("审", Role.REVIEWER)
    await life.claim(life.case, reviewer)
    cmd = ReviewRefund(reviewer_id=reviewer, case_no=life.case.case_no, ruling=Ruling.GRANTED, reasons="已核")
    return by_caller(life, review_refund, cmd, reviewer, "rules")


async def _approved(life: Life) -> None:
    await buy(life, pay="channel")
    assert life.placed is not None
    await life.ask(life.placed, ReasonCode.CHANGE_OF_MIND)


async def _sending(life: Life) -> Act:
    await _approved(life)
    due = await life.due(DueKind.SEND_REFUND)
    life.thing = due.id
    return by_worker(life, due)


async def _sent(life: Life) -> None:
    await refunds(life, ("SENT", 9800))
    assert list(life.channel.book()["refunds"]) == [str(life.thing)]


async def _looking(life: Life) -> Act:
    """Sent, and its arrival was never told."""
    act = await _sending(life)
    await work_due(life.db, act.args[0], now=life.now, channels={"sandbox": life.channel})
    life.later(minutes=11)
    return by_worker(life, await life.due(DueKind.SEND_REFUND))


async def _arrived(life: Life) -> None:
    await refunds(life, ("ARRIVED", 9800))
    assert await life.balance(life.seller_id, AccountKind.REFUND_DUE) == 0


async def _settling(life: Life) -> Act:
    await _sending(life)
    event = RefundArrived(
        event_id="E1", refund_id=life.thing, trade_no="T1", channel_refund_no="R1", amount_fen=9800, at=life.now
    )
    return Act(settle_refund, ("sandbox", event), {"body": b"{}", "now": life.now})


async def _paying_out(life: Life) -> Act:
    life.buyer_id = await life.party("林")
    await life.fund(life.buyer_id, 3000)
    await life.fund(life.buyer_id, 4000)
    return by_caller(life, pay_out, PayOut(party_id=life.buyer_id, amount_fen=5000), life.buyer_id)


async def _paid_out(life: Life) -> None:
    await refunds(life, ("APPROVED", 4000), ("APPROVED", 1000))
    assert await life.balance(life.buyer_id) == 2000


# Files


async def _shop(life: Life) -> None:
    life.seller_id = await life.seller()
    life.product = await life.listing(life.seller_id)


def _stage(life: Life, lines: int) -> StageStock:
    data = "".join(f"AAAA-{life.made + place:06d}-BBBB\n" for place in range(lines)).encode()
    life.made += lines
    return StageStock(seller_id=life.seller_id, product_id=life.product, filename="keys.txt", data=data)


async def _staging(life: Life) -> Act:
    await _shop(life)
    return by_caller(life, stage_stock, _stage(life, 5), life.seller_id, "keys")


async def _staged(life: Life) -> None:
    assert await life.one("select count(*) from stock_import where book_id = $1", life.seller_id) == 1
    assert await life.key_states(life.product) == {}


async def _importing(life: Life) -> Act:
    await _shop(life)
    staged = await stage_stock(life.db, _stage(life, 12), keys=RING, now=life.now)
    cmd = ConfirmStock(seller_id=life.seller_id, import_id=staged.import_id, seal=staged.seal)
    await confirm_stock(life.db, cmd, now=life.now)
    return by_worker(life, await life.due(DueKind.IMPORT_STOCK))


async def _imported(life: Life) -> None:
    assert await life.key_states(life.product) == {"AVAILABLE": 12}
    assert await life.one("select state from stock_import where book_id = $1", life.seller_id) == "DONE"


async def _attaching(life: Life) -> Act:
    placed = await buy(life)
    await life.reveal(placed)
    cmd = AttachPicture(
        party_id=life.buyer_id, filename="a.png", data=picture(), book_id=placed.book_id, order_id=placed.order_id
    )
    return Act(attach_picture, (cmd,), {"now": life.now}, ("rules", "objects"))


async def _attached(life: Life) -> None:
    async with life.db.read() as tx:
        (row,) = await tx.fetch("select * from evidence_staged where uploaded_by = $1", life.buyer_id)
    objects = ObjectStore.open(life.folder / "objects")
    assert await objects.get(row["original_key"]) == picture()
    assert await objects.exists(row["view_key"])


async def _refusing(life: Life) -> Act:
    """The master key under which the file was kept is gone."""
    await _shop(life)
    staged = await stage_stock(life.db, _stage(life, 3), keys=KeyRing({1: bytes(32)}), now=life.now)
    cmd = ConfirmStock(seller_id=life.seller_id, import_id=staged.import_id, seal=staged.seal)
    await confirm_stock(life.db, cmd, now=life.now)
    return by_worker(life, await life.due(DueKind.IMPORT_STOCK))


async def _refused(life: Life) -> None:
    assert await life.one("select state from stock_import where book_id = $1", life.seller_id) == "FAILED"
    assert await life.notices(life.seller_id) == ["STOCK_IMPORT_FAILED"]


async def _expiring(life: Life) -> Act:
    await perform(await _attaching(life), life.db, life.folder)
    life.later(hours=25)
    return Act(expire_pictures, (), {"now": life.now}, ("objects",))


async def _expired(life: Life) -> None:
    assert await life.one("select count(*) from evidence_staged") == 0
    assert [path for path in (life.folder / "objects").rglob("*") if path.is_file()] == []


async def proving(life: Life) -> Act:
    await perform(await _handing_over(life), life.db, life.folder)
    assert life.placed is not None
    delivery = await life.one("select id from hand_delivery where order_id = $1", life.placed.order_id)
    cmd = AttachProof(
        seller_id=life.seller_id,
        order_id=life.placed.order_id,
        delivery_id=delivery,
        filename="a.png",
        data=picture(),
    )
    return Act(attach_proof, (cmd,), {"now": life.now}, ("objects",))


async def _proof_kept(life: Life) -> None:
    async with life.db.read() as tx:
        (row,) = await tx.fetch("select * from evidence_item where uploaded_by = $1", life.seller_id)
    assert await ObjectStore.open(life.folder / "objects").get(row["original_key"]) == picture()


# Master keys


async def _first_start(life: Life) -> Act:
    return Act(open_key_ring, (), {"path": life.folder / "master.keys", "now": life.now})


async def _started_once(life: Life) -> None:
    await open_key_ring(life.db, life.folder / "master.keys", life.now)
    assert await life.one("select count(*) from key_witness") == 1
    assert await life.one("select count(*) from key_version") == 1


async def _giving_up(life: Life) -> Act:
    await _shop(life)
    await life.shelve(life.seller_id, life.product, 3)
    await open_key_ring(life.db, life.folder / "master.keys", life.now)
    return Act(give_up_key, (1,), {"now": life.now})


async def _given_up(life: Life) -> None:
    assert await life.key_states(life.product) == {"VOID": 3}
    assert await life.one("select gone from key_version") == "LOST"


_LEASE = timedelta(minutes=11)
STORIES = {
    "place_order": Story(_ordering, _ordered),
    "pay_order": Story(_paying, _paid),
    "confirm_payment of an order": Story(_confirming, _paid),
    "confirm_payment too late": Story(_confirming_late, _sent_back),
    "confirm_payment of a top-up": Story(_confirming_top_up, _funded),
    "top_up": Story(_topping_up, _topped_up),
    "close_payment that was paid": Story(_closing, _paid),
    "close_payment": Story(_closing_unpaid, _closed),
    "break_seal": Story(_breaking, _broken),
    "deliver_by_hand": Story(_handing_over, _handed_over),
    "release_escrow": Story(_releasing, _released),
    "withdraw_earnings": Story(_earning, _earned),
    "request_refund": Story(_asking, _given_back),
    "answer_refund": Story(_answering, _given_back),
    "lapse_answer": Story(_lapsing, _given_back),
    "review_refund": Story(_reviewing, _given_back),
    "pay_refund": Story(_sending, _sent),
    "pay_refund that was never told": Story(_looking, _arrived),
    "settle_refund": Story(_settling, _arrived),
    "pay_out": Story(_paying_out, _paid_out),
    "stage_stock": Story(_staging, _staged),
    "import_stock": Story(_importing, _imported, after=_LEASE),
    "import_stock of a lost key": Story(_refusing, _refused, after=_LEASE),
    "attach_picture": Story(_attaching, _attached),
    "attach_proof": Story(proving, _proof_kept),
    "expire_pictures": Story(_expiring, _expired),
    "open_key_ring": Story(_first_start, _started_once),
    "give_up_key": Story(_giving_up, _given_up),
}
