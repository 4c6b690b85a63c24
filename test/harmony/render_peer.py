"""The reference's side of the fuzzer: a case per line in, its tokens (or the reference's complaint) per line out."""

import json
import sys

import reference

encoding = reference.load()
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    try:
        answer = {"tokens": reference.render(encoding, json.loads(line))}
    except Exception as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
