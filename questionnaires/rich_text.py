"""Formatted text (XHTML) from imported questionnaires, made safe to show.

Plain formatting is all that is let through: no scripts, styles, images, classes or ids, and links only to the web,
to mail and to telephones. The rest of the text is kept without its markup.
"""

import re
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe

INLINE_TAGS = frozenset({"b", "br", "em", "i", "strong", "sub", "sup"})
BLOCK_TAGS = INLINE_TAGS | {"a", "blockquote", "li", "ol", "p", "u", "ul"}
LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})

# Elements that begin on a line of their own: without a line break their words would run together.
_LINE_TAGS = frozenset({"blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "td", "th", "tr"})
_LINE_END = re.compile(r"</(?:" + "|".join(sorted(_LINE_TAGS)) + ")>")
_BREAKS_AT_THE_EDGE = re.compile(r"^(?:\s|<br>)+|(?:\s|<br>)+$")


@lru_cache(maxsize=4096)
def clean_block(xhtml: str) -> SafeString:
    """Formatted text with paragraphs, lists and links, for a place of its own on a page."""
    cleaned = nh3.clean(
        xhtml,
        tags=set(BLOCK_TAGS),
        attributes={"a": {"href"}},
        url_schemes=set(LINK_SCHEMES),
        link_rel="noopener noreferrer",
    )
    return mark_safe(cleaned.strip())  # noqa: S308 - nh3 has just cleaned it


@lru_cache(maxsize=4096)
def clean_inline(xhtml: str) -> SafeString:
    """Formatted text for a label, legend or hint: no paragraphs and nothing to click, lines become breaks."""
    lines = nh3.clean(xhtml, tags=set(INLINE_TAGS | _LINE_TAGS), attributes={})
    cleaned = nh3.clean(_LINE_END.sub("<br>", lines), tags=set(INLINE_TAGS), attributes={})
    return mark_safe(_BREAKS_AT_THE_EDGE.sub("", cleaned))  # noqa: S308 - nh3 has just cleaned it
