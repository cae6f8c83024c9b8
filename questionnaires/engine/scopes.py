"""Which names an expression may use where it stands: variables, and what only the outside could know.

SDC lets a form name things that come from elsewhere: launch contexts (`%patient`), queries to a server
(`application/x-fhir-query`), population contexts. This engine has no outside. What needs it is recognised here, at
import, so that a calculation is left empty and a condition left out, instead of quietly giving something else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .circles import circles
from .definition import Expression, Variable
from .expression_names import names_in
from .expressions import ExpressionError, parse
from .extension_urls import LAUNCH_CONTEXT, POPULATION_CONTEXT, VARIABLE
from .reading import Extensions, Json, Reader, extension_value, translations_of

__all__ = ["Scope", "is_readable", "outer_scope", "read_expression", "read_scope", "translations_of"]

FHIR_QUERY = "application/x-fhir-query"


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that can be calculated at an item, those that cannot, and the variables the item itself adds."""

    usable: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()
    variables: tuple[Variable, ...] = ()

    def lacks(self, expression: Expression) -> list[str]:
        """The names an expression uses that have no value here, in order."""
        return sorted(names_in(expression.text) - self.usable)


def read_expression(element: Json, path: str, reader: Reader) -> Expression | None:
    """The expression of an extension; None where it has none at all.

    Forms in production write a bare string instead of an Expression (seen in Norway's, and R4's own
    questionnaire-constraint has it so): that is FHIRPath.
    """
    value = element.get("valueExpression")
    if isinstance(value, Mapping):
        text = reader.text(value, "expression", path)
        return Expression(reader.text(value, "language", path), text) if text else None
    text = reader.text(element, "valueString", path)
    return Expression("text/fhirpath", text) if text else None


def is_readable(expression: Expression, path: str, link_id: str | None, reader: Reader) -> bool:
    """Is it FHIRPath, without mistakes? If not, there is an issue."""
    if not expression.is_fhirpath:
        reader.report("expression.language", path, link_id=link_id, language=expression.language or "?")
        return False
    try:
        parse(expression.text)
    except ExpressionError as error:
        reader.report("expression.invalid", path, link_id=link_id, reason=error)
        return False
    return True


def outer_scope(extensions: Extensions) -> Scope:
    """The names that come from outside, as the questionnaire declares them."""
    contexts = frozenset(
        name for element, _ in extensions.every(LAUNCH_CONTEXT) if (name := _context_name(element))
    )
    return Scope(outside=contexts)


def _context_name(element: Json) -> str:
    name = extension_value(element, "name", "valueId", "valueCode", "valueString", "valueCoding")
    if isinstance(name, Mapping):
        name = name.get("code")
    return name if isinstance(name, str) else ""


def read_scope(extensions: Extensions, above: Scope, link_id: str | None, reader: Reader) -> Scope:
    """The names at an item (or the questionnaire itself), given those above it.

    Variables that cannot be read, need the outside or go in a circle are issues and count as outside.
    """
    places = extensions.every(VARIABLE)
    populated = frozenset(_populated(extensions))
    if not places and not populated:
        return above if not above.variables else Scope(above.usable, above.outside)
    found: dict[str, tuple[Variable, str]] = {}
    outside = set(populated)
    for element, path in places:
        name, expression = _named(element, path, extensions, reader)
        if expression is None:
            continue
        if not name:
            reader.report("expression.variable-no-name", path, link_id=link_id)
        elif name in found:
            reader.report("expression.variable-twice", path, link_id=link_id, name=name)
        elif expression.language == FHIR_QUERY:
            reader.report("expression.query", path, link_id=link_id, name=name)
            outside.add(name)
        elif is_readable(expression, path, link_id, reader):
            found[name] = (Variable(name, expression), path)
        else:
            outside.add(name)
    outside |= _unusable(found, above, outside, link_id, reader)
    usable = [variable for variable, _ in found.values() if variable.name not in outside]
    names = {variable.name for variable in usable}
    return Scope(
        usable=frozenset((above.usable - outside) | names),
        outside=frozenset((above.outside - names) | outside),
        variables=tuple(usable),
    )


def _named(element: Json, path: str, extensions: Extensions, reader: Reader) -> tuple[str, Expression | None]:
    expression = read_expression(element, path, reader)
    if expression is None:
        extensions.unusable(element, path)
        return "", None
    value = element.get("valueExpression")
    return (reader.text(value, "name", path) if isinstance(value, Mapping) else ""), expression


def _populated(extensions: Extensions) -> Iterator[str]:
    """Names of population contexts: what pre-population would have found."""
    for element, _ in extensions.every(POPULATION_CONTEXT):
        value = element.get("valueExpression")
        if isinstance(value, Mapping) and isinstance(value.get("name"), str):
            yield value["name"]


def _unusable(
    found: Mapping[str, tuple[Variable, str]],
    above: Scope,
    outside: set[str],
    link_id: str | None,
    reader: Reader,
) -> set[str]:
    """Of the variables of one element, those that have no value; there is an issue for each that starts it."""
    sources = {
        # A variable that builds on one of the same name means the one above it.
        name: [used for used in names_in(variable.expression.text) if used in found and used != name]
        for name, (variable, _) in found.items()
    }
    lost: set[str] = set()
    for members in circles(sources):
        lost.update(members)
        reader.report("expression.cycle", found[members[0]][1], link_id=link_id, links=", ".join(members))
    known = above.usable - outside
    for name, (variable, path) in found.items():
        missing = sorted(
            used
            for used in names_in(variable.expression.text)
            if used not in known and (used == name or used not in found)
        )
        if missing and name not in lost:
            lost.add(name)
            reader.report("expression.outside", path, link_id=link_id, names=", ".join(missing))
    users: dict[str, list[str]] = {}
    for name, used in sources.items():
        for source in used:
            users.setdefault(source, []).append(name)
    spreading = list(lost)
    while spreading:
        for user in users.get(spreading.pop(), ()):
            if user not in lost:
                lost.add(user)
                spreading.append(user)
    return lost
