"""Pages: the reader's language and theme, and what every template may use."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, Response, g, request

from gridmap.language import LOCALES, choose_locale, translate
from gridmap.people.rules import can
from webapp.shared import settings
from webapp.shared.assets import assets, imported_by, static_url
from webapp.shared.policy import CSRF_FIELD, current_actor, current_session

LANGUAGE_COOKIE = "gridmap-language"
THEME_COOKIE = "gridmap-theme"
THEMES = ("desk", "day", "wall")
# Who holds one of these may bring files in or take them away.
FILE_RIGHTS = ("boundary.draft", "account.manage", "table.export", "geometry.export")
_A_YEAR_S = 365 * 86400
LANGUAGE_NAMES = {"zh-CN": "中文", "en": "English"}


def current_locale() -> str:
    """
    The language of this answer.

    The first that is said of: ``?lang=``, the choice kept in this browser, the person's own, what the
    browser asks for, the installation's.
    """
    if "locale" not in g:
        person = g.actor.locale if "actor" in g else None
        wishes = [
            request.args.get("lang"),
            request.cookies.get(LANGUAGE_COOKIE),
            person,
            *request.accept_languages.values(),
        ]
        known = [wish for wish in wishes if wish and _is_spoken(wish)]
        found = choose_locale(*known, settings().language)
        g.locale = found if found in LOCALES else LOCALES[0]
    locale: str = g.locale
    return locale


def _is_spoken(wish: str) -> bool:
    return wish.replace("_", "-").lower().split("-")[0] in {"zh", "en"}


def _(msgid: str, /, **params: Any) -> str:
    """A sentence in the reader's language."""
    return translate(msgid, current_locale(), **params)


def current_theme() -> str:
    """The theme kept in this browser; desks are dark until somebody says otherwise."""
    theme = request.args.get("theme") or request.cookies.get(THEME_COOKIE, "")
    return theme if theme in THEMES else THEMES[0]


def page_modules(start: str) -> list[str]:
    """Every module of a page that `start` draws, itself first, and the sentences of its language."""
    return [*imported_by(start, assets()), f"i18n/{current_locale()}.js"]


def other_language() -> tuple[str, str, str]:
    """The language one may switch to: its tag, its own name, and this page's address in it."""
    tag = next(locale for locale in LOCALES if locale != current_locale())
    query = urlencode({**request.args.to_dict(), "lang": tag})
    return tag, LANGUAGE_NAMES[tag], f"{quote(request.path)}?{query}"


def keep_choices(response: Response) -> Response:
    """Keep ``?lang=`` and ``?theme=`` in the browser; they are nobody's secret and change nothing stored."""
    for name, cookie, allowed in (("lang", LANGUAGE_COOKIE, LOCALES), ("theme", THEME_COOKIE, THEMES)):
        if (choice := request.args.get(name)) in allowed:
            response.set_cookie(cookie, str(choice), max_age=_A_YEAR_S, samesite="Lax", path="/")
    return response


def prepare_templates(app: Flask) -> None:
    """Give every template its words: ``_``, ``static_url``, ``locale``, ``theme``, ``csrf_token`` …"""
    app.jinja_env.globals.update(_=_, static_url=static_url, csrf_field=CSRF_FIELD)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def words() -> dict[str, Any]:
        session = current_session() if "session" in g else None
        actor = current_actor() if "actor" in g else None
        return {
            "locale": current_locale(),
            "theme": current_theme(),
            "other_language": other_language(),
            "csrf_token": session.csrf if session else "",
            "actor": actor,
            "sees_map": actor is not None and can(actor, "map.see") is not None,
            "sees_files": actor is not None and any(can(actor, right) for right in FILE_RIGHTS),
            "reads_rules": actor is not None and not actor.wall and can(actor, "catalogue.read") is not None,
            "manages": actor is not None and can(actor, "account.manage") is not None,
            "build": assets().build,
            "demo": settings().demo,
        }
