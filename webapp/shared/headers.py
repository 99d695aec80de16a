"""What every answer carries so that browsers keep to our rules."""

from __future__ import annotations

from flask import Response

from webapp.shared import settings
from webapp.shared.policy import request_id

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
_A_YEAR_S = 365 * 86400


def add_headers(response: Response) -> Response:
    """Set the security headers; an answer that says nothing of caching is personal and is kept by nobody."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Referrer-Policy", "same-origin")
    headers["Permissions-Policy"] = "camera=(self), geolocation=(self)"
    headers["X-Request-ID"] = request_id()
    headers.setdefault("Cache-Control", "no-store")
    if settings().tls:
        headers["Strict-Transport-Security"] = f"max-age={_A_YEAR_S}"
    return response
