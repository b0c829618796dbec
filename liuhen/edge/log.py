"""One JSON line per event on standard output. No bodies, no tokens, no addresses with values in them."""

import logging
import sys
import traceback
from typing import Any

import structlog

_LIBRARIES = ("uvicorn.access", "httpx", "httpcore")


def set_up(level: str = "info") -> None:
    """Once per process. Parameters: level, a name of the standard library's levels."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    logging.basicConfig(stream=sys.stdout, level=number, format="%(message)s", force=True)
    for name in _LIBRARIES:  # they write whole addresses, which may hold reset tokens
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
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
