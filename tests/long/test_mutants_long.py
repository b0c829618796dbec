"""Every wrong law that there is by one change: noticed by a test, proven to be no other law, or known with a reason."""

from tests.policy.mutation import hunt, page

MOST = 0.10  # of those that are another law, how many may go unnoticed


def test_every_wrong_law_is_noticed_or_has_a_reason() -> None:
    found = hunt.everywhere(processes=2)
    assert found.left == [name for name in found.left if name in page.reasons()]
    assert sorted(found.left) == sorted(page.reasons())
    assert len(found.left) <= MOST * (len(found.left) + len(found.noticed))
