"""The expressions of a questionnaire, ready to run: read, with their variables found and all they look at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .definition import Variable
from .direct import Direct, direct
from .fhirpath import ExpressionError, Tree, syntax
from .layout import Layout
from .lookups import Lookup, Reader
from .syntax_shapes import goes_down

VariableKey = tuple[str | None, int]
"""A variable: the item it is declared on (None: the questionnaire), and which of its variables."""


@dataclass(slots=True, eq=False)
class Ready:
    """An expression ready to run.

    `own` is the item it stands on. `links` are the items it depends on, `asked` those whose answers it goes to: what
    stands below those decides no more than that an answer is there. `sees_all` says that it may depend on any,
    `sees_own` that its value differs between the occurrences of its item. All four by its variables too.
    """

    text: str
    own: str | None
    tree: Tree
    lookups: tuple[Lookup, ...]
    direct: Direct | None
    links: frozenset[str]
    asked: frozenset[str]
    sees_all: bool
    sees_own: bool
    needs_start: bool
    variables: Mapping[str, VariableKey]


class Readying:
    """Reads expressions, and finds the variables they name in their scope."""

    def __init__(
        self,
        layouts: Mapping[str, Layout],
        reader: Reader,
        definition_variables: Sequence[Variable],
        variables: Mapping[VariableKey, Ready | ExpressionError],
    ) -> None:
        self.layouts = layouts
        self.variables = dict(variables)
        self._reader = reader
        self._definition_variables = definition_variables

    def _declared(self, own: str | None) -> Sequence[Variable]:
        return self._definition_variables if own is None else self.layouts[own].item.variables

    def _scope(self, own: str | None) -> Iterator[str | None]:
        current = own
        while current is not None:
            yield current
            current = self.layouts[current].item.parent
        yield None

    def _find(self, name: str, own: str | None, before: VariableKey | None) -> VariableKey | None:
        """The variable that `%name` means on `own`: the nearest, but for a variable itself not its own name."""
        for place in self._scope(own):
            for index, variable in enumerate(self._declared(place)):
                if variable.name == name and (place, index) != before:
                    return place, index
        return None

    def read_variables(self) -> None:
        """Read all variables, each after those it uses; those that go in circles are errors."""
        raw: dict[VariableKey, Variable] = {
            (own, index): variable
            for own in (None, *self.layouts)
            for index, variable in enumerate(self._declared(own))
        }
        if not raw:
            return
        needs: dict[VariableKey, set[VariableKey]] = {}
        for key, variable in raw.items():
            try:
                names = self._reader.read(syntax(variable.expression.text), key[0]).names
            except ExpressionError:
                names = set()
            needs[key] = {found for name in names if (found := self._find(name, key[0], key)) is not None}
        waiting = {key: len(needed) for key, needed in needs.items()}
        users: dict[VariableKey, list[VariableKey]] = {key: [] for key in raw}
        for key, needed in needs.items():
            for other in needed:
                users[other].append(key)
        free = [key for key, count in waiting.items() if count == 0]
        while free:
            key = free.pop()
            variable = raw.pop(key)
            try:
                if not variable.expression.is_fhirpath:
                    raise ExpressionError(f"%{variable.name} is in {variable.expression.language or '?'}")
                self.variables[key] = self.ready(variable.expression.text, key[0], before=key)
            except ExpressionError as error:
                self.variables[key] = error
            for user in users[key]:
                waiting[user] -= 1
                if waiting[user] == 0:
                    free.append(user)
        for key, variable in raw.items():
            self.variables[key] = ExpressionError(f"%{variable.name} depends on itself")

    def ready(self, text: str, own: str | None, before: VariableKey | None = None) -> Ready:
        """An expression ready to run. Raises ExpressionError."""
        reading = self._reader.read(syntax(text), own)
        named = {
            name: found for name in reading.names if (found := self._find(name, own, before)) is not None
        }
        links, asked = set(reading.links), set(reading.asked)
        sees_all, sees_own = reading.sees_all, reading.sees_own
        for key in named.values():
            variable = self.variables.get(key)
            if isinstance(variable, Ready):
                links |= variable.links
                asked |= variable.asked
                sees_all = sees_all or variable.sees_all
                # A variable of something above may differ between its instances.
                sees_own = sees_own or (variable.sees_own and key[0] is not None)
        if reading.sees_own and own is not None:
            links.add(own)
        if goes_down(reading.tree):
            asked = links
        return Ready(
            text=text,
            own=own,
            tree=reading.tree,
            lookups=tuple(reading.lookups),
            direct=self._direct(reading.tree, reading.lookups),
            links=frozenset(links),
            asked=frozenset(asked),
            sees_all=sees_all,
            sees_own=sees_own,
            needs_start=reading.needs_start,
            variables=named,
        )

    def _direct(self, tree: Tree, lookups: Sequence[Lookup]) -> Direct | None:
        for lookup in lookups:
            for link_id in lookup.links or ():
                layout = self.layouts.get(link_id)
                # An answer without a value may hold children; FHIRPath counts it, so ask FHIRPath.
                if layout is None or layout.children or not layout.is_question:
                    return None
            if lookup.links is None:
                return None
        return direct(tree, lookups)
