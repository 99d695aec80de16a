"""Reading what was sent: strict JSON into typed models, mistakes as sentences with their place."""

from __future__ import annotations

from typing import TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError

from gridmap import strictjson
from gridmap.errors import GridmapError, Invalid, Malformed
from gridmap.language import N_
from webapp.shared import settings

Model = TypeVar("Model", bound=BaseModel)


class Input(BaseModel):
    """The base of what comes in: unknown fields are refused, and nothing changes it afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def parse(model: type[Model]) -> Model:
    """
    Read the JSON body of this request as `model`.

    Types are strict: ``"5"`` is no number, ``1`` no boolean; UUIDs and times are text.

    Raises
    ------
    Malformed
        If it is no strict JSON (see `gridmap.strictjson.decode`) or names a field the model has not.
    Invalid
        If a value has the wrong type or means nothing; ``where`` is its JSON pointer.
    """
    return parse_json(model, request.get_data(cache=True))


def parse_json(model: type[Model], data: bytes) -> Model:
    """Read bytes as `model`; see `parse`."""
    if not data.strip():
        raise Malformed(N_("The body is empty; JSON is expected here."))
    strictjson.decode(data, max_bytes=settings().body_bytes)
    try:
        return model.model_validate_json(data.removeprefix(b"\xef\xbb\xbf"), strict=True)
    except ValidationError as error:
        raise _as_sentence(error) from error


# What pydantic calls a mistake, and what we say; the values are named as pydantic names them.
_SENTENCES = {
    "missing": N_("This field is needed."),
    "string_type": N_("Text is expected here."),
    "string_too_short": N_("At least %(min_length)s characters are needed here."),
    "string_too_long": N_("At most %(max_length)s characters are taken here."),
    "string_pattern_mismatch": N_("This does not have the form %(pattern)s."),
    "int_type": N_("A whole number is expected here."),
    "int_parsing": N_("A whole number is expected here."),
    "int_from_float": N_("A whole number is expected here."),
    "int_parsing_size": N_("This number is too large."),
    "float_type": N_("A number is expected here."),
    "float_parsing": N_("A number is expected here."),
    "finite_number": N_("NaN and infinity are not numbers here."),
    "bool_type": N_("true or false is expected here."),
    "bool_parsing": N_("true or false is expected here."),
    "uuid_type": N_("A UUID is expected here, such as 0198c0de-5a5e-7000-8000-000000000001."),
    "uuid_parsing": N_("A UUID is expected here, such as 0198c0de-5a5e-7000-8000-000000000001."),
    "datetime_type": N_("A time with its zone is expected here, such as 2026-03-03T14:30:00+08:00."),
    "datetime_parsing": N_("A time with its zone is expected here, such as 2026-03-03T14:30:00+08:00."),
    "datetime_from_date_parsing": N_("A time with its zone is expected here, such as 2026-03-03T14:30:00+08:00."),
    "timezone_aware": N_("A time with its zone is expected here, such as 2026-03-03T14:30:00+08:00."),
    "date_parsing": N_("A date is expected here, such as 2026-03-03."),
    "greater_than": N_("This must be more than %(gt)s."),
    "greater_than_equal": N_("This must be %(ge)s or more."),
    "less_than": N_("This must be less than %(lt)s."),
    "less_than_equal": N_("This must be %(le)s or less."),
    "list_type": N_("A list is expected here."),
    "tuple_type": N_("A list is expected here."),
    "dict_type": N_("An object is expected here."),
    "model_type": N_("An object is expected here."),
    "model_attributes_type": N_("An object is expected here."),
    "too_short": N_("At least %(min_length)s are needed here."),
    "too_long": N_("At most %(max_length)s are taken at once; send the rest in another call."),
    "enum": N_("One of these is expected here: %(expected)s."),
    "literal_error": N_("One of these is expected here: %(expected)s."),
}


def _as_sentence(error: ValidationError) -> GridmapError:
    """The first mistake; unknown fields before all, for they are a breach of syntax."""
    mistakes = error.errors(include_url=False, include_input=False)
    for mistake in mistakes:
        if mistake["type"] == "extra_forbidden":
            name = str(mistake["loc"][-1])[:80]
            return Malformed(N_("There is no field %(name)s here."), where=_pointer(mistake["loc"]), name=name)
    first = mistakes[0]
    params = {name: value for name, value in first.get("ctx", {}).items() if name != "error"}
    sentence = _SENTENCES.get(first["type"])
    if sentence is None:
        sentence, params = N_("This value cannot be taken: %(reason)s."), {"reason": first["msg"]}
    return Invalid(sentence, where=_pointer(first["loc"]), **params)


def _pointer(place: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)[:400]
