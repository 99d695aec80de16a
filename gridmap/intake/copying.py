"""Many rows at once: COPY, with geometries as hexadecimal WKB."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from psycopg import sql
from sqlalchemy.orm import Session


def copy_rows(db: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """
    Write rows in one stream, inside the transaction of `db`.

    Parameters
    ----------
    columns
        Names, in the order of the values.
    rows
        Python values; geometries as `hex_wkb` gives them.
    """
    driver = db.connection().connection.driver_connection
    assert driver is not None
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def hex_wkb(shapes: npt.ArrayLike, srid: int = 4326) -> list[str]:
    """Write n geometries as the text that a geometry column takes."""
    if len(points := np.asarray(shapes, dtype=object)) and (shapely.get_type_id(points) == 0).all():
        xy = shapely.get_coordinates(points)
        if len(xy) == len(points):
            return _hex_points(xy, srid)
    tagged = shapely.set_srid(points, srid)
    return list(shapely.to_wkb(tagged, hex=True, include_srid=True))


def _hex_points(xy: npt.NDArray[np.float64], srid: int) -> list[str]:
    """The same for points alone, three times as fast: every one is written in the same 25 bytes."""
    head = b"\x01" + (0x20000001).to_bytes(4, "little") + srid.to_bytes(4, "little")
    written = np.empty((len(xy), 25), np.uint8)
    written[:, :9] = np.frombuffer(head, np.uint8)
    written[:, 9:] = np.ascontiguousarray(xy, "<f8").view(np.uint8)
    text = written.tobytes().hex().upper()
    return [text[at : at + 50] for at in range(0, len(text), 50)]


def labels(english: Any) -> Mapping[str, str]:
    """The names of a row by language tag, beside the one in the installation's language."""
    return {"en": english} if isinstance(english, str) and english else {}


def label_json(english: Any) -> str:
    """`labels`, as a ``jsonb`` column takes them."""
    return json.dumps(labels(english), ensure_ascii=False)


def known(value: Any) -> Any:
    """A value of a frame, or None where the frame has a gap (NaN, NaT or None)."""
    if value is None or value != value:
        return None
    return value.item() if isinstance(value, np.generic) else value


def span(start: datetime, end: datetime | None = None) -> str:
    """A range of time from an instant up to another, or without end."""
    return f"[{start.isoformat()},{'' if end is None else end.isoformat()})"
