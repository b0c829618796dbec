"""Refunds over the sandbox channel: once per id, never more than was paid, and every kind of silence."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from liuhen.base.errors import InvalidInput
from liuhen.edge.channels.sandbox_client import SandboxChannel
from liuhen.payments.port import AnswerState, RefundAnswer, RefundArrived, RefundFailed, RefundState
from tests.edge.sandbox_server import (
    Merchant,
    Sandbox,
    client_config,
    listening_merchant,
    running_sandbox,
    utc_now,
)


async def paid(sandbox: Sandbox, merchant: Merchant, amount_fen: int = 9800) -> str:
    """Pay something; answers its trade number."""
    url = sandbox.channel.pay_url(
        payment_id=uuid4(),
        amount_fen=amount_fen,
        subject="点卡",
        notify_url=merchant.url,
        return_url="http://127.0.0.1:9/",
        expires_at=utc_now() + timedelta(minutes=15),
    )
    await sandbox.pay(url)
    headers, body = await merchant.next()
    return sandbox.channel.parse_event(headers, body, utc_now()).trade_no


async def ask(sandbox: Sandbox, trade_no: str, refund_id: UUID, amount_fen: int = 9800) -> RefundAnswer:
    return await _ask(sandbox.channel, trade_no, refund_id, amount_fen)


async def _ask(channel: SandboxChannel, trade_no: str, refund_id: UUID, amount_fen: int = 9800) -> RefundAnswer:
    return await channel.refund(
        refund_id=refund_id, trade_no=trade_no, amount_fen=amount_fen, reason="卡密无效", now=utc_now()
    )


async def test_a_refund_is_accepted_and_arrives_later(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        trade_no, refund_id = await paid(sandbox, merchant), uuid4()
        asked_at = utc_now()
        answer = await ask(sandbox, trade_no, refund_id)
        assert answer.state is AnswerState.ACCEPTED
        status = await sandbox.channel.query_refund(refund_id=refund_id, now=utc_now())
        assert status.state is RefundState.PENDING or utc_now() - asked_at >= timedelta(seconds=2)
        headers, body = await merchant.next()
        event = sandbox.channel.parse_event(headers, body, utc_now())
        assert isinstance(event, RefundArrived)
        assert event.at - asked_at >= timedelta(seconds=2)
        assert (event.refund_id, event.trade_no, event.amount_fen) == (refund_id, trade_no, 9800)
        assert event.channel_refund_no == answer.channel_refund_no
        status = await sandbox.channel.query_refund(refund_id=refund_id, now=utc_now())
        assert (status.state, status.amount_fen, status.at) == (RefundState.ARRIVED, 9800, event.at)


async def test_asking_twenty_times_refunds_once(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        await sandbox.behave(refund_delay_s=0)
        trade_no, refund_id = await paid(sandbox, merchant), uuid4()
        answers = await asyncio.gather(*(ask(sandbox, trade_no, refund_id) for _ in range(20)))
        assert {answer.state for answer in answers} == {AnswerState.ACCEPTED}
        assert len({answer.channel_refund_no for answer in answers}) == 1
        await merchant.next()
        assert await merchant.nothing_for(0.2)
        assert (await ask(sandbox, trade_no, refund_id)).state is AnswerState.ACCEPTED
        assert await merchant.nothing_for(0.2)
        assert len((await sandbox.state())["refunds"]) == 1


async def test_the_same_id_with_other_contents_is_rejected(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        trade_no, refund_id = await paid(sandbox, merchant), uuid4()
        await ask(sandbox, trade_no, refund_id, 100)
        again = await ask(sandbox, trade_no, refund_id, 200)
        assert (again.state, again.detail) == (AnswerState.REJECTED, "REFUND_ID_REUSED")


async def test_parts_never_exceed_what_was_paid(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        trade_no = await paid(sandbox, merchant, 1000)
        answers = await asyncio.gather(*(ask(sandbox, trade_no, uuid4(), 300) for _ in range(5)))
        accepted = [answer for answer in answers if answer.state is AnswerState.ACCEPTED]
        assert len(accepted) == 3
        assert {answer.detail for answer in answers if answer not in accepted} == {"AMOUNT_EXCEEDS"}
        assert (await ask(sandbox, trade_no, uuid4(), 101)).state is AnswerState.REJECTED
        assert (await ask(sandbox, trade_no, uuid4(), 100)).state is AnswerState.ACCEPTED


async def test_a_failed_refund_frees_its_amount(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        await sandbox.behave(refund_delay_s=0, refund_outcome="FAILED")
        trade_no, refund_id = await paid(sandbox, merchant), uuid4()
        assert (await ask(sandbox, trade_no, refund_id)).state is AnswerState.ACCEPTED
        headers, body = await merchant.next()
        event = sandbox.channel.parse_event(headers, body, utc_now())
        assert isinstance(event, RefundFailed)
        assert event.detail == "PAYER_CARD_CLOSED"
        status = await sandbox.channel.query_refund(refund_id=refund_id, now=utc_now())
        assert (status.state, status.detail) == (RefundState.FAILED, "PAYER_CARD_CLOSED")
        await sandbox.behave(refund_delay_s=0)
        assert (await ask(sandbox, trade_no, uuid4())).state is AnswerState.ACCEPTED


async def test_unknown_trades_are_rejected_and_unknown_refunds_not_found(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox:
        answer = await ask(sandbox, "SB404", uuid4())
        assert (answer.state, answer.detail) == (AnswerState.REJECTED, "TRADE_NOT_FOUND")
        status = await sandbox.channel.query_refund(refund_id=uuid4(), now=utc_now())
        assert status.state is RefundState.NOT_FOUND


async def test_accepted_in_silence_is_unknown_and_the_query_knows(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        trade_no, refund_id = await paid(sandbox, merchant), uuid4()
        await sandbox.behave(refund_answer="HANG", refund_delay_s=60)
        async with sandbox.impatient() as channel:
            answer = await _ask(channel, trade_no, refund_id)
        assert (answer.state, answer.detail) == (AnswerState.UNKNOWN, "TIMEOUT")
        status = await sandbox.channel.query_refund(refund_id=refund_id, now=utc_now())
        assert status.state is RefundState.PENDING
        await sandbox.behave()
        assert (await ask(sandbox, trade_no, refund_id)).state is AnswerState.ACCEPTED
        await sandbox.act(f"refunds/{refund_id}/finish", outcome="ARRIVED")
        headers, body = await merchant.next()
        assert isinstance(sandbox.channel.parse_event(headers, body, utc_now()), RefundArrived)


async def test_lost_in_silence_is_unknown_and_can_be_asked_again(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        trade_no, refund_id = await paid(sandbox, merchant), uuid4()
        await sandbox.behave(refund_answer="LOSE")
        async with sandbox.impatient() as channel:
            assert (await _ask(channel, trade_no, refund_id)).state is AnswerState.UNKNOWN
        status = await sandbox.channel.query_refund(refund_id=refund_id, now=utc_now())
        assert status.state is RefundState.NOT_FOUND
        await sandbox.behave()
        assert (await ask(sandbox, trade_no, refund_id)).state is AnswerState.ACCEPTED


async def test_a_wrong_key_is_unknown_never_rejected(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        trade_no = await paid(sandbox, merchant)
        stranger = SandboxChannel(client_config(sandbox.url, keys={"k1": b"another-secret-0123456789abcdefgh"}))
        answer = await stranger.refund(refund_id=uuid4(), trade_no=trade_no, amount_fen=1, reason="", now=utc_now())
        await stranger.close()
        assert (answer.state, answer.detail) == (AnswerState.UNKNOWN, "HTTP_401")
        assert (await sandbox.state())["refunds"] == []


async def test_a_stale_request_is_refused_by_the_channel(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox:
        long_ago = utc_now() - timedelta(seconds=302)
        status = await sandbox.channel.query_refund(refund_id=uuid4(), now=long_ago)
        assert (status.state, status.detail) == (RefundState.UNKNOWN, "HTTP_401")


async def test_an_unsigned_answer_is_not_believed() -> None:
    async with listening_merchant() as liar:
        liar.answers = [(200, b'{"refund_id":"x","state":"ACCEPTED"}')]
        channel = SandboxChannel(client_config(liar.url.removesuffix("/callbacks/sandbox")))
        answer = await channel.refund(refund_id=uuid4(), trade_no="SB1", amount_fen=1, reason="", now=utc_now())
        await channel.close()
        assert (answer.state, answer.detail) == (AnswerState.UNKNOWN, "HTTP_200")


async def test_restart_carries_out_a_pending_refund(tmp_path: Path) -> None:
    async with listening_merchant() as merchant:
        refund_id = uuid4()
        async with running_sandbox(tmp_path) as sandbox:
            trade_no = await paid(sandbox, merchant)
            await sandbox.behave(refund_delay_s=1)
            await ask(sandbox, trade_no, refund_id)
        async with running_sandbox(tmp_path) as sandbox:
            headers, body = await merchant.next()
            event = sandbox.channel.parse_event(headers, body, utc_now())
            assert isinstance(event, RefundArrived)
            assert event.refund_id == refund_id
            assert (await ask(sandbox, trade_no, refund_id)).state is AnswerState.ACCEPTED
            assert await merchant.nothing_for(0.2)


@pytest.mark.parametrize(
    ("trade_no", "amount_fen", "reason"),
    [("SB1", 0, ""), ("SB1", -5, ""), ("SB1", 1, "字" * 81), ("SB 1", 1, ""), ("", 1, "")],
)
async def test_limits_are_held_before_anything_is_sent(trade_no: str, amount_fen: int, reason: str) -> None:
    channel = SandboxChannel(client_config("http://127.0.0.1:9"))
    with pytest.raises(InvalidInput):
        await channel.refund(refund_id=uuid4(), trade_no=trade_no, amount_fen=amount_fen, reason=reason, now=utc_now())
    await channel.close()
