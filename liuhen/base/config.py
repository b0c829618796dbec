"""All settings of an installation: environment `LIUHEN_*` over one TOML file over defaults.

docs/liuhen.example.toml explains every key; a test holds the two together.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from liuhen.base.embedded_bin import SOURCES
from liuhen.base.errors import InvalidInput

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
RETENTION_DAYS = 1096
"""Three years with a leap day: what the law wants records of trade kept at least, from its end (电商法 31)."""
Retention = Annotated[int, msgspec.Meta(ge=RETENTION_DAYS, le=36_500)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1000)]

LANGUAGES = ("zh", "en")
STAFF_SECOND_FACTOR = ("required", "optional")
DISCLOSURE = (
    "operator_name",
    "operator_address",
    "licence_no",
    "icp_no",
    "complaint_phone",
    "complaint_email",
)
"""What the law wants on every page (电商法 15, 网络交易监督管理办法 12) and only the operator can know."""

_PREFIX = "LIUHEN_"
_NAMES = {"pg_source": "LIUHEN_PG"}  # all others are the key in capitals
_FILE = "LIUHEN_CONFIG"


class ConfigError(InvalidInput):
    """A setting cannot be used; the sentence names it."""

    code = "config"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One installation.

    data_dir: database, master keys, uploads. database_url: a PostgreSQL of the operator's own, empty to
    start one in data_dir. pg_source: auto, dsn, system or wheel. base_url: how browsers reach the site, empty
    for http://host:port. web_workers: processes. pool_size: database connections per process. trusted_proxy:
    the address whose X-Forwarded-For is believed. socket: a file to listen on beside the port, for a proxy on this
    machine. drain_seconds: from the signal to stop until no new connection is taken.
    database_seconds: for one statement of a web process; the worker waits longer.
    cookie_secure: cookies over https alone. staff_second_factor: required, or optional where nothing real is at stake.
    api_calls_per_minute: of one token, and of one address, in one web process. log_file: instead of standard output.
    """

    data_dir: Annotated[str, msgspec.Meta(min_length=1)] = "var/liuhen"
    database_url: str = ""
    pg_source: str = "auto"
    pool_size: Count = 16
    database_seconds: Count = 10

    host: Annotated[str, msgspec.Meta(min_length=1)] = "127.0.0.1"
    port: Port = 8080
    base_url: str = ""
    trusted_proxy: str = ""
    socket: str = ""
    drain_seconds: Annotated[int, msgspec.Meta(ge=0, le=300)] = 0
    web_workers: Count = 1
    cookie_secure: bool = True
    api_calls_per_minute: Annotated[int, msgspec.Meta(ge=60, le=10_000_000)] = 600
    log_file: str = ""
    retention_days: Retention = RETENTION_DAYS
    language: str = "zh"
    demo: bool = False
    staff_second_factor: str = "required"

    sandbox_enabled: bool = False
    sandbox_host: str = "127.0.0.1"
    sandbox_port: Port = 8090
    sandbox_secret_file: str = ""

    site_name: str = "留痕"
    operator_name: str = ""
    operator_address: str = ""
    licence_no: str = ""
    licence_url: str = ""
    icp_no: str = ""
    psb_no: str = ""
    edi_no: str = ""
    complaint_phone: str = ""
    complaint_email: str = ""

    @property
    def folder(self) -> Path:
        """The data folder as a path."""
        return Path(self.data_dir)

    @property
    def address(self) -> str:
        """Where browsers reach the site, without a slash at the end."""
        return self.base_url.rstrip("/") or f"http://{_in_url(self.host)}:{self.port}"

    @property
    def staff_need_factor(self) -> bool:
        """Whether reviewers and admins can do nothing as staff without a second factor."""
        return self.staff_second_factor == "required"

    @property
    def sandbox_address(self) -> str:
        """Where the sandbox channel answers, without a slash at the end."""
        return f"http://{_in_url(self.sandbox_host)}:{self.sandbox_port}"

    @property
    def sandbox_secret_path(self) -> Path:
        """The file of the secret shared with the sandbox channel."""
        return Path(self.sandbox_secret_file) if self.sandbox_secret_file else self.folder / "sandbox.secret"

    @property
    def master_key_path(self) -> Path:
        """The file of the master keys (mode 0600)."""
        return self.folder / "master.keys"

    @property
    def objects_path(self) -> Path:
        """The folder of uploaded bytes."""
        return self.folder / "objects"

    def empty_disclosure(self) -> list[str]:
        """Keys of what the law wants on every page and nobody has filled in yet."""
        return [key for key in DISCLOSURE if not getattr(self, key)]


def load_settings(environ: Mapping[str, str], toml_text: str | None = None) -> Settings:
    """Raises ConfigError, one sentence that names the key and where it came from."""
    values: dict[str, Any] = {}
    if toml_text is not None:
        try:
            values = tomllib.loads(toml_text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"The configuration file is not TOML: {error}.") from error
    sources = dict.fromkeys(values, "in the configuration file")
    known = {field.name: field for field in msgspec.structs.fields(Settings)}
    for key in values:
        if key not in known:
            raise ConfigError(f"The configuration file has an unknown key {key}.", key=key)
    for key in known:
        name = _variable(key)
        if name in environ:
            values[key], sources[key] = environ[name], f"(environment {name})"
    checked = {key: _checked(key, value, known[key].type, sources[key]) for key, value in values.items()}
    settings = Settings(**checked)
    if settings.pg_source == "dsn" and not settings.database_url:
        raise ConfigError("pg_source dsn needs database_url (LIUHEN_DATABASE_URL).", key="database_url")
    if settings.socket and settings.web_workers > 1:
        raise ConfigError("socket needs web_workers 1: start one process per socket file.", key="socket")
    return settings


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of this process, LIUHEN_CONFIG naming the TOML file. Raises ConfigError."""
    name = environ.get(_FILE)
    if not name:
        return load_settings(environ)
    try:
        text = Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The configuration file {name} ({_FILE}) cannot be read: {error}.") from error
    return load_settings(environ, text)


def as_environment(settings: Settings) -> dict[str, str]:
    """What hands these settings to a child process: all that differs from the defaults."""
    plain = Settings()
    values = {name: getattr(settings, name) for name in Settings.__struct_fields__}
    return {
        _variable(name): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in values.items()
        if value != getattr(plain, name)
    }


def _variable(key: str) -> str:
    return _NAMES.get(key, _PREFIX + key.upper())


def _checked(key: str, value: Any, kind: Any, source: str) -> Any:
    choices = {
        "pg_source": SOURCES,
        "language": LANGUAGES,
        "staff_second_factor": STAFF_SECOND_FACTOR,
    }.get(key)
    if choices and value not in choices:
        raise ConfigError(f"{key} {source} must be one of {', '.join(choices)}, not {value!r}.", key=key)
    if key.endswith("_url") and value:
        heads = ("postgresql://", "postgres://") if key == "database_url" else ("http://", "https://")
        if not str(value).startswith(heads):  # the value itself is never shown: it may hold a password
            raise ConfigError(f"{key} {source} must begin with {' or '.join(heads)}.", key=key)
    try:
        return msgspec.convert(value, kind, strict="environment" not in source)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{key} {source} cannot be used: {error}.", key=key) from error


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
