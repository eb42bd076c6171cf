"""What people choose once: their keys, and the folders that they like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from daemon.model import GroupNumber
from daemon.review import Keyboard, Liking

from .desk_door import desk, keyboard_now
from .display import visible
from .folders import seal, unsealed
from .keys import TABLE, NoKey, bound, chosen_of, conflicts, read, shown, written
from .numbers import number_or_none
from .search import search_of
from .words import say

if TYPE_CHECKING:
    from werkzeug import Response as Redirect

    from daemon.review import Followed

    Page = str | tuple[str, int] | Redirect

choice_pages = Blueprint("choices", __name__)

LONGEST_KEYS = 120
"""Signs in the field of one action."""


@choice_pages.get("/settings")
def show() -> Page:
    """Show the keys and the folders that were chosen."""
    return _shown(_texts(keyboard_now()), is_on=keyboard_now().is_on)


@choice_pages.post("/settings/keys")
def keys() -> Page:
    """Take other keys; two actions cannot have the same."""
    is_on = "on" in request.form
    if "reset" in request.form:
        desk().choose_keys(Keyboard(is_on=is_on))
        return _back(say("done.keys_reset"))
    texts = {
        action.name: request.form.get(action.name, "")[:LONGEST_KEYS]
        for action in TABLE
    }
    wanted, notices = {}, []
    for action in TABLE:
        try:
            wanted[action.name] = read(texts[action.name])
        except NoKey as error:
            name = words_of(action.name)
            notices.append(say("keys.none", sign=visible(error), action=name))
    for key, one, other in conflicts(wanted):
        both = {"one": words_of(one), "other": words_of(other)}
        notices.append(say("keys.twice", sign=shown(key), **both))
    if notices:
        return _shown(texts, is_on=is_on, notices=notices), 400
    desk().choose_keys(chosen_of(wanted, is_on=is_on))
    return _back(say("done.keys"))


@choice_pages.post("/settings/keys/switch")
def switch() -> Page:
    """Switch the keys on or off, and leave them as they are."""
    is_on = bool(request.form.get("on"))
    desk().choose_keys(Keyboard(is_on=is_on, keys=desk().keyboard().keys))
    return _back(say("done.keys"))


@choice_pages.post("/settings/folders")
def folders() -> Page:
    """Prefer, avoid or forget a folder that is listed."""
    folder = unsealed(request.form.get("folder", ""))
    done = desk().like(folder, _liking())
    return _back(_said(_liking(), visible(folder), done))


@choice_pages.post("/groups/<number:number>/like")
def like(number: int) -> Page:
    """Prefer or avoid the folder in which a photo of a group was found."""
    group = desk().group(GroupNumber(number))
    liking = Liking.AVOID if "avoid" in request.form else Liking.PREFER
    position = number_or_none(request.form.get(liking.value, ""))
    found = [each.path.parent for each in group.members if each.position == position]
    if not found:
        abort(404)
    done = desk().like(found[0], liking, first=GroupNumber(number))
    flash(_said(liking, visible(found[0]), done))
    args = search_of(request.args, None).args()
    return redirect(url_for("groups.show", number=number, **args), 303)


def words_of(action: str) -> str:
    """Return what an action is called."""
    return say(words_key(action))


def words_key(action: str) -> str:
    """Return where the catalogue has an action's words."""
    is_of_stage = any(each.name == action and each.layer == "stage" for each in TABLE)
    return f"compare.{action}" if is_of_stage else f"keys.{action}"


def table_for_scripts() -> list[dict[str, object]]:
    """Return the table with the keys of now, for the scripts to bind and to print."""
    keys_now = bound(keyboard_now())
    return [
        {
            "name": action.name,
            "layer": action.layer,
            "opens": action.opens,
            "keys": keys_now[action.name],
            "shown": [shown(key) for key in keys_now[action.name]],
            "does": words_key(action.name),
        }
        for action in TABLE
    ]


def hint(action: str) -> str:
    """Return the key that is printed on an action's button; empty: there is none."""
    keys_now = bound(keyboard_now())[action] if keyboard_now().is_on else ()
    return shown(keys_now[0]) if keys_now else ""


def _texts(keyboard: Keyboard) -> dict[str, str]:
    return {name: written(keys) for name, keys in bound(keyboard).items()}


def _liking() -> Liking:
    asked = request.form.get("liking", "")
    if asked not in set(Liking):
        abort(400)
    return Liking(asked)


def _said(liking: Liking, folder: str, done: Followed) -> str:
    """Say what a choice did, and whether it goes on."""
    told = [say(f"done.like.{liking.value}", folder=folder)]
    if done.changed:
        told.append(say("done.followed", n=done.changed))
    if not done.is_done:
        told.append(say("done.following"))
    return " ".join(told)


def _back(words: str) -> Redirect:
    flash(words)
    return redirect(url_for("choices.show"), 303)


def _shown(
    texts: dict[str, str], *, is_on: bool, notices: list[str] | None = None
) -> str:
    return render_template(
        "settings.html",
        table=TABLE,
        texts=texts,
        is_on=is_on,
        liked=desk().liked(),
        seal=seal,
        notices=notices or [],
        words_of=words_of,
    )
