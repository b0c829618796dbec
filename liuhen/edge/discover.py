"""Collects the routes of a package: every module in it that has a list `routes` is mounted, none can be forgotten."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any


def routes_of(package: ModuleType) -> list[Any]:
    """All `routes` of the package's modules, by module name. Raises ImportError as the module does."""
    found: list[Any] = []
    for item in sorted(iter_modules(package.__path__), key=lambda module: module.name):
        module = import_module(f"{package.__name__}.{item.name}")
        found.extend(getattr(module, "routes", ()))
    return found
