"""The sandbox as a stranger: its own process, its own memory, its own control desk, nothing of liuhen inside."""

import ast
import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from liuhen.edge.channels.sandbox.config import ConfigError, from_environment
from liuhen.edge.channels.sandbox.journal import Journal, JournalError
from liuhen.edge.channels.sandbox_client import SandboxChannel
from liuhen.payments.port import PaymentState
from tests.edge.sandbox_server import (
    SECRET,
    Sandbox,
    client_config,
    listening_merchant,
    running_sandbox,
    utc_now,
)
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
SANDBOX = ROOT / "liuhen/edge/channels/sandbox"
RUN = "from liuhen.edge.channels.sandbox.app import main; raise SystemExit(main())"


def pay_url(channel: SandboxChannel, notify_url: str = "http://127.0.0.1:9/c") -> str:
    return channel.pay_url(
        payment_id=uuid4(),
        amount_fen=12_345_67,
        subject="加油卡 500元 × 2",
        notify_url=notify_url,
        return_url="http://127.0.0.1:9/r",
        expires_at=utc_now() + timedelta(minutes=15),
    )


def test_it_imports_nothing_of_ours() -> None:
    for path in SANDBOX.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 1 or (node.module or "").split(".")[0] != "liuhen", path
                assert node.level <= 1, path
            elif isinstance(node, ast.Import):
                assert all(name.name.split(".")[0] != "liuhen" for name in node.names), path


async def start(folder: Path, port: int) -> asyncio.subprocess.Process:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIUHEN_")}
    environment |= {
        "LIUHEN_SANDBOX_SECRET": SECRET.decode(),
        "LIUHEN_SANDBOX_DATA": str(folder),
        "LIUHEN_SANDBOX_PORT": str(port),
        "LIUHEN_SANDBOX_RETRY_SECONDS": "1,1",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(20), httpx.AsyncClient(trust_env=False) as http:
        while process.returncode is None:
            try:
                await http.get(f"http://127.0.0.1:{port}/healthz")
                break
            except httpx.ConnectError:
                await asyncio.sleep(0.1)
    return process


async def stop(process: asyncio.subprocess.Process, how: signal.Signals) -> None:
    process.send_signal(how)
    async with asyncio.timeout(10):
        await process.communicate()


async def test_killed_in_the_middle_it_remembers_and_delivers(tmp_path: Path) -> None:
    port = free_port()
    channel = SandboxChannel(client_config(f"http://127.0.0.1:{port}"))
    async with listening_merchant() as merchant, httpx.AsyncClient(trust_env=False) as http:
        merchant.answers = [(500, b"")]
        url = pay_url(channel, merchant.url)
        first = await start(tmp_path, port)
        await http.post(url, data={"act": "pay"})
        await merchant.next()
        await stop(first, signal.SIGKILL)
        second = await start(tmp_path, port)
        headers, body = await merchant.next()
        event = channel.parse_event(headers, body, utc_now())
        assert event.amount_fen == 12_345_67
        await stop(second, signal.SIGTERM)
        assert second.returncode in {0, -signal.SIGTERM}
        dead = await channel.query_payment(payment_id=uuid4(), now=utc_now())
        assert dead.state is PaymentState.UNKNOWN
    await channel.close()


async def test_wrong_settings_get_one_sentence(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RUN,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LIUHEN_SANDBOX_DATA": str(tmp_path)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 2
    assert said.decode().count("\n") == 1
    assert "LIUHEN_SANDBOX_SECRET" in said.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"LIUHEN_SANDBOX_SECRET": "short"},
        {"LIUHEN_SANDBOX_DATA": ""},
        {"LIUHEN_SANDBOX_PORT": "80a"},
        {"LIUHEN_SANDBOX_RETRY_SECONDS": "5,,6"},
        {"LIUHEN_SANDBOX_SECRET": "", "LIUHEN_SANDBOX_SECRET_FILE": "/nowhere/secret"},
    ],
)
def test_settings_are_checked(changes: dict[str, str]) -> None:
    good = {"LIUHEN_SANDBOX_SECRET": SECRET.decode(), "LIUHEN_SANDBOX_DATA": "data"}
    assert from_environment(good).host == "127.0.0.1"
    with pytest.raises(ConfigError):
        from_environment(good | changes)


