"""Writes lib/pictures/width_table.ts from Python's Unicode data.

Run it as: python3 .tasks/width_table.py > lib/pictures/width_table.ts
"""

import sys
import unicodedata


# Where unassigned characters are wide (Unicode Standard Annex 11).
WIDE_BLOCKS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2FFFD),
    (0x30000, 0x3FFFD),
)


def width(code):
    """Returns how many columns of a terminal a character fills."""
    char = chr(code)
    if unicodedata.category(char) == "Cn":
        return 2 if any(a <= code <= z for a, z in WIDE_BLOCKS) else 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc", "Cs"):
        return 0 if char != "\u00ad" else 1
    # The vowels and final consonants of Hangul join the letter before them.
    if 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FB:
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def runs():
    """Yields the first code point, the length and the width of each run."""
    first = 0
    for code in range(1, sys.maxunicode + 2):
        if code > sys.maxunicode or width(code) != width(first):
            yield first, code - first, width(first)
            first = code


def base36(number):
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = digits[digit] + text
    return text or "0"


def main():
    words = []
    end = 0
    for first, length, columns in runs():
        if columns == 1:
            continue
        mark = "-" if columns == 0 else "+"
        words.append(mark + base36(first - end) + "." + base36(length))
        end = first + length
    text = "".join(words)
    lines = [text[i:i + 74] for i in range(0, len(text), 74)]
    print(f"""/**
 * How wide characters are, made by `.tasks/width_table.py`.
 *
 * @module
 */

/** The version of Unicode that the table is made from. */
export const UNICODE_VERSION = "{unicodedata.unidata_version}";

/**
 * The runs of characters that do not fill one column: `-` before those that fill
 * none, `+` before those that fill two; then how many characters lie between the
 * last run and this one, and how many are in it, in base 36.
 */
export const WIDTHS =""")
    print(" +\n".join(f'  "{line}"' for line in lines) + ";")


main()
