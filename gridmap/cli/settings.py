"""`gridmap settings`: what an installation may set."""

from __future__ import annotations

import json
from typing import Any

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array on standard output.")
def settings(as_json: bool) -> None:
    """List every setting, its default and its meaning."""
    from gridmap.settings import Settings

    rows = [
        {
            "name": f"GRIDMAP_{name.upper()}",
            "default": _plain(field.get_default(call_default_factory=True, validated_data={})),
            "takes": _takes(field.annotation, field.metadata),
            "meaning": field.description or "",
        }
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    click.echo("Each from the environment, or by its name without GRIDMAP_, in small letters,")
    click.echo("from the TOML file that GRIDMAP_SETTINGS names. The environment wins.\n")
    for row in rows:
        default = "" if row["default"] is None else f"  [{row['default']}]"
        click.echo(f"{click.style(row['name'], bold=True)}{default}")
        click.echo(f"    {row['meaning']} ({row['takes']})")


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _takes(annotation: Any, limits: list[Any]) -> str:
    """Name the kind of value and its limits, as a person would."""
    options = getattr(annotation, "__args__", ())
    if options and all(isinstance(option, str) for option in options):
        return " | ".join(options)
    kinds = [kind.__name__ for kind in (options or (annotation,)) if kind is not type(None)]
    bounds = [
        f"{sign} {getattr(limit, name)}"
        for limit in limits
        for name, sign in (("ge", ">="), ("le", "<="))
        if hasattr(limit, name)
    ]
    return " ".join([" | ".join(kinds), ", ".join(bounds)]).strip()
