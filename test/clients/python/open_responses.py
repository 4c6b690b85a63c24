"""Holds what a gateway has sent against the models of the Open Responses specification.

Reads lines of JSON, `{"kind": "response" | "compaction" | "event", "value": ...}`, and answers each by a line: what is
wrong with it, or null.
"""

import inspect
import json
import sys

from openresponses_types import types
from pydantic import BaseModel, TypeAdapter, ValidationError


def literal_of(model):
    """The `type` that a model of an event has."""
    values = list(model.model_fields["type"].annotation.__members__.values()) if hasattr(
        model.model_fields["type"].annotation, "__members__"
    ) else list(model.model_fields["type"].annotation.__args__)
    return [getattr(value, "value", value) for value in values]


events = {
    name: model
    for _, model in inspect.getmembers(types, inspect.isclass)
    if issubclass(model, BaseModel) and model.__name__.endswith("StreamingEvent")
    for name in literal_of(model)
}

models = {"response": types.ResponseResource, "compaction": types.CompactResource}


def fault(kind, value):
    model = models.get(kind) or events.get(value.get("type"))
    if model is None:
        return f"no event of the specification: {value.get('type')}"
    try:
        TypeAdapter(model).validate_python(value)
        return None
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5])


print(json.dumps({"events": sorted(events)}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(fault(request["kind"], request["value"])), flush=True)
