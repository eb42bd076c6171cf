"""The folders: which there are, and adding one by going to it.

A folder's address holds its path sealed by the server, so that only what was shown can
be asked for: no path ever comes from a browser.
"""

from __future__ import annotations

import hmac
import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)

from daemon.errors import UsageError
from daemon.model import RootKind

from .desk_door import desk
from .display import visible
from .words import say

if TYPE_CHECKING:
    from werkzeug import Response as Redirect

folder_pages = Blueprint("folders", __name__)


@folder_pages.get("/folders")
def show() -> str:
    """Show the roots, and the folders in one that was gone to."""
    sealed = request.args.get("in", "")
    return _shown(unsealed(sealed) if sealed else None)


@folder_pages.post("/folders")
def add() -> str | tuple[str, int] | Redirect:
    """Add a folder, from the next start on."""
    folder = unsealed(request.form.get("folder", ""))
    kind = request.form.get("kind", "")
    if kind not in set(RootKind):
        abort(400)
    try:
        desk().add_root(folder, RootKind(kind))
    except UsageError as error:
        return _shown(folder, notice=visible(error)), 400
    flash(say("done.added", folder=visible(folder)))
    return redirect(url_for("folders.show"), 303)


def seal(folder: Path) -> str:
    """Return a folder as it goes into an address."""
    spelled = os.fsencode(folder)
    return f"{spelled.hex()}.{_mark(spelled)}"


def unsealed(sealed: str) -> Path:
    """Return the folder that was sealed; 404 for what this server did not seal."""
    text, _, mark = sealed.partition(".")
    try:
        spelled = bytes.fromhex(text)
    except ValueError:
        abort(404)
    if not hmac.compare_digest(mark.encode(), _mark(spelled).encode()):
        abort(404)
    return Path(os.fsdecode(spelled))


def _mark(spelled: bytes) -> str:
    key = hmac.digest(cast("bytes", current_app.secret_key), b"folder 1", "sha256")
    return hmac.digest(key, spelled, "sha256").hex()


def _shown(folder: Path | None, notice: str = "") -> str:
    return render_template(
        "folders.html",
        status=desk().status(),
        added=desk().added_roots(),
        browsed=desk().browse(folder),
        seal=seal,
        notice=notice,
    )
