"""Paying over the sandbox channel, over real HTTP: the page, callbacks, and every way they can go wrong."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from liuhen.edge.channels.sandbox_client import SandboxChannel
from liuhen.payments.port import BadSignature, PaymentCaptured, PaymentState
from tests.edge.sandbox_server import (
    Merchant,
    Sandbox,
    client_config,
    listening_merchant,
    running_sandbox,
    utc_now,
)

RETURN_URL = "http://127.0.0.1:9/orders/LH1?from=channel"


def pay_url(sandbox: Sandbox, merchant: Merchant, payment_id: UUID, amount_fen: int = 9800, lasts_s: int = 900) -> str:
    return sandbox.channel.pay_url(
        payment_id=payment_id,
        amount_fen=amount_fen,
        subject="点卡 100元 <b>×</b> 1",
        notify_url=merchant.url,
        return_url=RETURN_URL,
        expires_at=utc_now() + timedelta(seconds=lasts_s),
    )


async def captured(sandbox: Sandbox, merchant: Merchant) -> PaymentCaptured:
    headers, body = await merchant.next()
    event = sandbox.channel.parse_event(headers, body, utc_now())
    assert isinstance(event, PaymentCaptured)
    return event


async def until_event(sandbox: Sandbox, name: str, wanted: object) -> None:
    await sandbox.until(lambda state: state["events"][0][name] == wanted)


async def test_pay_redirects_calls_back_and_answers_queries(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        payment_id = uuid4()
        unseen = await sandbox.channel.query_payment(payment_id=payment_id, now=utc_now())
        assert unseen.state is PaymentState.NOT_FOUND
        url = pay_url(sandbox, merchant, payment_id)
        page = await sandbox.http.get(url)
        assert "沙箱支付渠道，不是真钱" in page.text
        assert "¥98.00" in page.text
        assert "点卡 100元 &lt;b&gt;×&lt;/b&gt; 1" in page.text
        assert "<script" not in page.text
        waiting = await sandbox.channel.query_payment(payment_id=payment_id, now=utc_now())
        assert waiting.state is PaymentState.WAITING
        pressed = await sandbox.pay(url)
        assert (pressed.status_code, pressed.headers["location"]) == (303, RETURN_URL)
        event = await captured(sandbox, merchant)
        assert (event.payment_id, event.amount_fen) == (payment_id, 9800)
        paid = await sandbox.channel.query_payment(payment_id=payment_id, now=utc_now())
        assert (paid.state, paid.trade_no, paid.amount_fen) == (PaymentState.PAID, event.trade_no, 9800)
        assert paid.at == event.at
        await until_event(sandbox, "state", "DELIVERED")
        assert "已付款" in (await sandbox.http.get(url)).text


async def test_policy_lets_the_form_lead_back_to_the_merchant_alone(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        page = await sandbox.http.get(pay_url(sandbox, merchant, uuid4()))
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self' http://127.0.0.1:9" in policy
        assert "script" not in policy
        assert page.headers["cache-control"] == "no-store"


async def test_pressing_twice_pays_once(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        url = pay_url(sandbox, merchant, uuid4())
        await asyncio.gather(*(sandbox.pay(url) for _ in range(10)))
        await captured(sandbox, merchant)
        assert await merchant.nothing_for(0.2)
        assert len((await sandbox.state())["events"]) == 1


async def test_giving_up_goes_back_and_leaves_it_payable(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        payment_id = uuid4()
        url = pay_url(sandbox, merchant, payment_id)
        left = await sandbox.pay(url, act="leave")
        assert (left.status_code, left.headers["location"]) == (303, RETURN_URL)
        status = await sandbox.channel.query_payment(payment_id=payment_id, now=utc_now())
        assert status.state is PaymentState.WAITING
        await sandbox.pay(url)
        assert (await captured(sandbox, merchant)).payment_id == payment_id


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("amount_fen=9800", "amount_fen=1", 403),
        ("key_id=k1", "key_id=k2", 403),
        ("signature=", "signature=0", 403),
        ("merchant=liuhen-demo&", "", 400),
        ("key_id=k1", "key_id=k1&amount_fen=1", 400),
    ],
)
async def test_changed_addresses_take_no_money(tmp_path: Path, old: str, new: str, status: int) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        url = pay_url(sandbox, merchant, uuid4()).replace(old, new)
        assert (await sandbox.http.get(url)).status_code == status
        assert (await sandbox.http.post(url, data={"act": "pay"})).status_code == status
        assert (await sandbox.state())["payments"] == []


async def test_one_payment_id_has_one_amount(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        payment_id = uuid4()
        await sandbox.http.get(pay_url(sandbox, merchant, payment_id))
        again = await sandbox.pay(pay_url(sandbox, merchant, payment_id, amount_fen=1))
        assert again.status_code == 409
        assert "PAYMENT_ID_REUSED" in again.text


async def test_twenty_copies_at_once_are_one_event(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        await sandbox.behave(copies=20)
        await sandbox.pay(pay_url(sandbox, merchant, uuid4()))
        sent = [await merchant.next() for _ in range(20)]
        assert len({body for _, body in sent}) == 1
        assert len({headers["sandbox-nonce"] for headers, _ in sent}) == 20
        events = {sandbox.channel.parse_event(headers, body, utc_now()).event_id for headers, body in sent}
        assert len(events) == 1


async def test_late_callback(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        payment_id = uuid4()
        await sandbox.behave(payment_id, callback_delay_s=1)
        await sandbox.pay(pay_url(sandbox, merchant, payment_id))
        event = await captured(sandbox, merchant)
        assert utc_now() - event.at >= timedelta(seconds=1)


async def test_dropped_callback_shows_in_the_query_and_can_be_sent_by_hand(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        payment_id = uuid4()
        await sandbox.behave(payment_id, drop=True)
        await sandbox.pay(pay_url(sandbox, merchant, payment_id))
        assert await merchant.nothing_for(0.3)
        status = await sandbox.channel.query_payment(payment_id=payment_id, now=utc_now())
        assert status.state is PaymentState.PAID
        event_id = (await sandbox.state())["events"][0]["event_id"]
        await sandbox.act(f"events/{event_id}/resend", copies=2)
        assert (await captured(sandbox, merchant)).event_id == event_id
        assert (await captured(sandbox, merchant)).event_id == event_id


async def test_held_callbacks_come_out_of_order(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        await sandbox.behave(hold=True)
        first, second = uuid4(), uuid4()
        await sandbox.pay(pay_url(sandbox, merchant, first))
        await sandbox.pay(pay_url(sandbox, merchant, second))
        assert await merchant.nothing_for(0.2)
        assert len((await sandbox.act("release", order="reversed"))["released"]) == 2
        assert (await captured(sandbox, merchant)).payment_id == second
        assert (await captured(sandbox, merchant)).payment_id == first


async def test_wrong_amount_is_well_signed_and_the_query_tells_the_truth(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        payment_id = uuid4()
        await sandbox.behave(payment_id, amount_shift_fen=-100)
        await sandbox.pay(pay_url(sandbox, merchant, payment_id))
        assert (await captured(sandbox, merchant)).amount_fen == 9700
        status = await sandbox.channel.query_payment(payment_id=payment_id, now=utc_now())
        assert status.amount_fen == 9800


async def test_broken_signature_is_refused(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        await sandbox.behave(break_signature=True)
        await sandbox.pay(pay_url(sandbox, merchant, uuid4()))
        headers, body = await merchant.next()
        with pytest.raises(BadSignature):
            sandbox.channel.parse_event(headers, body, utc_now())


async def test_expired_page_takes_no_money_unless_told_to(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        payment_id = uuid4()
        url = pay_url(sandbox, merchant, payment_id, lasts_s=-60)
        assert "已过期" in (await sandbox.http.get(url)).text
        assert (await sandbox.pay(url)).status_code == 409
        status = await sandbox.channel.query_payment(payment_id=payment_id, now=utc_now())
        assert status.state is PaymentState.EXPIRED
        await sandbox.behave(payment_id, pay_after_expiry=True)
        assert (await sandbox.pay(url)).status_code == 303
        assert (await captured(sandbox, merchant)).payment_id == payment_id


async def test_retries_until_the_word_success(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path, retry_seconds=(0,)) as sandbox, listening_merchant() as merchant:
        merchant.answers = [(503, b"SUCCESS"), (200, b"ok"), (302, b""), (200, b" SUCCESS\n")]
        await sandbox.pay(pay_url(sandbox, merchant, uuid4()))
        tried = [await captured(sandbox, merchant) for _ in range(4)]
        assert len({event.event_id for event in tried}) == 1
        await until_event(sandbox, "state", "DELIVERED")
        assert await merchant.nothing_for(0.2)


async def test_retries_wait_longer_each_time(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path, retry_seconds=(0, 1)) as sandbox, listening_merchant() as merchant:
        merchant.answers = [(500, b"")] * 2
        await sandbox.pay(pay_url(sandbox, merchant, uuid4()))
        for _ in range(3):
            await merchant.next()
        _, second, third = merchant.times
        assert third - second >= 0.95


async def test_gives_up_at_the_limit(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path, retry_seconds=(0,), max_tries=3) as sandbox:
        async with listening_merchant() as merchant:
            merchant.answers = [(500, b"")] * 3
            await sandbox.pay(pay_url(sandbox, merchant, uuid4()))
            await until_event(sandbox, "state", "GIVEN_UP")
            assert merchant.arrived.qsize() == 3


async def test_nobody_listens_and_then_somebody_does(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path, retry_seconds=(30,)) as sandbox, listening_merchant() as merchant:
        deaf = Merchant(url="http://127.0.0.1:9/callbacks/sandbox")
        await sandbox.pay(pay_url(sandbox, deaf, uuid4()))
        await until_event(sandbox, "answers", ["ConnectError"])
        await sandbox.pay(pay_url(sandbox, merchant, uuid4()))
        await captured(sandbox, merchant)


async def test_restart_keeps_everything_and_sends_what_was_owed(tmp_path: Path) -> None:
    async with listening_merchant() as merchant:
        payment_id = uuid4()
        async with running_sandbox(tmp_path) as sandbox:
            await sandbox.behave(payment_id, callback_delay_s=60)
            await sandbox.pay(pay_url(sandbox, merchant, payment_id))
            before = await sandbox.state()
        async with running_sandbox(tmp_path) as sandbox:
            assert await sandbox.state() == before
        assert merchant.arrived.empty()
        async with running_sandbox(tmp_path, wall=lambda: utc_now() + timedelta(seconds=60)) as sandbox:
            event = await captured(sandbox, merchant)
            status = await sandbox.channel.query_payment(payment_id=payment_id, now=utc_now())
            assert (status.state, status.trade_no) == (PaymentState.PAID, event.trade_no)
            await until_event(sandbox, "state", "DELIVERED")
        async with running_sandbox(tmp_path) as sandbox:
            assert await merchant.nothing_for(0.3)


async def test_frozen_clock_on_both_sides(tmp_path: Path) -> None:
    frozen = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
    async with running_sandbox(tmp_path, wall=lambda: frozen) as sandbox, listening_merchant() as merchant:
        url = sandbox.channel.pay_url(
            payment_id=uuid4(),
            amount_fen=1,
            subject="x",
            notify_url=merchant.url,
            return_url=RETURN_URL,
            expires_at=frozen + timedelta(minutes=15),
        )
        assert (await sandbox.pay(url)).status_code == 303
        headers, body = await merchant.next()
        assert sandbox.channel.parse_event(headers, body, frozen).at == frozen


async def test_a_dead_channel_is_unknown_not_an_error() -> None:
    channel = SandboxChannel(client_config("http://127.0.0.1:9"))
    status = await channel.query_payment(payment_id=uuid4(), now=utc_now())
    await channel.close()
    assert (status.state, status.detail) == (PaymentState.UNKNOWN, "UNREACHABLE")
