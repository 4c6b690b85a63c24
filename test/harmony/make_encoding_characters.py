"""Writes src/harmony/encoding-character-runs.ts: the character classes of tiktoken's own regular expressions.

    pip install tiktoken
    python test/harmony/make_encoding_characters.py
"""

import pathlib

import tiktoken
import tiktoken_o200k

TARGET = pathlib.Path(__file__).parents[2] / "src/harmony/encoding-character-runs.ts"

# In the order of characterClass in encoding-characters.ts; what is in none is the class behind the last.
CLASSES = [
    r"[\p{Lu}\p{Lt}]",
    r"\p{Ll}",
    r"[\p{Lm}\p{Lo}]",
    r"\p{M}",
    r"\p{N}",
    r"[\r\n]",
    r" ",
    r"[\s--\r\n ]",
    r"/",
]

HEADER = '''/**
 * Unicode's characters by class, from U+0000 on, as runs: a letter that names the class (A is 1 of `characterClass`) and,
 * if the run is longer than one character, its length in base 36.
 *
 * Made by test/harmony/make_encoding_characters.py from the regular expressions of tiktoken {tiktoken} (Unicode 16), which
 * openai_harmony agrees with. JavaScript's own `\\\\p{{…}}` would follow the Unicode version of the Node.js in use, and give
 * other ids wherever a later one has assigned a character.
 */
export const characterRuns ='''


def base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return (base36(number // 36) if number >= 36 else "") + digits[number % 36]


def main() -> None:
    every = "".join(chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)
    classes = bytearray([len(CLASSES) + 1]) * 0x110000
    for number, pattern in enumerate(CLASSES, 1):
        for character in tiktoken_o200k.matches(pattern, every):
            classes[ord(character)] = number

    runs: list[list[int]] = []
    for number in classes:
        if runs and runs[-1][0] == number:
            runs[-1][1] += 1
        else:
            runs.append([number, 1])
    text = "".join(chr(64 + number) + ("" if length == 1 else base36(length)) for number, length in runs)

    lines = [f"  '{text[at : at + 112]}'" for at in range(0, len(text), 112)]
    TARGET.write_text(HEADER.format(tiktoken=tiktoken.__version__).replace("\\\\", "\\") + "\n" + " +\n".join(lines) + ";\n")
    print(f"{TARGET.name}: {len(runs)} runs, {len(text)} characters")


if __name__ == "__main__":
    main()
