"""Text files of a person's own, whatever their encoding."""

from __future__ import annotations

import codecs
from pathlib import Path

from modellab.data._files import reason

_MAX_BYTES = 2_000_000_000
_HEAD = 4096
_CONTROLS = 8


class BadTextError(Exception):
    """A file that is no text; the message says why, fit to follow "cannot be read"."""


def read_text(path: Path) -> tuple[str, str]:
    """The text of a file with \\n at its line ends, and a remark on its encoding, empty for UTF-8 and UTF-16.

    The remark is fit to follow the file's name. Where most of what is not ASCII is UTF-8, the rest is read as �; where
    not, the file is taken for Latin-1.

    Raises:
        BadTextError: it cannot be read, or is no text.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadTextError("it is larger than 2 GB")
        content = path.read_bytes()
    except OSError as error:
        raise BadTextError(reason(error)) from None
    text, remark = _decoded(content)
    if sum(ord(letter) < 32 and letter not in "\t\n\r\f\x1a\x1b" for letter in text[:_HEAD]) > _CONTROLS:
        raise BadTextError("it is not text but binary")
    return text.replace("\r\n", "\n").replace("\r", "\n"), remark


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace"), ""
    if b"\0" in content:
        head = content[:_HEAD]
        # Latin letters in UTF-16 have a zero in every other byte, and no text of it has an odd number of bytes.
        if 4 * max(head[1::2].count(0), head[::2].count(0)) <= len(head) or len(content) % 2:
            line = content.count(b"\n", 0, content.index(b"\0")) + 1
            raise BadTextError(f"it is not text: line {line} holds a NUL byte")
        # Which of the two says the byte order.
        order = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        text = content.decode(order, "replace")
        if "\0" in text:
            raise BadTextError("it is not text: it holds NUL bytes")
        return text, ""
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    text = content.decode("utf-8-sig", "replace")
    wrong = text.count("\ufffd")
    if wrong <= sum(not letter.isascii() for letter in text) - wrong:
        return text, f"mixes encodings: {wrong:,} bytes that are not UTF-8 (the first in line {line}) were read as �"
    return content.decode("cp1252", "replace"), f"is not UTF-8 (line {line}); it was read as Latin-1"
