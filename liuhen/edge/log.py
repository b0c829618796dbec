"""One JSON line per event, on standard output or in a file. No bodies, no tokens, no addresses with values in them."""

import logging
import os
import sys
import traceback
from contextlib import suppress
from typing import Any, Literal

import structlog

from liuhen.base.config import ConfigError

_LIBRARIES = ("uvicorn.access", "httpx", "httpcore")


class Lossy:
    """One of this process's own streams, whose disk may be full or whose reader may be gone: a line is lost, never a
    request. That there is no room is told by the file system's own alarm. Looked up at each write: it may be replaced.
    """

    def __init__(self, name: Literal["stdout", "stderr"]) -> None:
        self._name = name

    def write(self, text: str) -> int:
        with suppress(OSError):
            getattr(sys, self._name).write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            getattr(sys, self._name).flush()


class LogFile:
    """A file that several processes append to and that may be renamed under them: the next line goes to a new one.

    A line is one write, so lines of two processes never mix; one that was written while the file was being renamed
    stands in the renamed file. Whoever compresses that must wait a turn (logrotate: delaycompress).
    """

    def __init__(self, path: str) -> None:
        """Raises ConfigError when the file cannot be opened."""
        self._path = path
        try:
            self._open()
        except OSError as error:
            raise ConfigError(f"log_file {path} cannot be written: {error.strerror}.", key="log_file") from error

    def write(self, text: str) -> int:
        """A full disk must not fail requests as well: what cannot be written goes to standard error."""
        try:
            if self._moved():
                os.close(self._descriptor)
                self._open()
            os.write(self._descriptor, text.encode())
        except OSError:
            Lossy("stderr").write(text)
        return len(text)

    def flush(self) -> None:
        """Every write is whole already."""

    def _open(self) -> None:
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        facts = os.fstat(self._descriptor)
        self._file = (facts.st_dev, facts.st_ino)

    def _moved(self) -> bool:
        try:
            facts = os.stat(self._path)
        except FileNotFoundError:
            return True
        return (facts.st_dev, facts.st_ino) != self._file


def set_up(file: str = "", level: str = "info") -> None:
    """Once per process. Parameters: file, instead of standard output; level, by its name in the standard library."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    stream = LogFile(file) if file else Lossy("stdout")
    logging.basicConfig(stream=stream, level=number, format="%(message)s", force=True)
    for name in _LIBRARIES:  # they write whole addresses, which may hold reset tokens
        logging.getLogger(name).setLevel(logging.WARNING)
    # That the database is away is said by whoever needs it, in one line; the pool would add a traceback for each try.
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(stream),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> Any:
    """A bound logger: `logger("web").info("event", route="/orders/{order_no:str}")`."""
    return structlog.get_logger(door=name)


def frames(error: BaseException) -> list[str]:
    """Where an error came from, without its message: a database's message may quote somebody's data."""
    return [
        f"{item.filename.rpartition('/liuhen/')[2]}:{item.lineno} {item.name}"
        for item in traceback.extract_tb(error.__traceback__)
    ][-12:]
