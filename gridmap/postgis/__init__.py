"""
The private PostGIS cluster, and the addresses of whichever database serves.

On one machine gridmap brings its own server: made on first use, on a private socket, apart from any
other PostgreSQL of the machine. With ``GRIDMAP_DATABASE_URL`` it uses yours and starts none.
"""

from gridmap.postgis.addresses import DatabaseUrls, database_urls, holding_database, private_cluster
from gridmap.postgis.cluster import ClusterStatus, PrivateCluster
from gridmap.postgis.errors import ClusterError

__all__ = [
    "ClusterError",
    "ClusterStatus",
    "DatabaseUrls",
    "PrivateCluster",
    "database_urls",
    "holding_database",
    "private_cluster",
]
