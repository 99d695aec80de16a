"""Which database serves: the private cluster, or the one named in the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from gridmap.postgis.cluster import PrivateCluster

if TYPE_CHECKING:
    from gridmap.settings import Settings


class DatabaseUrls(NamedTuple):
    """The SQLAlchemy addresses for the two roles."""

    app: str
    owner: str


def private_cluster(settings: Settings, say: Callable[[str], None] = lambda sentence: None) -> PrivateCluster | None:
    """Give the cluster of this installation; None if the settings name a database of your own."""
    return None if settings.database_url else PrivateCluster(settings.data_dir, say=say)


def database_urls(settings: Settings) -> DatabaseUrls:
    """
    Give the addresses of the database that serves; starts nothing.

    A database of your own with one role only serves under that role: ``GRIDMAP_DATABASE_OWNER_URL``
    is then the same as ``GRIDMAP_DATABASE_URL``.
    """
    cluster = private_cluster(settings)
    if cluster is not None:
        return DatabaseUrls(cluster.url("app"), cluster.url("owner"))
    app = settings.database_url or ""
    return DatabaseUrls(_with_driver(app), _with_driver(settings.database_owner_url or app))


@contextmanager
def holding_database(settings: Settings, say: Callable[[str], None] = lambda sentence: None) -> Iterator[DatabaseUrls]:
    """
    Have the database running for as long as the block does.

    Raises
    ------
    ClusterError
        If the private cluster cannot be started.
    """
    cluster = private_cluster(settings, say)
    if cluster is None:
        yield database_urls(settings)
        return
    with cluster:
        yield DatabaseUrls(cluster.url("app"), cluster.url("owner"))


def _with_driver(url: str) -> str:
    """Add the driver to an address as other programs write it."""
    scheme, colon, rest = url.partition(":")
    return f"postgresql+psycopg{colon}{rest}" if scheme in ("postgres", "postgresql") else url
