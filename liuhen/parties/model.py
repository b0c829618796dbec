"""Who takes part: logins, passwords, sessions, tokens, freezing. Pure words and limits, no database."""

import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from liuhen.base.errors import Conflict, InvalidInput

SESSION_LIFE = timedelta(days=30)
SESSION_IDLE = timedelta(days=7)
SESSION_TOUCH = timedelta(minutes=5)
"""How stale seen_at may be before a request writes it again."""
HALF_SESSION_LIFE = timedelta(minutes=5)
"""How long after the right password the second factor may be shown."""
RESET_LINK_LIFE = timedelta(hours=2)
TOKEN_LIFE_DAYS = (1, 365)
TOKENS_AT_ONCE = 50
PASSWORD_LEAST = 10
PASSWORD_MOST_BYTES = 256
LOGIN_LENGTH = (3, 64)
NAME_LENGTH = (1, 60)
REASON_LENGTH = (2, 500)


class Role(StrEnum):
    """What staff may do. Buying needs no role; selling needs a shop."""

    REVIEWER = "reviewer"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a bearer token may do, within what its party may do."""

    READ = "read"
    BUY = "buy"
    SELL = "sell"
    REVIEW = "review"
    ADMIN = "admin"


class Agreement(StrEnum):
    """A text that a party accepts once per version."""

    USER_TERMS = "user_terms"
    SELLER_AGREEMENT = "seller_agreement"


class LastAdmin(Conflict):
    """At least one admin who can sign in must stay."""

    code = "last_admin"


class Party(Struct, frozen=True):
    """One person or firm. `book_id` is its id and its book's id."""

    book_id: UUID
    display_name: str
    roles: frozenset[Role]
    frozen_at: datetime | None
    frozen_reason: str | None
    created_at: datetime


class SignIn(Struct, frozen=True):
    """What lets a party in."""

    party_id: UUID
    login: str
    login_folded: str
    password_hash: str
    recovery_hash: str | None


# The passwords that lists of leaked ones hold most often at ten characters and more, with local habits.
_COMMON_TEXT = """1234567890 0123456789 12345678910 123456789a a123456789 1234567891 0987654321 9876543210 1111111111
    0000000000 8888888888 6666666666 1122334455 1q2w3e4r5t 1qaz2wsx3edc qwertyuiop qwerty12345 qwerty123456
    asdfghjkl1 asdfghjkl; zxcvbnm123 password12 password123 password1234 passw0rd123 p@ssw0rd123 administrator
    admin12345 admin123456 iloveyou123 iloveyou520 woaini1314 woaini1314520 woaini520520 5201314520 5201314000
    qq123456789 aa123456789 abc1234567 abc123456789 abcd123456 abcdefghij abcdef1234 zhang123456 wang123456
    letmein1234 welcome123 changeme123 football123 dragon12345 monkey12345 baseball123 superman123 liuhen1234
    liuhen12345 taobao1234 alipay1234 wechat1234 weixin1234 123123123123 123321123321 147258369a 1472583690
    1357924680 q1w2e3r4t5 1234qwerasdf a1b2c3d4e5 aaaaaaaaaa 11111111111 123456123456"""
_COMMON = frozenset(_COMMON_TEXT.split())
# A word of these with nothing but digits and signs around it is guessed within minutes: what lists of leaked passwords
# begin with, names of this house and of what people pay with here. docs/security.md says so.
_WORDS_TEXT = """password passwort passwd pass admin administrator root user guest login welcome letmein changeme
    default secret master access trustno system server database test demo qwerty qwertyui qwertyuiop asdf asdfgh
    asdfghjkl
    zxcvbn zxcvbnm qwe qaz qazwsx wsx abc abcd abcdef abcdefg iloveyou loveyou love lovely woaini woaiwo aini baobei
    baobao laopo laogong wang zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song
    football baseball basketball soccer hockey superman batman spiderman pokemon naruto dragon monkey tiger shadow
    princess sunshine summer winter spring autumn flower angel hello helloworld freedom whatever killer jordan
    michael michelle daniel jessica charlie thomas george andrew robert ashley nicole hunter buster ginger pepper
    cookie computer internet google facebook iphone samsung huawei xiaomi taobao tmall alipay zhifubao wechat weixin
    tencent jingdong douyin steam liuhen liuheng admins reviewer seller buyer market shop kami dianka money mima"""
_WORDS = frozenset(_WORDS_TEXT.split())
_LEET = str.maketrans("@$013457", "asoieast")


def fold_login(login: str) -> str:
    """One form for all spellings of a login (NFKC, lower case): 'Ａnna' and 'anna' are one party."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def check_login(login: str) -> str:
    """The login as kept. Raises InvalidInput: 3 to 64 visible characters, letters, digits and . _ - @ +."""
    kept = unicodedata.normalize("NFKC", login).strip()
    if not LOGIN_LENGTH[0] <= len(kept) <= LOGIN_LENGTH[1]:
        raise InvalidInput("a login has 3 to 64 characters", field="login", reason="login_length")
    if not all(char.isalnum() or char in "._-@+" for char in kept):
        raise InvalidInput("a login has letters, digits and . _ - @ +", field="login", reason="login_characters")
    return kept


def check_password(password: str, login_folded: str, field: str = "password") -> str:
    """Raises InvalidInput: at least 10 characters, at most 256 bytes, not the login, not a common one."""
    if len(password) < PASSWORD_LEAST:
        raise InvalidInput("a password has 10 characters or more", field=field, reason="password_short")
    if len(password.encode(errors="replace")) > PASSWORD_MOST_BYTES:
        raise InvalidInput("a password has 256 bytes at most", field=field, reason="password_long")
    folded = fold_login(password)
    if folded in (login_folded, login_folded[::-1]) or len(set(folded)) < 4 or _is_word(folded):
        raise InvalidInput("the password is too easy to guess", field=field, reason="password_guessable")
    if folded in _COMMON:
        raise InvalidInput("the password is in every list of common ones", field=field, reason="password_common")
    return password


def _is_word(folded: str) -> bool:
    """Whether it is one common word, digits and signs left out or read as the letters they look like."""
    plain = "".join(char for char in folded if char.isalpha())
    read = "".join(char for char in folded.rstrip("0123456789!?.#*_-").translate(_LEET) if char.isalpha())
    return plain in _WORDS or read in _WORDS


def check_text(text: str, field: str, length: tuple[int, int]) -> str:
    """One line without control characters, trimmed. Raises InvalidInput outside `length` (characters)."""
    kept = " ".join(text.split())
    if not length[0] <= len(kept) <= length[1]:
        raise InvalidInput(
            f"{field} has {length[0]} to {length[1]} characters",
            field=field,
            reason="length",
            least=length[0],
            most=length[1],
        )
    if not kept.isprintable():
        raise InvalidInput(f"{field} has control characters", field=field, reason="control_characters")
    return kept
