"""The shape of a response laid beside its questionnaire: link ids, nesting, order, and what may hold answers.

R4: a response has the questionnaire's items in the questionnaire's order and nesting; a group that repeats comes
once for each instance, a question once with all its answers; only questions have answers, and what is below a
question stands below its answers (https://hl7.org/fhir/R4/questionnaireresponse.html#notes).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .definition import Definition, Item, ItemType
from .issues import Issue, make_issue
from .reading import Place, clean_text, elements
from .values import value_of

ROOT = "QuestionnaireResponse"

_MAY_BE_EMPTY = frozenset({"id", "extension", "modifierExtension", "item"})


def shape_issues(definition: Definition, response: Mapping[str, Any]) -> Iterator[Issue]:
    """All that is wrong with the response's tree, whatever is enabled and whatever the answers say."""
    ranks = {link_id: rank for rank, link_id in enumerate(definition.by_link_id)}
    stack: list[tuple[Mapping[str, Any], str, str | None]] = [(response, ROOT, None)]
    while stack:
        container, path, parent = stack.pop()
        yield from _list_issues(container, "item", path)
        seen: set[str] = set()
        last = -1
        below: list[tuple[Mapping[str, Any], str, str | None]] = []
        for node, node_path in elements(container, "item", path):
            link_id = node.get("linkId")
            item = definition.by_link_id.get(link_id) if isinstance(link_id, str) else None
            if item is None:
                key = "response.unknown-link" if link_id else "response.no-link"
                yield make_issue(key, node_path, link=link_id)
                continue
            if item.parent != parent:
                yield _issue("response.misplaced", item, node_path)
                continue
            if ranks[item.link_id] < last:
                yield _issue("response.order", item, node_path)
            last = ranks[item.link_id]
            if item.link_id in seen and not (item.repeats and item.type is ItemType.GROUP):
                yield _issue("response.split" if item.repeats else "response.repeated", item, node_path)
            seen.add(item.link_id)
            yield from _node_issues(item, node, node_path)
            below.extend(_below(item, node, node_path))
        stack.extend(reversed(below))


def _issue(key: str, item: Item, path: str) -> Issue:
    return make_issue(key, path, link_id=item.link_id, label=item.label, link=item.link_id)


def _list_issues(json: Mapping[str, Any], name: str, path: str) -> Iterator[Issue]:
    raw = json.get(name)
    if raw is not None and (
        not isinstance(raw, list | tuple) or not all(isinstance(one, Mapping) for one in raw)
    ):
        yield make_issue("response.shape", f"{path}.{name}")


def _below(item: Item, node: Mapping[str, Any], path: str) -> list[tuple[Mapping[str, Any], str, str | None]]:
    places: list[Place] = elements(node, "answer", path) if item.type.is_question else [(node, path)]
    return [(place, place_path, item.link_id) for place, place_path in places]


def _node_issues(item: Item, node: Mapping[str, Any], path: str) -> Iterator[Issue]:
    """What is wrong with one item of the response as such."""
    yield from _list_issues(node, "answer", path)
    if _says_otherwise(item, node.get("text")):
        yield _issue("response.other-text", item, path)
    answers = elements(node, "answer", path)
    if not item.type.is_question:
        if answers:
            yield _issue("response.answer-not-allowed", item, path)
        return
    if node.get("item"):
        yield _issue("response.misplaced", item, path)
    for answer, answer_path in answers:
        values = [name for name, value in answer.items() if name.startswith("value") and value is not None]
        if len(values) > 1:
            yield _issue("response.several-values", item, answer_path)
        elif (values and value_of(answer) is None) or (not values and not (_MAY_BE_EMPTY & answer.keys())):
            yield _issue("response.empty-answer", item, answer_path)


def _says_otherwise(item: Item, text: object) -> bool:
    """Does the response repeat another question than the form asks, in none of the form's languages?"""
    if not (isinstance(text, str) and item.text):
        return False
    given = " ".join(clean_text(text).split())
    known = (item.text, *item.translations.get("text", {}).values())
    return bool(given) and given not in {" ".join(one.split()) for one in known}
