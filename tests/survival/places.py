"""Folders for installations of real processes."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def data_folder() -> Iterator[Path]:
    """One that PostgreSQL's own user may reach (pytest's are closed), not made yet, gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix="liuhen-survival-"))
    place.chmod(0o755)
    try:
        yield place / "data"
    finally:
        shutil.rmtree(place)
