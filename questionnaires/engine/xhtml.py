"""Formatted texts of a form: what in them is not text at all.

The engine hands formatted texts on as they came; whoever puts them on a page cleans them (nh3). But somebody who
imports a form should hear that it brings along what no questionnaire needs.
"""

import re

from .reading import Reader

_ELEMENTS = tuple(
    f"<{name}" for name in ("script", "iframe", "frame", "object", "embed", "applet", "form", "meta", "base")
)
_ADDRESSES = ("javascript:", "vbscript:")
_HANDLER = re.compile(r"on[a-z]{3,20}[ \t\r\n]{0,9}=", re.ASCII)
_BEFORE_ATTRIBUTE = frozenset(" \t\r\n\f/\"'")
_LONGEST_TAG = 2_000


def checked_xhtml(xhtml: str, path: str, *, link_id: str | None, reader: Reader) -> str:
    """The same text, after noting an issue if it holds scripts, foreign pages, forms or event handlers."""
    found = active_content(xhtml) if xhtml else ""
    if found:
        reader.report("element.active-content", path, link_id=link_id, found=found)
    return xhtml


def active_content(xhtml: str) -> str:
    """The first thing found that does something rather than say something, "" for none. Takes linear time."""
    text = xhtml.lower()
    for sign in (*_ELEMENTS, *_ADDRESSES):
        if sign in text:
            return sign
    for match in _HANDLER.finditer(text):
        start = match.start()
        reach = max(0, start - _LONGEST_TAG)
        in_tag = text.rfind("<", reach, start) > text.rfind(">", reach, start)
        if in_tag and text[start - 1] in _BEFORE_ATTRIBUTE:
            return match[0]
    return ""
