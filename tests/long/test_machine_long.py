"""The runs of tests/flows/test_machine.py, more of them and longer, in another order each time."""

import pytest

from tests.flows.test_machine import play


@pytest.mark.usefixtures("db")
def test_many_long_runs_leave_everything_in_balance(dsn: str) -> None:
    seen = play(dsn, examples=500, steps=30, same_each_time=False)
    assert "ESCROW_RELEASED" in seen
