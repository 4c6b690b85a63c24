"""The reference's side of the decoder's fuzzer: a case per line in, its messages (or the reference's complaint) out."""

import json
import sys

from openai_harmony import Role, StreamableParser

import reference


def parse(encoding, case):
    """Messages of a case {start, ids}. Raises what the reference raises."""
    parser = StreamableParser(encoding, Role.ASSISTANT if case["start"] == "assistant" else None)
    for id in case["ids"]:
        parser.process(id)
    parser.process_eos()
    return [
        {
            "role": message.author.role.value,
            "name": message.author.name,
            "recipient": message.recipient,
            "channel": message.channel,
            "contentType": message.content_type,
            "text": "".join(content.text for content in message.content),
        }
        for message in parser.messages
    ]


def main():
    encoding = reference.load()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        try:
            answer = {"messages": parse(encoding, json.loads(line))}
        except Exception as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
