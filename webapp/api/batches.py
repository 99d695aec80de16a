"""One thing or many through the same door."""

from __future__ import annotations

from typing import Annotated, TypeVar

from flask import request
from pydantic import BaseModel, Field, create_model

from gridmap import strictjson
from webapp.shared import settings
from webapp.shared.requests import Input, parse_json

Item = TypeVar("Item", bound=BaseModel)


def parse_one_or_many(item: type[Item], name: str, *, most: int) -> tuple[list[Item], bool]:
    """
    Read the body as one item, as a list of items, or as an object that holds the list under `name`.

    Parameters
    ----------
    item
        The model of one.
    name
        What the list is called, such as ``reports``.
    most
        How many are taken at once.

    Returns
    -------
    items, many
        The items, and whether the sender spoke of many.

    Raises
    ------
    Malformed, Invalid
        As `webapp.shared.requests.parse`.
    """
    data = request.get_data(cache=True)
    if not data.strip():
        return [parse_json(item, data)], False
    sent = strictjson.decode(data, max_bytes=settings().body_bytes)
    if isinstance(sent, dict) and name not in sent:
        return [parse_json(item, data)], False
    wrapped = data if isinstance(sent, dict) else b'{"%s":%s}' % (name.encode(), data.removeprefix(b"\xef\xbb\xbf"))
    several = Annotated[list[item], Field(min_length=1, max_length=most)]  # type: ignore[valid-type]
    batch = parse_json(create_model("Batch", __base__=Input, **{name: (several, ...)}), wrapped)  # type: ignore[call-overload]
    return list(getattr(batch, name)), True
