"""Settings: environment over file over defaults, and one sentence that names the key that is wrong."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from liuhen.base.config import ConfigError, Settings, as_environment, load_settings, read_settings

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "liuhen.example.toml"


def test_environment_over_file_over_defaults() -> None:
    found = load_settings({"LIUHEN_PORT": "9000", "LIUHEN_PG": "wheel"}, 'port = 8000\nhost = "::1"')
    assert (found.port, found.host, found.pg_source, found.pool_size) == (9000, "::1", "wheel", 16)
    assert found.address == "http://[::1]:9000"


@pytest.mark.parametrize(
    ("environ", "text", "sentence"),
    [
        ({"LIUHEN_PORT": "eighty"}, None, r"port \(environment LIUHEN_PORT\) cannot be used: .*int"),
        ({"LIUHEN_PORT": "70000"}, None, r"port .*<= 65535"),
        ({}, 'port = "8080"', r"port in the configuration file cannot be used"),
        ({}, "prot = 8080", r"unknown key prot"),
        ({}, "port = ", r"not TOML"),
        ({"LIUHEN_PG": "mysql"}, None, r"pg_source .*auto, dsn, system, wheel"),
        ({"LIUHEN_PG": "dsn"}, None, r"pg_source dsn needs database_url"),
        ({"LIUHEN_DATABASE_URL": "mysql://u:secret@h/d"}, None, r"database_url .*postgresql://"),
        ({"LIUHEN_BASE_URL": "shop.example"}, None, r"base_url .*http"),
        ({"LIUHEN_COOKIE_SECURE": "perhaps"}, None, r"cookie_secure .*bool"),
        ({"LIUHEN_LANGUAGE": "fr"}, None, r"language .*zh, en"),
    ],
)
def test_one_sentence_names_the_key(environ: dict[str, str], text: str | None, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(environ, text)
    assert re.search(sentence, caught.value.message)
    assert "secret" not in caught.value.message


def test_missing_file_is_named() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        read_settings({"LIUHEN_CONFIG": "nowhere.toml"})


def test_example_documents_every_key_with_its_default() -> None:
    text = re.sub(r"^#(\w+ = )", r"\1", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)
    assert tomllib.loads(text) == msgspec.structs.asdict(Settings())


def test_child_processes_get_the_same_settings() -> None:
    settings = load_settings({"LIUHEN_DEMO": "true", "LIUHEN_COOKIE_SECURE": "false", "LIUHEN_PG": "system"})
    assert load_settings(as_environment(settings)) == settings
