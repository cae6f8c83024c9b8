"""What a questionnaire says of itself: title, description, language; and FUT's words for those who work with it."""

from collections.abc import Mapping
from typing import Any

from questionnaires.engine.extension_urls import EMPLOYEE_TITLE, USAGE

from . import extensions
from .tree import Json, Source

_EXTENSIONS: Mapping[str, str] = {"employee_title": EMPLOYEE_TITLE, "usage": USAGE}
NAMES = ("title", "description", "language", *_EXTENSIONS)


def head_of(source: Json) -> dict[str, str]:
    """What it says, by `NAMES`; "" where it says nothing."""
    return {name: _text(_value(source, name)) for name in NAMES}


def with_head(source: Source, given: Mapping[str, str]) -> Source:
    """The document that says this instead; what `given` does not name stays."""
    made: dict[str, Any] = dict(source)
    for name, value in given.items():
        text = value.replace("\r\n", "\n")
        if name in _EXTENSIONS:
            made = extensions.with_value(made, _EXTENSIONS[name], {"valueString": text} if text else None)
        elif text:
            made = {**{part: one for part, one in made.items() if part != name}, name: text}
        else:
            made.pop(name, None)
    return made


def _value(source: Json, name: str) -> Any:
    url = _EXTENSIONS.get(name)
    return extensions.value(source, url) if url is not None else source.get(name)


def _text(found: Any) -> str:
    return found if isinstance(found, str) else ""
