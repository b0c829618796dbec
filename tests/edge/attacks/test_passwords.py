"""Passwords that everybody tries first are not taken; nobody is told what characters to use."""

import pytest

from liuhen.base.errors import InvalidInput
from liuhen.parties.model import check_password

FIRST = (
    "password123456", "P@ssw0rd2026!", "liuhen20261122", "LIUHEN!!!!!!!", "qwertyuiop123", "admin1234567",
    "woaini5201314", "wang13800138000", "zhang198812121", "steam!!!!2026", "iloveyou1314", "dragon2026!!!!",
    "taobao888888", "1234567890", "seller123456", "kami00000000001", "superman#2026", "football!!!!!", "changeme2026!",
)  # fmt: skip
GOOD = (
    "correct horse 9", "a long and own sentence", "七月流火九月授衣春日载阳", "xk2#Lm9!qTzz", "      .. xq 7",
    "password horse 9", "ÅÄÖåäö über", "liuhen-admin1", "0190438276615", "chen likes green tea", "xxyzab" + "w" * 99,
)  # fmt: skip


@pytest.mark.parametrize("password", FIRST)
def test_what_is_tried_first_is_not_taken(password: str) -> None:
    with pytest.raises(InvalidInput):
        check_password(password, "anna")


@pytest.mark.parametrize("password", GOOD)
def test_any_characters_will_do(password: str) -> None:
    assert check_password(password, "anna") == password
