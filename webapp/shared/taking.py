"""What a view takes, said once: it is read by this, refused by this, and stands in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Any, Final

from flask import request
from pydantic import BaseModel, Field, create_model

from gridmap import strictjson
from gridmap.errors import Malformed
from gridmap.language import N_
from webapp.shared import settings
from webapp.shared.requests import Input, parse, parse_json

MARK: Final = "gridmap_taken"


@dataclass(frozen=True)
class Parameter:
    """
    One parameter of an address.

    Attributes
    ----------
    schema
        Its JSON schema.
    says
        What it does, for the pages of the interface.
    """

    name: str
    says: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    needed: bool = False


@dataclass(frozen=True)
class Batch:
    """
    One thing or many through the same door.

    Attributes
    ----------
    item
        The model of one.
    name
        What the list is called, such as ``reports``.
    most
        How many are taken at once.
    """

    item: type[BaseModel]
    name: str
    most: int


@dataclass(frozen=True)
class Taken:
    """All that a view takes."""

    parameters: tuple[Parameter, ...]
    body: type[BaseModel] | None
    batch: Batch | None
    file: bool = False


def takes(
    *parameters: Parameter, body: type[BaseModel] | None = None, batch: Batch | None = None, file: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """
    Say what a view takes; it is given its parsed ``body``, or ``items`` and whether they are ``many``.

    Stands under `declares`, so that nobody's body is read before the policy let them in. A parameter of the address
    that is not named here is refused, and so is the lack of one that is needed. A `file` is any bytes, which the
    view reads by itself.
    """
    known = frozenset(parameter.name for parameter in parameters)

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def reading(*args: Any, **kwargs: Any) -> Any:
            _refuse_unknown(known)
            _require_needed(parameters)
            if body is not None:
                kwargs["body"] = parse(body)
            if batch is not None:
                kwargs["items"], kwargs["many"] = parse_one_or_many(batch)
            return view(*args, **kwargs)

        setattr(reading, MARK, Taken(parameters, body, batch, file))
        return reading

    return decorate


def _refuse_unknown(known: frozenset[str]) -> None:
    for name in request.args:
        if name not in known:
            raise Malformed(
                N_("There is no parameter %(name)s here. There are: %(known)s."),
                where=f"/{name[:80]}",
                name=name[:80],
                known=", ".join(sorted(known)) or "–",
            )


def _require_needed(parameters: tuple[Parameter, ...]) -> None:
    for parameter in parameters:
        if parameter.needed and parameter.name not in request.args:
            raise Malformed(
                N_("The parameter %(name)s is missing: it says what is asked for."),
                where=f"/{parameter.name}",
                name=parameter.name,
            )


def parse_one_or_many(batch: Batch) -> tuple[list[BaseModel], bool]:
    """
    Read the body as one item, as a list of items, or as an object that holds the list under the batch's name.

    Returns
    -------
    items, many
        The items, and whether the sender spoke of many.

    Raises
    ------
    Malformed, Invalid
        As `webapp.shared.requests.parse`.
    """
    item: Any = batch.item
    data = request.get_data(cache=True)
    if not data.strip():
        return [parse_json(item, data)], False
    sent = strictjson.decode(data, max_bytes=settings().body_bytes)
    if isinstance(sent, dict) and batch.name not in sent:
        return [parse_json(item, data)], False
    bare = data.removeprefix(b"\xef\xbb\xbf")
    wrapped = data if isinstance(sent, dict) else b'{"%s":%s}' % (batch.name.encode(), bare)
    several = Annotated[list[item], Field(min_length=1, max_length=batch.most)]
    fields: Any = {batch.name: (several, ...)}
    return list(getattr(parse_json(create_model("Batch", __base__=Input, **fields), wrapped), batch.name)), True
