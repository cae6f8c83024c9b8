"""What is decided after what, so that nobody builds a circle: conditions, calculations and what stands below."""

from questionnaires.engine.expression_names import texts_in
from questionnaires.engine.extension_urls import CONSTRAINTS

from .extensions import extensions_of
from .references import questions_of
from .tree import Json, link_id_of, strings_in, walk


def dependents_of(source: Json, link_id: str) -> set[str]:
    """The element, all below it, and all that is decided by one of these: nothing it may depend on itself."""
    followers: dict[str, set[str]] = {}
    paths = {path: link_id_of(item) for path, item in walk(source)}
    for path, item in walk(source):
        own = paths[path]
        needed = questions_of(item)
        for extension in extensions_of(item):
            if isinstance(extension, dict) and extension.get("url") in CONSTRAINTS:
                continue  # a rule between answers decides about none of them
            for _, name, text in strings_in(extension):
                if name in ("expression", "valueString"):
                    needed |= texts_in(text)
        if len(path) > 1:
            needed.add(paths[path[:-1]])
        for one in needed:
            followers.setdefault(one, set()).add(own)
    found, waiting = {link_id}, [link_id]
    while waiting:
        for one in followers.get(waiting.pop(), ()):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found
