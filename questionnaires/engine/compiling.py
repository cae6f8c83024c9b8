"""From a FHIR R4 Questionnaire, whatever is in it, to an immutable definition and the list of what is wrong."""

import marshal
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .bounds import Bounds, measure
from .circles import circles
from .conditions import Tree, decision_order
from .constraint_reading import read_constraints, target_finder
from .definition import Definition, Item, ItemType, Paging, Variable
from .expression_names import names_in, texts_in
from .extension_urls import EMPLOYEE_TITLE, TERMINOLOGY_SERVERS, USAGE
from .images import Images
from .issues import Issue, has_errors, make_issue
from .item_checks import check_item, check_modifiers
from .item_expressions import calculated_place
from .item_reading import RawItem, Surroundings, build_item, is_hidden
from .options import OptionSource, read_options
from .paging import PAGING, pages_of, sections_of
from .reading import Extensions, Json, Reader, member, translations_of
from .scopes import Scope, outer_scope, read_scope
from .value_sets import ValueSets

_ROOT = "Questionnaire"


@dataclass(frozen=True, slots=True)
class Compilation:
    """What came of it. With an error among the issues the form must not be published, though it may be shown."""

    definition: Definition | None
    issues: tuple[Issue, ...]

    @property
    def is_usable(self) -> bool:
        """Can people be asked with it?"""
        return self.definition is not None and not has_errors(self.issues)


def compile_questionnaire(
    resource: Any, *, bounds: Bounds | None = None, value_sets: Mapping[str, Json] | None = None
) -> Compilation:
    """Compile a FHIR R4 Questionnaire given as parsed JSON.

    Never raises, whatever the JSON. `value_sets` are ValueSet resources by canonical url, for forms that refer to
    such as are not contained. There is no definition if the resource is no questionnaire, exceeds `bounds`
    or has not a single item that can be read.
    """
    bounds = bounds or Bounds()
    refusal = _refusal(resource, bounds)
    if refusal is not None:
        return Compilation(None, (refusal,))
    reader = Reader()
    form = _Form.read(resource, value_sets or {}, reader)
    raw_items, fatal = _find_items(form, bounds, reader)
    if fatal is not None or not raw_items:
        reader.issues.append(fatal or make_issue("questionnaire.empty", _ROOT))
        return Compilation(None, tuple(reader.issues))
    _check_head(form, reader)
    definition = _build(form, raw_items, reader)
    return Compilation(definition, tuple(reader.issues))


def _refusal(resource: object, bounds: Bounds) -> Issue | None:
    if not isinstance(resource, Mapping):
        return make_issue("questionnaire.not-object", _ROOT)
    if resource.get("resourceType") != _ROOT:
        found = resource.get("resourceType")
        return make_issue(
            "questionnaire.resource-type", _ROOT, found=found if isinstance(found, str) else "?"
        )
    return measure(resource, bounds, what="questionnaire")


@dataclass(frozen=True, slots=True)
class _Form:
    """The questionnaire itself: its resource, its extensions, the names it defines, what it contains."""

    resource: Json
    extensions: Extensions
    scope: Scope
    source: OptionSource

    @classmethod
    def read(cls, resource: Json, value_sets: Mapping[str, Json], reader: Reader) -> "_Form":
        contained = [one for _, one in reader.objects(resource, "contained", _ROOT)]
        extensions = Extensions(resource, _ROOT, reader=reader)
        by_reference = {f"#{one['id']}": one for one in contained if isinstance(one.get("id"), str)}
        return cls(
            resource=resource,
            extensions=extensions,
            scope=read_scope(extensions, outer_scope(extensions), None, reader),
            source=OptionSource(ValueSets.of(contained, value_sets), Images(by_reference, reader)),
        )


def _check_head(form: _Form, reader: Reader) -> None:
    for name in ("url", "title", "status"):
        if not reader.text(form.resource, name, _ROOT):
            reader.report(f"questionnaire.no-{name}", _ROOT)
    check_modifiers(form.resource, _ROOT, None, reader)
    if form.extensions.first(*TERMINOLOGY_SERVERS) is not None:
        reader.report("questionnaire.terminology-server", _ROOT)


