"""Sign-in by the clock: nobody can tell from the time whether a login is there. Too noisy for every run."""

import random
import statistics
import time

from tests.edge.attacks.test_sign_in_work import _joined
from tests.edge.conftest import doors, site
from tests.edge.doors import Doors

__all__ = ["doors", "site"]  # fixtures
ROUNDS = 150


async def test_known_and_unknown_logins_take_the_same_time(doors: Doors) -> None:
    """Interleaved in random order, each from an address and with a login of its own, so that no limit is met. The
    difference of the medians is under a tenth of what one password costs."""
    for number in range(20):
        await _joined(doors, f"known{number}")
    took: dict[bool, list[float]] = {True: [], False: []}
    order = [True, False] * ROUNDS
    random.shuffle(order)
    for place, known in enumerate(order):
        login = f"known{place % 20}" if known else f"other{place % 20}"
        if place % 100 == 0:
            doors.clock.at = doors.clock.at.replace(year=doors.clock.at.year + 1)
        browser = await doors.browser(ip=f"10.0.{place // 250}.{place % 250}")
        began = time.perf_counter()
        answer = await browser.post("/sign-in", {"login": login, "password": "wrong password"})
        took[known].append(time.perf_counter() - began)
        assert answer.status_code == 401
    here, away = statistics.median(took[True]), statistics.median(took[False])
    print(f"known {here * 1000:.2f} ms, unknown {away * 1000:.2f} ms")
    assert abs(here - away) < 0.1 * max(here, away)
