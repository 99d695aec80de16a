"""What the pages of residents share: they know nobody, and say their sentences on a page of their own."""

from __future__ import annotations

import unicodedata
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from gridmap.errors import GridmapError, Invalid, Malformed, TooMany, Unavailable
from gridmap.grids.queries import current_district
from gridmap.language import N_
from webapp.account.door import is_script
from webapp.errors import STATUS, answer, family_of
from webapp.shared.pages import current_locale

resident = Blueprint("resident", __name__, template_folder="templates")


@resident.after_request
def keep_private(response: Response) -> Response:
    """
    Keep the address of these pages, which holds a token, where it is: no other site and no search engine learns it.

    ``no-referrer`` would take the origin from our own forms too, and with it what tells them from another site's.
    """
    response.headers["Referrer-Policy"] = "strict-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@resident.errorhandler(GridmapError)
def say(error: GridmapError) -> Response:
    """A sentence for somebody at a door, who has no account and no map to go back to."""
    response = answer(error)
    if response.mimetype == "text/html" and request.path.startswith("/r/"):
        response.set_data(render_template("resident/said.html", sentence=error.sentence(current_locale())))
    return response


def name_of(name: str, names: Any) -> str:
    """A name in the reader's language, or as it was typed."""
    return str((names or {}).get(current_locale()) or name)


def district_name(db: Any) -> str:
    """What stands at the head of every page."""
    district = current_district(db)
    return name_of(district.name, district.names)


def require_known(known: frozenset[str]) -> None:
    """
    Refuse a form that holds what ours does not.

    Raises
    ------
    Malformed
        Naming the first such field.
    """
    for name in request.form:
        if name not in known:
            raise Malformed(N_("There is no field %(name)s here."), where=name[:80], name=name[:80])


def read_words(name: str, most: int) -> str:
    """
    Read what was typed into a field of the form, with one kind of line end.

    Raises
    ------
    Invalid
        If it is longer, or holds signs of control.
    """
    told = request.form.get(name, "").replace("\r\n", "\n").strip()
    # What joins the parts of a picture sign is no sign of control.
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in told):
        raise Invalid(N_("This holds a character that nobody can read. Write it again."), where=name)
    if len(told) > most:
        raise Invalid(N_("At most %(max_length)s characters are taken here."), where=name, max_length=most)
    return told


def read_id(told: str) -> UUID:
    """
    Read the id that came with the form.

    Raises
    ------
    Malformed
        If it is none.
    """
    try:
        return UUID(told)
    except ValueError as error:
        raise Malformed(N_("The page is out of date, so this was not done. Reload it and try again.")) from error


def show_refusal(error: GridmapError, template: str, **words: Any) -> Response:
    """The page again with the sentence and all that was typed; the sentence alone for the page's own script."""
    if is_script():
        return answer(error)
    page = render_template(template, sentence=error.sentence(current_locale()), where=error.where, **words)
    response = Response(page, STATUS[family_of(error)], content_type="text/html; charset=utf-8")
    if isinstance(error, TooMany | Unavailable):
        response.headers["Retry-After"] = str(error.retry_s)
    return response
