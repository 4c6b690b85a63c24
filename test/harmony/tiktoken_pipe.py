"""Encodes texts with tiktoken for a process at the other end of a pipe.

Reads, on standard input, texts as a little-endian 32-bit count of UTF-16 code units and then those units; writes,
on standard output, for each a 32-bit count of ids and then those ids as 32-bit integers. Ends with its input.
"""

import struct
import sys

import tiktoken_o200k


def main() -> None:
    encoding = tiktoken_o200k.load()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while header := source.read(4):
        (units,) = struct.unpack("<I", header)
        text = source.read(units * 2).decode("utf-16-le", "surrogatepass")
        ids = encoding.encode_ordinary(text)
        sink.write(struct.pack(f"<I{len(ids)}I", len(ids), *ids))
        if not source.peek(1):
            sink.flush()


if __name__ == "__main__":
    main()
