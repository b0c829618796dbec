"""Headers that every page carries. Nothing inline, nothing from elsewhere: a template that breaks this fails a test."""

from collections.abc import Sequence

YEAR_SECONDS = 31_536_000


def content_policy(form_targets: Sequence[str] = ()) -> str:
    """The Content-Security-Policy. form_targets: origins that a form may be redirected to (payment channels);
    browsers apply form-action to the redirect after a POST too."""
    forms = " ".join(("'self'", *form_targets))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            f"form-action {forms}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def page_headers(*, secure: bool, form_targets: Sequence[str] = ()) -> dict[str, str]:
    """Headers for every answer of the site. secure: the site is reached over TLS, so browsers may insist on it."""
    headers = {
        "Content-Security-Policy": content_policy(form_targets),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }
    if secure:
        headers["Cross-Origin-Opener-Policy"] = "same-origin"  # browsers ignore it, with a warning, without TLS
        headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}; includeSubDomains"
    return headers
