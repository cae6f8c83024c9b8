"""Formatted texts of a form: what in them is not text at all.

The engine hands formatted texts on as they came; whoever puts them on a page cleans them (nh3). But somebody who
imports a form should hear that it brings along what no questionnaire needs.
"""

import re

from .reading import Reader

# Bounded repetitions: the texts come from anywhere, and the search must stay linear.
_ACTIVE = re.compile(
    r"<\s{0,9}/?\s{0,9}(?:script|iframe|frame|object|embed|applet|form|meta|base)\b"
    r"|<[^<>]*[\s/]on\w{3,20}\s{0,9}="
    r"|(?:java|vb)script\s{0,9}:",
    re.IGNORECASE,
)


def checked_xhtml(xhtml: str, path: str, *, link_id: str | None, reader: Reader) -> str:
    """The same text, after noting an issue if it holds scripts, foreign pages, forms or event handlers."""
    found = _ACTIVE.search(xhtml) if xhtml else None
    if found is not None:
        reader.report("element.active-content", path, link_id=link_id, found=found[0].strip())
    return xhtml
