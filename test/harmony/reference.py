"""Conversations in this project's JSON form, rendered by the reference implementation (openai-harmony on PyPI).

The vocabulary comes from the directory in TIKTOKEN_ENCODINGS_BASE, which must hold o200k_base.tiktoken.
"""

import json

from openai_harmony import HarmonyEncodingName, load_harmony_encoding


def load():
    return load_harmony_encoding(HarmonyEncodingName.HARMONY_GPT_OSS)


def render(encoding, case):
    """Token ids of a case: {messages, mode?, nextRole?, keepAnalysis?}. Raises what the reference raises."""
    # The binding underneath takes JSON. The Python classes above it would drop nulls, which schemas may hold.
    conversation = json.dumps({"messages": [message_of(message) for message in case["messages"]]})
    config = {"auto_drop_analysis": not case.get("keepAnalysis", False)}
    inner = encoding._inner
    mode = case.get("mode", "conversation")
    if mode == "conversation":
        return inner.render_conversation(conversation_json=conversation, config=config)
    if mode == "training":
        return inner.render_conversation_for_training(conversation_json=conversation, config=config)
    return inner.render_conversation_for_completion(
        conversation_json=conversation, next_turn_role=case.get("nextRole", "assistant"), config=config
    )


def message_of(message):
    return {
        "role": message["role"],
        "name": message.get("name"),
        "recipient": message.get("recipient"),
        "channel": message.get("channel"),
        "content_type": message.get("contentType"),
        "content": [content_of(content) for content in message["content"]],
    }


def content_of(content):
    if content["type"] == "text":
        return content
    if content["type"] == "system":
        system = content["system"]
        channels = system["channels"]
        effort = system["reasoningEffort"]
        return {
            "type": "system_content",
            "model_identity": system["modelIdentity"],
            "reasoning_effort": None if effort is None else effort.capitalize(),
            "conversation_start_date": system["conversationStartDate"],
            "knowledge_cutoff": system["knowledgeCutoff"],
            "channel_config": None
            if channels is None
            else {"valid_channels": channels["valid"], "channel_required": channels["required"]},
            "tools": namespaces_of(system["tools"]),
        }
    developer = content["developer"]
    return {
        "type": "developer_content",
        "instructions": developer["instructions"],
        "tools": namespaces_of(developer["tools"]),
    }


def namespaces_of(namespaces):
    return {namespace["name"]: namespace for namespace in namespaces}
