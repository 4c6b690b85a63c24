"""Writes render-*.json: conversations and the tokens that the reference implementation renders them to.

    TIKTOKEN_ENCODINGS_BASE=<directory of o200k_base.tiktoken> \\
        python make_render_vectors.py [--texts <directory of the reference's test_*.txt>] [--out vectors]

needs `pip install openai-harmony==0.0.8`. With --texts the renderings that the reference's own tests expect are compared
with what it renders.
"""

import argparse
import json
import pathlib

from openai_harmony import Role
from openai_harmony.openai_harmony import get_tool_namespace_config

import reference
from render_message_cases import (
    CONVERSATIONS, MESSAGES, TEXTS, call, developer, final, functions, message, output, system, thought, tool, user,
)
from render_schema_cases import KITCHEN_SINK, PROPERTY, WEATHER, WHOLE, props


def schema_cases():
    for name, schema in WHOLE.items():
        yield {"name": f"arguments: {name}", "messages": one_function(schema)}
    for name, schema in PROPERTY.items():
        yield {"name": f"property: {name}", "messages": one_function(props(["q"], p=schema, q=schema))}
    for name in ["oneOf of objects", "described", "array of described objects", "default array of things", "nullable object"]:
        inner = PROPERTY[name]
        yield {"name": f"property of a property: {name}", "messages": one_function(props(o=props(["p"], p=inner)))}
        yield {"name": f"property of a variant: {name}", "messages": one_function({"oneOf": [props(["p"], p=inner)]})}
        yield {"name": f"property of an item: {name}", "messages": one_function(props(l={"type": "array", "items": props(p=inner)}))}


def one_function(schema):
    return [developer(None, [functions(tool("f", "", schema))])]


def message_cases():
    for name, text in TEXTS.items():
        yield {"name": f"text: {name}", "messages": [user(text)]}
    for name in ["control tokens", "half a control token", "tabs and CRLF", "odd whitespace", "byte order mark", "emoji"]:
        yield {"name": f"instructions: {name}", "messages": [developer(TEXTS[name])]}
        yield {"name": f"arguments: {name}", "messages": [call(TEXTS[name])]}
        yield {"name": f"tool description: {name}", "messages": [developer(None, [functions(tool("f", TEXTS[name]))])]}
    for name, messages in MESSAGES.items():
        yield {"name": f"message: {name}", "messages": messages}
    for name, messages in CONVERSATIONS.items():
        for mode in ["conversation", "completion", "training"]:
            yield {"name": f"{mode}: {name}", "mode": mode, "messages": messages}
        yield {"name": f"kept: {name}", "mode": "completion", "keepAnalysis": True, "messages": messages}
    for role in ["user", "system", "developer", "tool"]:
        yield {"name": f"completion by {role}", "mode": "completion", "nextRole": role, "messages": [user("a")]}


