"""`gridmap db`: the private cluster and the schema."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from gridmap.cli.terminal import say
from gridmap.errors import Invalid
from gridmap.language import N_
from gridmap.postgis import PrivateCluster, database_urls, holding_database, private_cluster
from gridmap.settings import load_settings


@click.group()
def db() -> None:
    """Start, stop and upgrade the database."""


@db.command()
def start() -> None:
    """Start the private cluster, making it on first use; it runs until `db stop`."""
    cluster = _private_cluster()
    cluster.start()
    click.echo(cluster.url("app"))


@db.command()
def stop() -> None:
    """Stop the private cluster; refused while a gridmap uses it."""
    cluster = _private_cluster()
    cluster.stop()
    say(N_("The database is stopped."))


@db.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def status(as_json: bool) -> None:
    """Tell whether the private cluster runs; exit 1 if it does not."""
    found = _private_cluster().status()
    if as_json:
        click.echo(json.dumps(asdict(found)))
    elif found.running:
        click.echo(f"running  PostgreSQL {found.major}, process {found.pid}, {found.data_dir}")
    else:
        click.echo(f"stopped  {found.data_dir}")
    raise SystemExit(0 if found.running else 1)


@db.command()
@click.option("--role", type=click.Choice(["app", "owner"]), default="app", show_default=True)
def url(role: str) -> None:
    """Print the SQLAlchemy address of the database; starts nothing."""
    urls = database_urls(load_settings())
    click.echo(urls.owner if role == "owner" else urls.app)


@db.command()
@click.option("--revision", default="head", show_default=True, help="The migration to go to.")
def upgrade(revision: str) -> None:
    """Bring the schema to the newest migration, as the owner role."""
    from gridmap import database

    with holding_database(load_settings(), say) as urls:
        say(N_("Bringing the schema up to date."))
        database.upgrade(urls.owner, revision)


def _private_cluster() -> PrivateCluster:
    cluster = private_cluster(load_settings(), say)
    if cluster is None:
        raise Invalid(
            N_(
                "GRIDMAP_DATABASE_URL names a database of your own, and gridmap does not start or stop that one."
                " Unset it to use the private one."
            )
        )
    return cluster
