"""Questions and help texts with bold, italic, lists and links, as people write them (`markup`).

The words stand in the element as plain text, as ever; beside them stands the XHTML, where there is anything to format.
"""

from collections.abc import Mapping
from typing import Any

from questionnaires.engine.extension_urls import HELP_TEXT, XHTML

from . import extensions
from .kinds import control_of, is_companion
from .markup import is_formatted, to_inline_xhtml, to_markup, to_plain, to_xhtml
from .settings import SETTINGS, with_setting
from .tree import Json, Source, changed, find, items_of


def text_of(item: Json) -> str | None:
    """The question or text as it is written; None where it holds what cannot be written here."""
    return _as_written(item.get("text"), _xhtml_of(item))


def help_of(item: Json) -> str | None:
    """The help text as it is written; None where it holds what cannot be written here."""
    companion = _companion(item)
    if companion is not None:
        return _as_written(companion.get("text"), _xhtml_of(companion))
    words = SETTINGS["help"].read(item)
    for one in extensions.every(item, HELP_TEXT):
        xhtml = extensions.value(one, "xhtml")
        return _as_written(words, xhtml if isinstance(xhtml, str) else "")
    return _as_written(words, "")


def is_block(item: Json) -> bool:
    """Is its text a place of its own, with room for paragraphs, lists and links? A question is a label."""
    return item.get("type") == "display"


def has_block_help(item: Json) -> bool:
    """Is its help text such a place? That of a question is read out with it."""
    return item.get("type") == "group"


def with_text(source: Source, link_id: str, markup: str) -> Source:
    """The document with this as the element's question or text. Raises CannotDo where it is gone."""
    item = find(source, link_id)
    xhtml = _xhtml(markup, is_block=is_block(item))
    source = with_setting(source, link_id, "text", to_plain(markup))
    return changed(source, link_id, lambda one: _with_shadow(one, xhtml)) if xhtml else source


def with_help(source: Source, link_id: str, markup: str) -> Source:
    """The document with this as the element's help text, "" for none. Raises CannotDo where it is gone."""
    xhtml = _xhtml(markup, is_block=has_block_help(find(source, link_id)))
    source = with_setting(source, link_id, "help", to_plain(markup))
    if not xhtml:
        return source

    def change(item: dict[str, Any]) -> dict[str, Any]:
        if _companion(item) is not None:
            items = [
                _with_shadow(one, xhtml) if isinstance(one, dict) and _is_help(one, item) else one
                for one in items_of(item)
            ]
            return {**item, "item": items}
        words = {"url": "text", "valueString": to_plain(markup)}
        known = next((one for one in extensions.every(item, HELP_TEXT)), {})
        inner = extensions.with_extensions(known, extensions.extensions_of(known) or [words])
        inner = extensions.with_value(inner, "xhtml", {"valueString": xhtml})
        return extensions.with_value(item, HELP_TEXT, {"extension": inner["extension"]})

    return changed(source, link_id, change)


def _xhtml(markup: str, *, is_block: bool) -> str:
    """What stands beside the plain words, "" where they say it all."""
    if is_block:
        return to_xhtml(markup) if is_formatted(markup) else ""
    inline = to_inline_xhtml(markup)
    return inline if "<strong>" in inline or "<em>" in inline else ""


def _as_written(words: Any, xhtml: str) -> str | None:
    if xhtml:
        return to_markup(xhtml)
    return _escaped(words) if isinstance(words, str) else ""


def _escaped(words: str) -> str:
    """Plain words in which a sign stands for itself, where it would mean something."""
    if to_plain(words) == words and not is_formatted(words):
        return words
    return "\n".join(to_markup(f"<p>{_html(line)}</p>") or "" for line in words.split("\n"))


def _html(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _xhtml_of(item: Json) -> str:
    shadow = item.get("_text")
    found = extensions.value(shadow, XHTML) if isinstance(shadow, Mapping) else None
    return found if isinstance(found, str) else ""


def _with_shadow(item: dict[str, Any], xhtml: str) -> dict[str, Any]:
    shadow = item.get("_text")
    made = extensions.with_value(shadow if isinstance(shadow, Mapping) else {}, XHTML, {"valueString": xhtml})
    return {**item, "_text": made}


def _is_help(one: Json, parent: Json) -> bool:
    return is_companion(one, parent) and control_of(one) in ("help", "flyover")


def _companion(item: Json) -> dict[str, Any] | None:
    return next((one for one in items_of(item) if isinstance(one, dict) and _is_help(one, item)), None)
