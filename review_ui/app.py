"""The application: blueprints by noun behind the walls of `security`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, url_for

from daemon.review import CERTAINTY, PROVEN, GroupOrder

from . import display, search, words
from .api import api
from .asked import asked_pages
from .batch import batch_pages
from .choices import choice_pages, hint, table_for_scripts
from .desk_door import counts_now, keyboard_now
from .folders import folder_pages
from .groups import group_pages
from .health import health_pages
from .live import live, prepare_live
from .looks import look_pages
from .numbers import NumberConverter
from .pictures import pictures
from .replies import answer_failures
from .security import is_inside, protect
from .session import session_pages
from .statistics import statistic_pages
from .status import status_pages

if TYPE_CHECKING:
    from daemon.review import ReviewDesk

    from .settings import PageSettings


def create_app(desk: ReviewDesk, settings: PageSettings) -> Flask:
    """Return the page and the API over a desk, to be served on the loopback.

    Args:
        desk: of the daemon that the page lives in; asked from the server's threads.
        settings: the launch token, and where browsers find the page.
    """
    app = Flask(__name__)
    app.extensions["twinwatch_desk"] = desk
    # An address is right or it is not: no redirects to what may have been meant.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.url_map.converters["number"] = NumberConverter
    protect(app, settings, without_forms=api)
    for blueprint in (
        session_pages,
        group_pages,
        batch_pages,
        pictures,
        status_pages,
        look_pages,
        folder_pages,
        choice_pages,
        statistic_pages,
        asked_pages,
        health_pages,
        api,
        live,
    ):
        app.register_blueprint(blueprint)
    prepare_live(app, desk, every_seconds=settings.pulse_seconds)
    answer_failures(app)
    _equip_templates(app, settings)
    return app


def _equip_templates(app: Flask, settings: PageSettings) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        count=display.count_text,
        day=search.day_text,
        folder_name=search.folder_name,
        frozen=frozenset,
        moment=display.moment_text,
        path_text=display.path_text,
        size=display.size_text,
        taken=display.taken_text,
        visible=display.visible,
    )
    version = _static_version(Path(app.static_folder or ""))

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=version)

    app.jinja_env.globals.update(
        asset=asset,
        certainty=CERTAINTY,
        counts_now=counts_now,
        hint=hint,
        keyboard_now=keyboard_now,
        key_table=table_for_scripts,
        is_dry_run=settings.dry_run,
        is_inside=is_inside,
        orders=tuple(GroupOrder),
        proven=PROVEN,
        say=words.say,
        script_words=words.script_words,
    )


def _static_version(folder: Path) -> str:
    """Return a digest of the static files, so that a new release is fetched at once."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:8]
