"""`gridmap outbox`: what waits to be delivered, and what was given up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import click

from gridmap.cli.database import opened
from gridmap.cli.terminal import reader_locale, say
from gridmap.errors import Invalid
from gridmap.language import N_

_PAGE = 500


@click.group()
def outbox() -> None:
    """List messages that wait or were given up, and send those again."""


@outbox.command("list")
@click.option("--dead", "state", flag_value="dead", help="Those that were given up.")
@click.option("--sent", "state", flag_value="sent", help="Those that were delivered.")
@click.option("--waiting", "state", flag_value="waiting", default="waiting", help="Those that wait; unless said.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array on standard output.")
def list_messages(state: str, as_json: bool) -> None:
    """List messages, the latest first: id, channel, event, for whom, tries, last answer; never what they say."""
    from gridmap.outbox.queries import message_page, zone_of
    from gridmap.outbox.wording import worded

    rows: list[Any] = []
    with opened() as (db, _):
        zone, after = zone_of(db), None
        while True:
            page, after = message_page(db, state, limit=_PAGE, after=after)
            rows += page
            if after is None:
                break
    items = [
        {
            "id": str(row.id),
            "channel": row.channel,
            "event": row.event,
            "name": row.name,
            "tries": row.tries,
            "asked_at": row.asked_at.astimezone().isoformat(timespec="seconds"),
            "fault": None if row.fault is None else worded(row.fault, reader_locale(), zone),
        }
        for row in rows
    ]
    if as_json:
        click.echo(json.dumps(items, ensure_ascii=False))
        return
    for item in items:
        click.echo("\t".join(str(item[name] or "") for name in ("id", "channel", "event", "name", "tries", "fault")))


@outbox.command()
@click.argument("message", type=click.UUID, required=False)
@click.option("--dead", "all_dead", is_flag=True, help="All that were given up.")
def retry(message: UUID | None, all_dead: bool) -> None:
    """Send MESSAGE again that was given up, or all of them."""
    from sqlalchemy import text

    from gridmap.outbox.actions import retry as send_again

    if (message is None) != all_dead:
        raise Invalid(N_("Name one message, or say --dead for all that were given up."))
    at = datetime.now(UTC)
    with opened() as (db, actor):
        # What was meant for a far end that was taken away goes nowhere.
        dead = text(
            "SELECT o.id FROM outbox o LEFT JOIN outbox_endpoint e ON e.id = o.endpoint_id"
            " WHERE o.dead_at IS NOT NULL AND e.ended_at IS NULL"
        )
        ids = [message] if message else db.scalars(dead).all()
        for message_id in ids:
            send_again(db, actor.doer, message_id, at)
    say(N_("%(n)s messages wait again."), n=len(ids))
