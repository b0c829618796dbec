"""What ops/ ships names commands, settings and places that there are, and the same ones everywhere."""

import re
from pathlib import Path

import pytest
import yaml

from liuhen.base.config import Settings
from liuhen.edge.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
OPS = ROOT / "ops"
NOT_SETTINGS = {"LIUHEN_CONFIG", "LIUHEN_PG", "LIUHEN_DB_PASSWORD"}  # the file, pg_source, a word of the compose file
HARD = ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "User=liuhen")
SOCKET = re.compile(r"/run/liuhen-web-(?:[12]|%i)/web\.sock")


def text(name: str) -> str:
    return (OPS / name).read_text("utf-8")


def test_every_setting_is_one() -> None:
    known = {f"LIUHEN_{name.upper()}" for name in Settings.__struct_fields__} | NOT_SETTINGS
    files = [path for path in OPS.rglob("*") if path.is_file()]
    named = {name for path in files for name in re.findall(r"\bLIUHEN_[A-Z_]+\b", path.read_text("utf-8"))}
    assert "LIUHEN_SOCKET" in named
    assert named <= known


def test_units_run_commands_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line for path in (OPS / "systemd").iterdir() for line in path.read_text("utf-8").splitlines()]
    words = {line.split()[1] for line in lines if line.startswith("ExecStart=")}
    services = yaml.safe_load(text("docker/compose.yml"))["services"].values()
    words |= {service["command"][0] for service in services if "command" in service}
    assert words == {"serve", "worker", "backup", "migrate"}
    for word in words:
        with pytest.raises(SystemExit) as ended:
            main([word, "--help"])
        assert ended.value.code == 0


def test_services_may_do_no_more_than_they_must() -> None:
    for path in (OPS / "systemd").glob("*.service"):
        lines = path.read_text("utf-8").splitlines()
        assert [line for line in HARD if line not in lines] == [], path.name


def test_containers_can_back_up_and_keep_uploads_off_disks() -> None:
    compose = yaml.safe_load(text("docker/compose.yml"))
    client = {"bookworm": 15, "trixie": 17}[
        re.findall(r"^FROM python:\S+-slim-(\w+)$", text("docker/Dockerfile"), re.M)[0]
    ]
    assert int(compose["services"]["db"]["image"].removeprefix("postgres:")) <= client
    for name in ("worker", "migrate"):  # backup and restore
        assert "backups:/var/backups/liuhen" in compose["services"][name]["volumes"], name
    (waits,) = re.findall(r"client_body_temp_path (\S+);", text("nginx/liuhen.conf"))
    assert compose["services"]["nginx"]["tmpfs"] == [waits]


def test_no_answer_waits_on_the_proxys_disk() -> None:
    """Five hundred keys are more than its buffers hold; for a slow reader it would write the rest to a file."""
    (location,) = re.findall(r"location / \{\s+proxy_pass[^}]+\}", text("nginx/liuhen.conf"))
    assert "proxy_max_temp_file_size 0;" in location


def test_the_proxy_writes_down_no_link_of_a_reset() -> None:
    """Its usual log has the whole address and where a request came from: the page's style sheet comes from the link."""
    conf = text("nginx/liuhen.conf")
    (kept,) = re.findall(r'map "\$request_uri \$http_referer" (\$\w+) \{\s+default\s+1;\s+~\*(\S+)\s+0;\s+\}', conf)
    for line in ("/reset/lh_r_x -", "/Reset/lh_r_x?a -", "/static/liuhen.css https://shop.example/reset/lh_r_x"):
        assert re.search(kept[1], line, re.I), line
    assert not re.search(kept[1], "/orders https://shop.example/reset", re.I)
    assert conf.count("server_name shop.example;") == conf.count(
        f"access_log /var/log/nginx/access.log combined if={kept[0]};"
    )


def test_the_proxy_finds_the_processes() -> None:
    asked = SOCKET.findall(text("nginx/liuhen.conf"))
    assert asked == ["/run/liuhen-web-1/web.sock", "/run/liuhen-web-2/web.sock"]
    assert SOCKET.findall(text("systemd/liuhen-web@.service")) == ["/run/liuhen-web-%i/web.sock"]
    assert SOCKET.findall(text("docker/compose.yml")) == asked
    assert "RuntimeDirectory=liuhen-web-%i" in text("systemd/liuhen-web@.service")
    targets = yaml.safe_load(text("prometheus/prometheus.yml"))["scrape_configs"][0]["static_configs"][0]["targets"]
    assert targets == ["127.0.0.1:8001", "127.0.0.1:8002"] and "--port 800%i" in text("systemd/liuhen-web@.service")
