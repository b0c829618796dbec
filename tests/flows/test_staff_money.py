"""What admins do about money: a refund that failed goes out again, a shop's fee changes for what comes after."""

from uuid import UUID

import pytest

from liuhen.base.db import Tx
from liuhen.base.errors import Forbidden, InvalidInput, NotFound, StateConflict
from liuhen.flows.funds.pay_out import PayOut, pay_out
from liuhen.flows.funds.retry_refund import RetryRefund, retry_refund
from liuhen.flows.people.set_fee import FeeSet, SetFee, set_fee
from liuhen.parties.model import Role
from liuhen.payments import store as payments
from liuhen.payments.model import SendState
from liuhen.policy.facts.claim import ReasonCode
from liuhen.steps.arrival import fail
from tests.flows.refunds import Bought


@pytest.fixture
def story(db, now) -> Bought:  # type: ignore[no-untyped-def]
    return Bought(db, now)


async def _failed(story: Bought) -> UUID:
    """A sealed unit given back over the channel, which then refused to pay."""
    placed = await story.bought(pay="channel")
    await story.ask(placed, ReasonCode.CHANGE_OF_MIND)
    async with story.db.read() as tx:
        refund_id: UUID = await tx.fetchval("select id from refund where book_id = $1", story.seller_id)

    async def work(tx: Tx) -> None:
        refund = await payments.lock_refund(tx, story.seller_id, refund_id)
        await fail(tx, refund, "card closed", now=story.now)

    await story.db.transact(work, now=story.now)
    return refund_id


async def _acts(story: Bought) -> list[str]:
    async with story.db.read() as tx:
        return [row["act"] for row in await tx.fetch("select act from staff_act order by at, id")]


async def test_a_failed_refund_goes_out_again(story: Bought) -> None:
    refund_id = await _failed(story)
    admin = await story.party("何安", Role.ADMIN)
    ask = RetryRefund(admin_id=admin, book_id=story.seller_id, refund_id=refund_id, reason="买家换了卡")
    done = await retry_refund(story.db, ask, now=story.now)
    assert done.amount_fen == 9800
    async with story.db.read() as tx:
        row = await tx.one("select state, due_at, order_id from refund where id = $1", refund_id)
        kinds = await tx.fetch(
            "select convert_from(payload, 'UTF8')::jsonb ->> 'kind' as kind from chain_event where order_id = $1"
            " order by seq",
            row["order_id"],
        )
    assert (row["state"], row["due_at"]) == (str(SendState.APPROVED), story.now)
    assert [kind["kind"] for kind in kinds][-2:] == ["REFUND_FAILED", "REFUND_RETRIED"]
    assert await _acts(story) == ["RETRY_REFUND"]
    with pytest.raises(StateConflict):
        await retry_refund(story.db, ask, now=story.now)
    await story.check()


async def test_a_failed_payout_is_not_sent_again(story: Bought) -> None:
    """Its money is back in the balance: sent once more it would be there twice."""
    admin = await story.party("何安", Role.ADMIN)
    buyer = await story.party("林")
    await story.fund(buyer, 5000)
    await pay_out(story.db, PayOut(party_id=buyer, amount_fen=5000), now=story.now)
    async with story.db.read() as tx:
        refund_id = await tx.fetchval("select id from refund where book_id = $1", buyer)

    async def work(tx: Tx) -> None:
        await fail(tx, await payments.lock_refund(tx, buyer, refund_id), "card closed", now=story.now)

    await story.db.transact(work, now=story.now)
    assert await story.balance(buyer) == 5000
    with pytest.raises(StateConflict):
        await retry_refund(
            story.db, RetryRefund(admin_id=admin, book_id=buyer, refund_id=refund_id, reason="再试"), now=story.now
        )
    await story.check()


async def test_who_may_retry_and_why(story: Bought) -> None:
    refund_id = await _failed(story)
    reviewer, admin = await story.party("周宁", Role.REVIEWER), await story.party("何安", Role.ADMIN)
    for who, reason, error in ((reviewer, "再试", Forbidden), (admin, " ", InvalidInput)):
        ask = RetryRefund(admin_id=who, book_id=story.seller_id, refund_id=refund_id, reason=reason)
        with pytest.raises(error):
            await retry_refund(story.db, ask, now=story.now)
    nowhere = RetryRefund(admin_id=admin, book_id=admin, refund_id=refund_id, reason="再试")
    with pytest.raises(NotFound):
        await retry_refund(story.db, nowhere, now=story.now)
    assert await _acts(story) == []


async def test_a_new_fee_is_on_record_and_told(story: Bought) -> None:
    seller, admin = await story.seller(fee=500), await story.party("何安", Role.ADMIN)
    cmd = SetFee(admin_id=admin, book_id=seller, fee_basis_points=300, reason="新店三个月优惠")
    assert await set_fee(story.db, cmd, now=story.now) == FeeSet(before=500, after=300)
    async with story.db.read() as tx:
        assert await tx.fetchval("select fee_basis_points from shop where book_id = $1", seller) == 300
    assert await _acts(story) == ["SET_FEE"]
    assert await story.notices(seller) == ["FEE_CHANGED"]


async def test_fees_have_limits_and_hands(story: Bought) -> None:
    seller, admin = await story.seller(), await story.party("何安", Role.ADMIN)
    for who, book, fee, error in (
        (seller, seller, 100, Forbidden),
        (admin, admin, 100, NotFound),
        (admin, seller, 3001, InvalidInput),
        (admin, seller, -1, InvalidInput),
    ):
        with pytest.raises(error):
            cmd = SetFee(admin_id=who, book_id=book, fee_basis_points=fee, reason="不行的")
            await set_fee(story.db, cmd, now=story.now)
