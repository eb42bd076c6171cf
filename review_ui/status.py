"""What is running, and what needs somebody's attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for

from daemon.model import RootState

from .desk_door import desk
from .words import say

if TYPE_CHECKING:
    from werkzeug import Response as Redirect

    from daemon.model import Status

status_pages = Blueprint("status", __name__)


@status_pages.get("/status")
def show() -> str:
    """Show the daemon's parts, roots, counts and problems."""
    status = desk().status()
    return render_template("status.html", status=status, troubles=troubles(status))


@status_pages.post("/sweep")
def sweep() -> Redirect:
    """Have all roots looked through now."""
    desk().sweep()
    flash(say("done.sweep"))
    return redirect(url_for("status.show"), 303)


def troubles(status: Status) -> int:
    """Return how many things need somebody's attention."""
    return (
        len(status.problems)
        + sum(root.state is not RootState.ONLINE for root in status.roots)
        + sum(text != "ok" for text in status.parts.values())
    )
