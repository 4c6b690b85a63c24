"""Lets the tests put a Python client to its exercises: a line of JSON each way, one exercise after the other.

In: {"api", "exercise", "prompt", "place": {"baseUrl", "apiKey", "model"}}. Out: {"outcome"} as exercises.ts describes
it, or {"failure"}, a traceback. First comes {"exercises": {api: [names]}}.
"""

import asyncio
import inspect
import json
import os
import sys
import traceback
from typing import Literal

from pydantic import BaseModel


class District(BaseModel):
    name: str
    central: bool


class Town(BaseModel):
    name: str
    kind: Literal["hamlet", "town", "city"]
    inhabitants: int
    districts: list[District]


class CallLog:
    """The two tools that the exercises use, and a record of the calls that really ran."""

    def __init__(self):
        self.calls = []

    def get_weather(self, city: str) -> str:
        """The weather in a city."""
        self.calls.append(["get_weather", city])
        return f"22 degrees in {city}"

    def get_time(self, zone: str) -> str:
        """The time in a zone."""
        self.calls.append(["get_time", zone])
        return f"noon in {zone}"

    def run(self, name: str, arguments: str) -> str:
        return {"get_weather": self.get_weather, "get_time": self.get_time}[name](**json.loads(arguments))


def tool_parameters(name: str) -> dict:
    return {
        "type": "object",
        "properties": {name: {"type": "string"}},
        "required": [name],
        "additionalProperties": False,
    }


def usage(input_tokens: int, output_tokens: int) -> dict:
    return {"inputTokens": input_tokens, "outputTokens": output_tokens}


def caught(error: BaseException) -> dict:
    return {
        "name": type(error).__name__,
        "message": str(error),
        "status": getattr(error, "status_code", None),
    }


async def error_of(act) -> dict:
    """The error that `act`, a function or a coroutine, ends with."""
    try:
        value = await act if inspect.isawaitable(act) else act()
    except Exception as error:
        return caught(error)
    raise AssertionError(f"no error, but {value!r}")


def serve(clients: dict) -> None:
    """`clients`: an object for each API, whose public methods are exercises with blanks as underscores."""
    out = os.fdopen(os.dup(1), "w", encoding="utf8")
    os.dup2(2, 1)  # What a library prints is no answer.

    def say(line: dict) -> None:
        out.write(json.dumps(line) + "\n")
        out.flush()

    names = {api: [name for name in dir(client) if not name.startswith("_")] for api, client in clients.items()}
    say({"exercises": {api: [name.replace("_", " ") for name in listed] for api, listed in names.items()}})
    loop = asyncio.new_event_loop()
    for line in sys.stdin:
        asked = json.loads(line)
        act = getattr(clients[asked["api"]], asked["exercise"].replace(" ", "_"))
        try:
            outcome = act(asked["place"], asked["prompt"])
            say({"outcome": loop.run_until_complete(outcome) if inspect.isawaitable(outcome) else outcome})
        except Exception:
            say({"failure": traceback.format_exc()})
