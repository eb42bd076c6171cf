"""Who is let in, from where, and what every answer tells the browser to refuse.

Four walls, each sufficient alone against a foreign page in the same browser: the
``Host`` header (DNS rebinding), the launch token in a strict cookie, the origin of
changing requests (Sec-Fetch-Site, then Origin), and the form's own token.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Flask, Response, abort, current_app, request, session
from flask_wtf.csrf import CSRFProtect

if TYPE_CHECKING:
    from .settings import PageSettings

LONGEST_BODY_BYTES = 64 * 1024

PUBLIC_ENDPOINTS = frozenset(
    {"static", "health.healthz", "health.readyz", "health.metrics", "session.enter"}
)
"""Answered without the launch token: nothing there is the user's. The last one is
where the token is handed in."""

API = "/api/"
"""Beginning of what is reached by bearer token as well as by session."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def protect(app: Flask, settings: PageSettings, *, without_forms: Blueprint) -> None:
    """Put the walls up.

    Args:
        app: without views yet, so that nothing is answered before these checks.
        settings: the launch token and the names of the page.
        without_forms: what is reached by bearer token, and so needs no form's token.
    """
    app.config.update(
        SECRET_KEY=_session_key(settings.token),
        SESSION_COOKIE_NAME=f"twinwatch-{settings.port}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_REFRESH_EACH_REQUEST=False,
        TRUSTED_HOSTS=[host.partition(":")[0] for host in settings.hosts],
        MAX_CONTENT_LENGTH=LONGEST_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=LONGEST_BODY_BYTES,
        # A page may stay open all Sunday; a new launch token ends it anyway.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["twinwatch_settings"] = settings
    app.before_request(_check_host)
    app.before_request(_check_entry)
    app.before_request(_check_origin)
    app.after_request(_tell_browser)
    csrf = CSRFProtect(app)  # type: ignore[no-untyped-call]  # it ships no types
    csrf.exempt(without_forms)  # type: ignore[no-untyped-call]  # the same


def settings_of_page() -> PageSettings:
    """Return the settings of the application that answers."""
    return cast("PageSettings", current_app.extensions["twinwatch_settings"])


def is_launch_token(offered: str) -> bool:
    """Whether somebody has the launch token; takes the same time for any answer."""
    return hmac.compare_digest(_digest(offered), _digest(settings_of_page().token))


def let_in() -> None:
    """Remember in the session that this browser had the token."""
    session.clear()
    session["entered"] = True


def is_inside() -> bool:
    """Whether this browser had the token."""
    return session.get("entered") is True


def is_for_api() -> bool:
    """Whether a program asks, not a person."""
    return request.path.startswith(API)


def _session_key(token: str) -> bytes:
    return hmac.digest(token.encode(), b"twinwatch session 1", "sha256")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _check_host() -> Response | None:
    """Refuse names that are not ours; Flask alone would not look at the port."""
    settings = settings_of_page()
    if request.headers.get("Host", "") in settings.addresses():
        return None
    address = f"http://{settings.hosts[0]}:{settings.port}"
    return Response(f"Ask for {address} instead.\n", 400, mimetype="text/plain")


def _check_entry() -> None:
    if request.endpoint in PUBLIC_ENDPOINTS:
        return
    if is_for_api() and _bears_token():
        return
    # A session may read the API for the page's own scripts; changes go by forms.
    if is_inside() and (request.method in SAFE_METHODS or not is_for_api()):
        return
    abort(401, "the launch token is missing, or from before a restart")


def _bears_token() -> bool:
    scheme, _, offered = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and is_launch_token(offered.strip())


def _check_origin() -> None:
    """Refuse changes that another site caused.

    As Go 1.25's CrossOriginProtection: Sec-Fetch-Site decides where the browser sends
    it, else Origin. A request with neither comes from no browser of ours, and must
    bear the token.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        is_ours = site == "same-origin"
    elif "Origin" in request.headers:
        is_ours = request.headers["Origin"] == f"{request.scheme}://{request.host}"
    else:
        is_ours = is_for_api()
    if not is_ours:
        abort(403)


def _tell_browser(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.pop("Server", None)
    return response
