"""What a database holds, counted: the same before a backup and after a restore, or something is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

# What an extension brought, such as the table of coordinate systems, is the extension's own.
_TABLES = """
    SELECT n.nspname, c.relname,
           ARRAY(SELECT a.attname::text FROM pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attgenerated = 's' ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'jobs') AND c.relkind = 'r'
      AND NOT EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Holdings:
    """
    What a database holds.

    Attributes
    ----------
    revision
        The migration it stands at; None if it was never migrated.
    rows
        Rows of each table, partitions one by one.
    generated
        Values of each generated column that are there, by ``table.column``: the database makes them anew when it is
        restored.
    heads
        Chain of the audit, its newest row, the hash of that in hex.
    """

    revision: str | None
    rows: dict[str, int]
    generated: dict[str, int]
    heads: list[tuple[int, int, str]]

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())

    def differences(self, other: Holdings) -> list[str]:
        """Name what is not the same in another database, as ``table: rows here, rows there``."""
        pairs = ((self.rows, other.rows), (self.generated, other.generated))
        found = [
            f"{name}: {here.get(name, '-')}, {there.get(name, '-')}"
            for here, there in pairs
            for name in sorted({*here, *there})
            if here.get(name) != there.get(name)
        ]
        return (
            found
            + ["audit_head"] * (self.heads != other.heads)
            + ["alembic_version"] * (self.revision != other.revision)
        )


def read_holdings(connection: psycopg.Connection[Any]) -> Holdings:
    """Count what the database of a connection holds, in the snapshot of its transaction."""
    rows: dict[str, int] = {}
    generated: dict[str, int] = {}
    for schema, table, columns in connection.execute(_TABLES).fetchall():
        name = table if schema == "public" else f"{schema}.{table}"
        counts = [sql.SQL("count({})").format(sql.Identifier(column)) for column in columns]
        statement = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL(", ").join([sql.SQL("count(*)"), *counts]), sql.Identifier(schema, table)
        )
        count, *values = connection.execute(statement).fetchone() or (0,)
        rows[name] = count
        generated |= {f"{name}.{column}": value for column, value in zip(columns, values, strict=True)}
    return Holdings(_revision(connection, rows), rows, generated, _heads(connection, rows))


def _revision(connection: psycopg.Connection[Any], rows: dict[str, int]) -> str | None:
    if "alembic_version" not in rows:
        return None
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return found[0] if found else None


def _heads(connection: psycopg.Connection[Any], rows: dict[str, int]) -> list[tuple[int, int, str]]:
    if "audit_head" not in rows:
        return []
    return list(connection.execute("SELECT chain, seq, encode(hash, 'hex') FROM audit_head ORDER BY chain").fetchall())