def _find_items(form: _Form, bounds: Bounds, reader: Reader) -> tuple[list[RawItem], Issue | None]:
    """All items in the questionnaire's order, parents first; and the bound that was exceeded, if one was.

    Goes without recursion. Items without a link id or type, and second users of a link id, are left out with
    all below them: there is an error for each.
    """
    found: list[RawItem] = []
    seen: set[str] = set()
    stack: list[tuple[Iterator[tuple[str, Json]], RawItem | None]] = [
        (reader.objects(form.resource, "item", _ROOT), None)
    ]
    count = 0
    while stack:
        siblings, parent = stack[-1]
        path, json = next(siblings, ("", None))
        if json is None:
            stack.pop()
            continue
        count += 1
        if count > bounds.max_items:
            return [], make_issue("questionnaire.too-many-items", _ROOT, limit=bounds.max_items)
        if len(stack) > bounds.max_depth:
            return [], make_issue("questionnaire.too-deep", path, limit=bounds.max_depth)
        raw = _raw_item(json, path, parent, seen, form, reader)
        if raw is not None:
            seen.add(raw.link_id)
            found.append(raw)
            stack.append((reader.objects(json, "item", path), raw))
    return found, None


def _raw_item(
    json: Json, path: str, parent: RawItem | None, seen: set[str], form: _Form, reader: Reader
) -> RawItem | None:
    link_id = reader.text(json, "linkId", path)
    type_name = reader.text(json, "type", path)
    item_type = member(ItemType, type_name)
    if not link_id.strip():
        reader.report("item.no-link-id", path, text=reader.text(json, "text", path))
        if item_type is not None:  # whoever mends the link id should hear of its options too
            read_options(json, item_type, path, None, source=form.source, reader=reader)
        return None
    if link_id in seen:
        reader.report("item.duplicate-link-id", path, link_id=link_id, link=link_id)
        return None
    if item_type is None:
        key = "item.unknown-type" if type_name else "item.no-type"
        reader.report(key, path, link_id=link_id, type=type_name)
        return None
    extensions = Extensions(json, path, reader=reader, link_id=link_id)
    concealed = is_hidden(extensions) or (parent is not None and parent.is_concealed)
    asked = not (
        concealed or json.get("readOnly") is True or calculated_place(extensions, item_type) is not None
    )
    if extensions.first(*TERMINOLOGY_SERVERS) is not None:
        reader.report("questionnaire.terminology-server", path, link_id=link_id)
    return RawItem(
        json=json,
        path=path,
        link_id=link_id,
        type=item_type,
        parent=parent.link_id if parent is not None else None,
        options=read_options(
            json, item_type, path, link_id, source=form.source, reader=reader, is_asked=asked
        ),
        extensions=extensions,
        scope=read_scope(extensions, parent.scope if parent is not None else form.scope, link_id, reader),
        is_concealed=concealed,
    )