def test_secret_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(SECRET + b"\n")
    config = from_environment({"LIUHEN_SANDBOX_SECRET_FILE": str(file), "LIUHEN_SANDBOX_DATA": "data"})
    assert config.keys == {"k1": SECRET}


async def _with_one_payment(folder: Path) -> Path:
    async with running_sandbox(folder) as sandbox:
        await sandbox.pay(pay_url(sandbox.channel))
    return folder / "journal.jsonl"


async def test_a_torn_last_line_never_happened(tmp_path: Path) -> None:
    path = await _with_one_payment(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole + b'[{"kind":"payment.paid","at":')
    journal = Journal(tmp_path)
    assert len(journal.state.payments) == 1
    journal.close()
    assert path.read_bytes() == whole


async def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = await _with_one_payment(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"x" + b"".join(lines[1:]))
    with pytest.raises(JournalError, match="Line 2 "):
        Journal(tmp_path)


def test_one_sandbox_per_folder(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(JournalError, match="Another sandbox"):
        Journal(tmp_path)
    journal.close()
    Journal(tmp_path).close()


async def _control(sandbox: Sandbox, headers: dict[str, str]) -> int:
    answer = await sandbox.http.post(f"{sandbox.url}/control/release/made", headers=headers)
    return answer.status_code


async def test_control_desk_is_for_this_machine_and_no_other_site(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox:
        assert await _control(sandbox, {}) == 303
        assert await _control(sandbox, {"origin": sandbox.url, "sec-fetch-site": "same-origin"}) == 303
        assert await _control(sandbox, {"origin": "http://elsewhere.example"}) == 403
        assert await _control(sandbox, {"origin": "null"}) == 403
        assert await _control(sandbox, {"sec-fetch-site": "cross-site"}) == 403
        assert await _control(sandbox, {"host": "rebound.example"}) == 403


async def test_control_page_sets_manners_and_sends_again(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
        await sandbox.pay(pay_url(sandbox.channel, merchant.url))
        await merchant.next()
        shown = await sandbox.http.get(f"{sandbox.url}/control/")
        assert "¥12,345.67" in shown.text
        event_id = (await sandbox.state())["events"][0]["event_id"]
        await sandbox.http.post(f"{sandbox.url}/control/events/{event_id}/resend")
        await merchant.next()
        form = {
            "callback_delay_s": "3",
            "copies": "20",
            "drop": "true",
            "amount_shift_fen": "-1",
            "refund_delay_s": "2",
            "refund_outcome": "FAILED",
            "refund_answer": "HANG",
        }
        saved = await sandbox.http.post(f"{sandbox.url}/control/manner", data=form)
        assert saved.status_code == 303
        manner = (await sandbox.state())["manner"]
        assert (manner["copies"], manner["drop"], manner["hold"]) == (20, True, False)
        assert (manner["refund_outcome"], manner["refund_answer"]) == ("FAILED", "HANG")
        payment_id = (await sandbox.state())["payments"][0]["payment_id"]
        one = await sandbox.http.post(
            f"{sandbox.url}/control/payments/{payment_id}/manner", data=form | {"copies": "1"}
        )
        assert one.status_code == 303
        assert (await sandbox.state())["payment_manners"] == {payment_id: {"copies": 1}}
        wrong = await sandbox.http.post(f"{sandbox.url}/control/manner", data=form | {"copies": "1000"})
        assert wrong.status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "manner", b'{"copy":1}', 400),
        ("PUT", "manner", b"[]", 400),
        ("POST", "events/evt_404/resend", b"", 404),
        ("POST", "refunds/none/finish", b"", 404),
        ("POST", "release", b'{"order":"random"}', 400),
    ],
)
async def test_control_api_refuses_nonsense(tmp_path: Path, method: str, path: str, body: bytes, status: int) -> None:
    async with running_sandbox(tmp_path) as sandbox:
        answer = await sandbox.http.request(method, f"{sandbox.url}/control/api/{path}", content=body)
        assert answer.status_code == status