def reference_cases(encoding):
    """The conversations behind the reference's own expected renderings, by the names of their files."""
    dated = {"conversationStartDate": "2025-06-28"}
    browser, python = (get_tool_namespace_config(name) for name in ["browser", "python"])
    lookup = tool(
        "lookup_weather",
        "Use this tool to lookup the weather in a given location. Call it with the parameter 'location', can be any "
        "textual description of a location.",
        props(["location"], location={"type": "string"}),
    )
    short = {"valid": ["analysis", "final"], "required": True}
    robot = "Answer the user's questions like a robot."
    largest = "What is the capital of the largest country in the world?"
    four = thought('User asks a simple question: "What is 2 + 2?" The answer: 4.')
    cities = 'List of city and state, e.g. ["San Francisco, CA", "New York, NY"]'
    weathers = props(
        ["locations"],
        locations={"type": "array", "items": {"type": "string"}, "description": cities},
        format=WEATHER["properties"]["format"],
    )
    sum_up = [user("What is 2 + 2?"), four, final("2 + 2 equals 4."), user("What about 9 / 2?")]
    yield "test_no_tools", [system(**dated)], {}
    yield "test_browser_tool_only", [system(**dated, tools=[browser])], {}
    yield "test_browser_and_python_tool", [system(**dated, tools=[browser, python])], {}
    yield "test_browser_and_function_tool", [system(**dated, tools=[browser]), developer(None, [functions(lookup)])], {}
    yield "test_simple_convo", [system(), user("What is 2 + 2?")], {}
    for effort in ["low", "medium", "high"]:
        said = [system(reasoningEffort=effort), developer(robot), user(largest)]
        yield f"test_simple_convo_{effort}_effort", said, {}
        yield f"test_simple_convo_{effort}_effort_no_instruction", [said[0], said[2]], {}
    yield "test_reasoning_system_message", [system(channels=short), user("What is 2 + 2?")], {}
    yield "test_reasoning_system_message_no_instruction", [
        system(channels=short, reasoningEffort="high"),
        user("What is the best place to eat candy in the world?"),
    ], {}
    yield "test_reasoning_system_message_with_dates", [
        system(channels=short, knowledgeCutoff="2021-01", conversationStartDate="2021-01-01"),
        user("What is 42 * pi?"),
    ], {}
    yield "test_render_functions_with_parameters", [
        system(**dated, reasoningEffort="high"),
        developer(
            "Always respond in riddles",
            [
                functions(
                    tool("get_location", "Gets the location of the user."),
                    tool("get_current_weather", "Gets the current weather in the provided location.", WEATHER),
                    tool(
                        "get_multiple_weathers", "Gets the current weather in the provided list of locations.", weathers
                    ),
                    tool("kitchensink", "A function with various complex schemas.", KITCHEN_SINK),
                )
            ],
        ),
        user("What is the weather like in SF?"),
    ], {}
    yield "test_dropping_cot_by_default", sum_up, {}
    yield "test_preserve_cot", sum_up, {"keepAnalysis": True}
    yield "test_does_not_drop_if_ongoing_analysis", [
        user("What is the weather in SF?"),
        thought("User asks: “What is the weather in SF?” We need to use lookup_weather tool."),
        call('{"location": "San Francisco"}', to="functions.lookup_weather"),
        message("tool", '{"temperature": 20, "description": "sunny"}', name="functions.lookup_weather"),
    ], {}
    yield "test_keep_analysis_between_finals", [
        user("What is 2 + 2?"),
        thought("thinking 2+2"),
        final("4"),
        user("What is 3 + 5?"),
        thought("thinking 3+5"),
        final("8"),
    ], {"mode": "conversation"}
    # These files are inputs of the reference's parser: what it reads out of them is rendered again.
    browse = "browser.search"
    yield "test_simple_reasoning_response", parsed(encoding, [
        200005, 35644, 200008, 1844, 31064, 25, 392, 4827, 382, 220, 17, 659, 220, 17, 16842, 12295, 81645, 13, 51441, 6052,
        13, 200002, 200006, 173781, 200005, 17196, 200008, 17, 659, 220, 17, 314, 220, 19, 13,
    ]), {"mode": "training"}
    yield "test_simple_tool_call", parsed(encoding, [
        200005, 35644, 200008, 1844, 31064, 25, 392, 4827, 382, 290, 11122, 306, 40510, 16842, 1416, 1309, 316, 1199, 37342,
        170154, 4584, 13, 200002, 200006, 173781, 316, 28, 29712, 170154, 200005, 35644, 3490, 200008, 10848, 7693, 1243, 392,
        173844, 18583,
    ]), {"mode": "conversation"}
    yield "test_streamable_parser", [
        thought("We need up to date info. Let's browse to confirm."),
        call('{"query": "current US president July 2025"}', to=browse, type="code"),
        output('{"result": "https://openai.com/"}', name=browse),
    ], {"mode": "conversation"}
    yield "test_tool_response_parsing", [output('{"result": "https://openai.com/"}', name=browse)], {"mode": "conversation"}


def parsed(encoding, tokens):
    messages = encoding.parse_messages_from_completion_tokens(tokens, Role.ASSISTANT)
    return [
        message(
            m.author.role.value,
            *[content.text for content in m.content],
            name=m.author.name, to=m.recipient, channel=m.channel, type=m.content_type,
        )
        for m in messages
    ]


PARSER_INPUTS = {
    "test_simple_reasoning_response", "test_simple_tool_call", "test_streamable_parser", "test_tool_response_parsing"
}


def write(path, cases, encoding):
    """One case a line, so that a change of one is a change of one line."""
    cases = list(cases)
    names = [case["name"] for case in cases]
    assert len(set(names)) == len(names), "two cases of one name"
    lines = [
        json.dumps({**case, "tokens": reference.render(encoding, case)}, ensure_ascii=True, separators=(",", ":"))
        for case in cases
    ]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(f"{path.name}: {len(lines)} cases")


def main():
    here = pathlib.Path(__file__).parent
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--texts", type=pathlib.Path)
    arguments.add_argument("--out", type=pathlib.Path, default=here / "vectors")
    options = arguments.parse_args()
    encoding = reference.load()

    own = [{"name": name, "mode": "completion", "messages": m, **how} for name, m, how in reference_cases(encoding)]
    if options.texts is not None:
        texts = {path.stem for path in options.texts.glob("test_*.txt")}
        missing = texts - {case["name"] for case in own}
        assert not missing, f"no case for {sorted(missing)}"
        for case in own:
            if case["name"] in PARSER_INPUTS:
                continue
            expected = (options.texts / f"{case['name']}.txt").read_text().rstrip("\n")
            rendered = encoding.decode(reference.render(encoding, case))
            assert rendered == expected, f"{case['name']}:\n{rendered}\n--- expected\n{expected}"
    write(options.out / "render-reference.json", own, encoding)
    write(options.out / "render-schemas.json", schema_cases(), encoding)
    write(options.out / "render-messages.json", message_cases(), encoding)


main()
