"""Settings: the environment (LIUHEN_*) over one TOML file (LIUHEN_CONFIG) over defaults that work on one machine."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from liuhen.base.errors import InvalidInput

PREFIX = "LIUHEN_"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator may set. Each field is LIUHEN_<FIELD> in the environment and `field` in the file.

    database_url: owner's address; empty = our own PostgreSQL in data_dir. pg: auto, dsn, system or wheel.
    public_url: how browsers reach us, no slash at the end; https makes cookies Secure.
    sandbox_*: the channel to play with; it exists where both its address and its secret are set.
    operator … address: the disclosures that the law asks for on every page.
    """

    data_dir: Path = Path("var")
    database_url: str = ""
    pg: str = "auto"
    pool_size: int = 16
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    log_level: str = "info"
    demo: bool = False
    fee_basis_points: int = 500
    metrics_token: str = ""
    sandbox_url: str = ""
    sandbox_secret: str = ""
    operator: str = ""
    licence: str = ""
    licence_url: str = ""
    icp: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""

    @property
    def url(self) -> str:
        """How browsers reach us, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether cookies may only travel over TLS."""
        return self.url.startswith("https://")


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Raises InvalidInput that names the setting or file that cannot be understood, never its value."""
    env = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    if path := env.get(f"{PREFIX}CONFIG"):
        values |= _from_file(Path(path))
    for field in msgspec.structs.fields(Settings):
        given = env.get(f"{PREFIX}{field.name.upper()}")
        if given is not None:
            values[field.name] = given
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"settings: {error}") from error


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"the settings file {path} cannot be read: {error}") from error


def _decode(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)
