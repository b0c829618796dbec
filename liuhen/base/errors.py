"""The drawn tree of what can go wrong. Codes are stable: the API publishes them, pages translate them.

HTTP numbers are not known here; the doors hold one table from family to status.
"""

from typing import Any, ClassVar


class LiuhenError(Exception):
    """Base of all expected failures.

    Parameters: message, one English sentence for logs and API; data, JSON-like facts about this failure.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "", **data: Any) -> None:
        super().__init__(message or type(self).__doc__ or self.code)
        self.data = data

    @property
    def message(self) -> str:
        return str(self.args[0])


class InvalidInput(LiuhenError):
    """The input cannot be understood or breaks a limit."""

    code = "invalid_input"


class UnlawfulTerms(InvalidInput):
    """The listing holds terms that are void by law and may not be published."""

    code = "unlawful_terms"


class NotFound(LiuhenError):
    """There is no such thing, or it is not yours."""

    code = "not_found"


class Unauthenticated(LiuhenError):
    """Sign in first."""

    code = "unauthenticated"


class BadCredentials(Unauthenticated):
    """The login or the password is wrong."""

    code = "bad_credentials"


class BadCode(Unauthenticated):
    """The code or the passkey's answer is wrong, used or over."""

    code = "bad_code"


class Forbidden(LiuhenError):
    """You may not do this."""

    code = "forbidden"


class SecondFactorNeeded(Forbidden):
    """This needs your second factor: show it, or set one up first."""

    code = "second_factor_needed"


class Frozen(Forbidden):
    """This party is frozen and may not start anything new."""

    code = "party_frozen"


class OwnGoods(Forbidden):
    """Nobody buys from his own shop."""

    code = "own_goods"


class Conflict(LiuhenError):
    """The thing is no longer in the state that this act needs."""

    code = "conflict"


class StateConflict(Conflict):
    """The state has moved on; look again before you act."""

    code = "state_conflict"


class IdempotencyMismatch(Conflict):
    """This idempotency key was used for another request."""

    code = "idempotency_mismatch"


class KeyMissing(Conflict):
    """The master key that this was sealed with is missing: it cannot be shown any more."""

    code = "key_missing"


class Erased(Conflict):
    """This was erased when the time was over that it must be kept."""

    code = "erased"


class OutOfStock(Conflict):
    """Fewer pieces are left than were asked for."""

    code = "out_of_stock"


class PriceChanged(Conflict):
    """The listing has a new version; look at it before you order."""

    code = "listing_changed"


class InsufficientBalance(Conflict):
    """The balance is smaller than the amount."""

    code = "insufficient_balance"


class CaseOpen(Conflict):
    """A refund case is already open for this unit."""

    code = "case_open"


class LoginTaken(Conflict):
    """This login is taken."""

    code = "login_taken"


class TooLarge(LiuhenError):
    """The input is larger than allowed."""

    code = "too_large"


class RateLimited(LiuhenError):
    """Too many tries; wait before the next one."""

    code = "rate_limited"


class Unavailable(LiuhenError):
    """A part that this needs does not answer. Whether the act took effect is not known: its key tells, sent again."""

    code = "unavailable"
