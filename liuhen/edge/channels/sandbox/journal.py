"""The channel's memory on disk: one JSON array of records per line, appended and synced, never rewritten.

What happens together stands on one line, so a crash keeps all of it or nothing.
"""

import fcntl
import os
from pathlib import Path

import msgspec

from .state import Record, State

_decoder = msgspec.json.Decoder(list[Record])
_encoder = msgspec.json.Encoder()


class JournalError(Exception):
    """The journal cannot be used; the sentence says why."""


class Journal:
    """Open with `Journal(folder)`; replay into `state`; append with `write`; `close` at the end."""

    def __init__(self, folder: Path) -> None:
        """Raises JournalError if the folder cannot be used, is in use, or the journal is damaged."""
        self.state = State()
        self._size = 0
        path = folder / "journal.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = open(path, "a+b", buffering=0)  # noqa: SIM115 (kept open on purpose)
        except OSError as error:
            raise JournalError(f"The sandbox cannot use {path}: {error.strerror}.") from None
        try:
            self._lock(path)
            self._replay(path)
        except JournalError:
            self._file.close()
            raise

    def _lock(self, path: Path) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise JournalError(f"Another sandbox already works with {path}.") from None

    def _replay(self, path: Path) -> None:
        self._file.seek(0)
        # A last line without its end was being written when the process died: it never happened.
        whole, end, _torn = self._file.read().rpartition(b"\n")
        for number, line in enumerate(whole.split(b"\n") if end else [], start=1):
            try:
                for record in _decoder.decode(line):
                    self.state.apply(record)
            except (msgspec.MsgspecError, KeyError):
                raise JournalError(f"Line {number} of {path} is damaged.") from None
        self._size = len(whole) + len(end)
        self._file.truncate(self._size)

    def write(self, *records: Record) -> None:
        """Append what happened, wait until it is on disk, then fold it in. Raises JournalError."""
        line = _encoder.encode(records) + b"\n"
        try:
            written = self._file.write(line)
            os.fsync(self._file.fileno())
        except OSError as error:
            self._file.truncate(self._size)
            raise JournalError(f"The journal cannot be written: {error.strerror}.") from None
        if written != len(line):
            self._file.truncate(self._size)
            raise JournalError("The journal cannot be written: the disk is full.")
        self._size += written
        for record in records:
            self.state.apply(record)

    def close(self) -> None:
        """Give the file and its lock back."""
        self._file.close()