def _build(form: _Form, raw_items: list[RawItem], reader: Reader) -> Definition:
    tree = Tree()
    for raw in raw_items:
        tree.add(raw.link_id, parent=raw.parent, item_type=raw.type, options=raw.options)
    find = target_finder({raw.path: raw.link_id for raw in raw_items})
    around = Surroundings(tree=tree, source=form.source, find=find, reader=reader)
    built: dict[str, Item] = {}
    children: dict[str | None, list[Item]] = {}
    found_before = len(reader.issues)
    for raw in reversed(raw_items):  # children before their parents
        own = children.pop(raw.link_id, [])[::-1]
        item = build_item(raw, own, around=around)
        check_item(raw, item, own, reader)
        built[raw.link_id] = item
        children.setdefault(raw.parent, []).append(item)
    # The items were built from the last to the first; issues are read from the first to the last.
    positions = tree.positions
    reader.issues[found_before:] = sorted(
        reader.issues[found_before:], key=lambda issue: positions.get(issue.link_id or "", -1)
    )
    by_link_id = {raw.link_id: built[raw.link_id] for raw in raw_items}
    conditions = {
        link_id: [condition.question for condition in item.enable_when]
        for link_id, item in by_link_id.items()
        if item.enable_when
    }
    order, in_circles = decision_order(tree, conditions)
    _report_circles(form, by_link_id, in_circles, reader)
    items = tuple(reversed(children[None]))
    resource = form.resource
    paging = form.extensions.member(PAGING, Paging) or Paging.SECTIONS
    sections = sections_of(items)
    return Definition(
        url=reader.text(resource, "url", _ROOT),
        version=reader.text(resource, "version", _ROOT),
        title=reader.text(resource, "title", _ROOT) or reader.text(resource, "name", _ROOT),
        description=reader.text(resource, "description", _ROOT),
        language=reader.text(resource, "language", _ROOT) or "da",
        items=items,
        pages=pages_of(sections, paging),
        sections=sections,
        paging=paging,
        by_link_id=MappingProxyType(by_link_id),
        source=MappingProxyType(_copy(resource)),
        order=order,
        dependency_cycles=in_circles,
        status=reader.text(resource, "status", _ROOT),
        identifiers=tuple(one for _, one in reader.objects(resource, "identifier", _ROOT)),
        variables=form.scope.variables,
        constraints=read_constraints(form.extensions, form.scope, None, find=find, reader=reader),
        launch_contexts=tuple(sorted(form.scope.outside)),
        employee_title=form.extensions.text(EMPLOYEE_TITLE),
        usage=form.extensions.text(USAGE),
        translations=MappingProxyType(
            {name: words for name in ("title", "description") if (words := translations_of(resource, name))}
        ),
    )


def _report_circles(
    form: _Form, items: Mapping[str, Item], in_conditions: frozenset[str], reader: Reader
) -> None:
    """Name every circle: among conditions alone, or where expressions take part.

    An expression is taken to look at every item whose link id it has in quotes.
    """
    plain: dict[str, list[str]] = {}
    mixed: dict[str, list[str]] = {}
    inherited: dict[str, dict[str, Variable]] = {}
    for link_id, item in items.items():
        above = [item.parent] if item.parent is not None else []
        plain[link_id] = [*above, *(condition.question for condition in item.enable_when)]
        names = inherited.get(
            item.parent or "", {variable.name: variable for variable in form.scope.variables}
        )
        if item.variables:
            names = {**names, **{variable.name: variable for variable in item.variables}}
        inherited[link_id] = names
        own = [expression for expression in (item.calculated, item.enable_when_expression) if expression]
        mixed[link_id] = plain[link_id] + [
            text
            for expression in own
            for text in _texts_seen(expression.text, names)
            if text in items and (text != link_id or item.calculated is expression)
        ]
    known: set[str] = set()
    if in_conditions:
        for members in circles(plain):
            known.update(members)
            reader.report(
                "condition.cycle", items[members[0]].path, link_id=members[0], links=", ".join(members)
            )
    for members in circles(mixed):
        if not known.issuperset(members):
            reader.report(
                "expression.cycle", items[members[0]].path, link_id=members[0], links=", ".join(members)
            )


def _texts_seen(text: str, variables: Mapping[str, Variable]) -> set[str]:
    """The texts in quotes of an expression and of the variables it uses."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [text]
    while waiting:
        current = waiting.pop()
        found |= texts_in(current)
        for name in names_in(current) & variables.keys():
            if name not in seen:
                seen.add(name)
                waiting.append(variables[name].expression.text)
    return found


def _copy(resource: Json) -> dict[str, Any]:
    """A copy that shares nothing with the original. JSON goes by way of marshal, several times as fast as deepcopy."""
    try:
        copied: dict[str, Any] = marshal.loads(marshal.dumps(dict(resource)))  # noqa: S302 - our own bytes
    except ValueError:  # something that is no JSON, such as Decimal
        return deepcopy(dict(resource))
    return copied
