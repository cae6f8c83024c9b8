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

# An address without a scheme would lead into our own pages (/logout/) or, by two slashes, to somebody else's.
_SCHEME = re.compile(r"\s*(?:https?://|mailto:|tel:)", re.IGNORECASE)

# Elements that begin on a line of their own: without a line break their words would run together.
_LINE_TAGS = frozenset({"blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "tr"})
# Those that stand beside each other: without a space their words would.
_CELL_TAGS = frozenset({"td", "th"})
_CELL_END = re.compile("|".join(f"</{tag}>" for tag in sorted(_CELL_TAGS)))
_BREAKS_AT_THE_EDGE = re.compile(r"^(?:\s|<br>)++|(?<!\s)(?<!<br>)(?:\s|<br>)++$")
# Where an element that stays has ended the line already.
_BREAKS_TOO_MANY = re.compile(r"(</(?:blockquote|li|ol|p|ul)>)(?:\s|<br>)+")


@lru_cache(maxsize=4096)
def clean_block(xhtml: str) -> SafeString:
    """Formatted text with paragraphs, lists and links, for a place of its own on a page.

    Of tables and headings the words stay, a row and a heading on a line of its own.
    """
    cleaned = nh3.clean(
        _with_breaks(xhtml, keeping=BLOCK_TAGS),
        tags=set(BLOCK_TAGS),
        attributes={"a": {"href"}},
        attribute_filter=_link_with_a_scheme,
        url_schemes=set(LINK_SCHEMES),
        link_rel="noopener noreferrer",
    )
    cleaned = _BREAKS_AT_THE_EDGE.sub("", _BREAKS_TOO_MANY.sub(r"\1", cleaned))
    return mark_safe(cleaned)  # noqa: S308 - nh3 has just cleaned it


@lru_cache(maxsize=4096)
def clean_inline(xhtml: str) -> SafeString:
    """Formatted text for a label, legend or hint: no paragraphs and nothing to click, lines become breaks."""
    cleaned = nh3.clean(_with_breaks(xhtml, keeping=INLINE_TAGS), tags=set(INLINE_TAGS), attributes={})
    return mark_safe(_BREAKS_AT_THE_EDGE.sub("", cleaned))  # noqa: S308 - nh3 has just cleaned it


def _with_breaks(xhtml: str, *, keeping: frozenset[str]) -> str:
    """The text with a break or a space where an element ends that will not be kept; not yet clean."""
    tidy = nh3.clean(xhtml, tags=set(keeping | _LINE_TAGS | _CELL_TAGS), attributes={"a": {"href"}})
    spaced = _CELL_END.sub(" ", tidy)
    return re.sub("|".join(f"</{tag}>" for tag in sorted(_LINE_TAGS - keeping)), "<br>", spaced)


def _link_with_a_scheme(tag: str, attribute: str, value: str) -> str | None:
    return value if attribute != "href" or _SCHEME.match(value) else None
