"""Writes decoder.json: what GPT-OSS may write, as ids, and the messages that the reference implementation finds in it.

    TIKTOKEN_ENCODINGS_BASE=<directory of o200k_base.tiktoken> \\
        python make_decoder_vectors.py [--texts <directory of the reference's test_*.txt>] [--out vectors]

needs `pip install openai-harmony==0.0.8`.
"""

import argparse
import json
import pathlib
import random

from openai_harmony import HarmonyError

import reference
from decoder_cases import ASSISTANT, NOTHING
from decoder_peer import parse


def byte_cases(encoding):
    """Contents of ids whose bytes are UTF-8 only together, or not at all."""
    source = random.Random(8)
    pieces = [id for text in ["😀🙃👩‍👧", "𒀀𓂀", "今天天气", "ﷺ", "\ufffd"] for id in encoding.encode(text)]
    broken = [id for id in range(199_998) if not is_text(encoding, id)]
    for number in range(40):
        ids = [source.choice(pieces if source.random() < 0.6 else broken) for _ in range(source.randrange(1, 12))]
        head = encoding.encode("<|channel|>final<|message|>", allowed_special="all")
        yield {"name": f"broken characters {number}", "start": "assistant", "ids": head + ids + [200002]}


def is_text(encoding, id):
    try:
        encoding.decode_utf8([id])
        return True
    except Exception:
        return False


def cases(encoding, texts):
    for start, named in [("assistant", ASSISTANT), ("nothing", NOTHING)]:
        for name, text in named.items():
            yield {"name": name, "start": start, "ids": encoding.encode(text, allowed_special="all")}
    yield from byte_cases(encoding)
    if texts is None:
        return
    for path in sorted(texts.glob("test_*.txt")):
        text = path.read_text()
        start = "nothing" if text.startswith("<|start|>") else "assistant"
        ids = encoding.encode(text, allowed_special="all")
        yield {"name": f"the reference's {path.name}", "start": start, "ids": without_open_header(encoding, ids)}


def without_open_header(encoding, ids):
    """The expected prompts end in the header of an answer that is still to come: the reference fails on its end."""
    [start, message] = encoding.encode("<|start|><|message|>", allowed_special="all")
    last = len(ids) - 1 - ids[::-1].index(start) if start in ids else 0
    return ids[:last] if message not in ids[last:] else ids


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--texts", type=pathlib.Path)
    arguments.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent / "vectors")
    options = arguments.parse_args()
    encoding = reference.load()
    vectors = []
    for case in cases(encoding, options.texts):
        try:
            vectors.append({**case, "messages": parse(encoding, case)})
        except HarmonyError as error:
            print(f"left out {case['name']}: {error}")
    lines = ",\n".join(json.dumps(vector, ensure_ascii=False) for vector in vectors)
    (options.out / "decoder.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
