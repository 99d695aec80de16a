"""How the private server is set up: a machine of two cores that serves one district."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gridmap.postgis.account import Account
from gridmap.postgis.places import PORT

OWNER_ROLE = "gridmap_owner"
APP_ROLE = "gridmap_app"
SUPERUSER = "postgres"

SERVER_SETTINGS: Mapping[str, str] = {
    # 120 connections: the pools of web, workers and streams, and room for a person with psql.
    "max_connections": "120",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "1",
    # Compiling a plan costs more than the short queries of a map take.
    "jit": "off",
    # An ack means committed and on the disk.
    "synchronous_commit": "on",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "10min",
    # Partitions of months and weeks: dropping or migrating many at once takes a lock on each.
    "max_locks_per_transaction": "256",
    # As of `initdb --text-search-config=simple`; said again for data directories that were made with another name,
    # which every parallel worker refused to take over.
    "default_text_search_config": "pg_catalog.simple",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "log",
    # One file a weekday, begun anew a week later.
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_file_mode": "0600",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_lock_waits": "on",
    # The detail of a failed row would carry personal data into the log.
    "log_error_verbosity": "terse",
}

_HEADING = "# Written by gridmap at every start. Settings of your own belong into local.conf beside this file.\n"
INCLUDES = """
# gridmap's settings, then those of the machine's administrator.
include 'gridmap.conf'
include_if_exists 'local.conf'
"""


def write_configuration(account: Account, data: Path, own: Mapping[str, str]) -> None:
    """Write the server's settings and who may connect as whom into a data directory."""
    lines = [f"{name} = '{value}'\n" for name, value in {**SERVER_SETTINGS, **own}.items()]
    account.write(data / "gridmap.conf", _HEADING + "".join(lines))
    # The kernel tells the server which user is at the other end of the socket, so there is no
    # password to keep, to leak or to change.
    account.write(data / "pg_hba.conf", _HEADING + "local all all peer map=gridmap\n")
    users = dict.fromkeys((account.name, "root"))
    rows = [f'gridmap "{user}" {role}\n' for user in users for role in (SUPERUSER, OWNER_ROLE, APP_ROLE)]
    account.write(data / "pg_ident.conf", _HEADING + "".join(rows))


def fixed_settings(socket_dir: Path) -> list[str]:
    """Give the arguments that no file can override: the private socket, and nothing on the network."""
    fixed = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": f'"{socket_dir}"',
        "unix_socket_permissions": "0700",
    }
    return [word for name, value in fixed.items() for word in ("-c", f"{name}={value}")]
