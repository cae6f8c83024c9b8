"""Every address of the site with ids put in: what the tests of headers, walls and attacks walk through."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from identity.audience import Audience

# What stands for a parameter where a test has nothing better; an id is one that nobody has.
NOBODYS = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "int": "1",
    "str": "0000",
    "path": "x/y",
    "slug": "x",
}


@dataclass(frozen=True)
class Pattern:
    """One URL pattern: its route from the root, and the converter of each of its parameters."""

    route: str
    name: str
    parameters: tuple[tuple[str, str], ...]

    def address(self, given: Mapping[str, object]) -> str:
        """The address with `given` for parameters by name, and nobody's ids for the rest."""
        made = self.route
        for name, converter in self.parameters:
            value = given.get(name, NOBODYS.get(converter, "0000"))
            for written in (f"<{converter}:{name}>", f"<{name}>"):
                made = made.replace(written, str(value))
        return "/" + made

    def addresses(self) -> Iterator[str]:
        """With nobody's ids; one for each kind of person where the kind stands in the address."""
        if any(converter == "audience" for _, converter in self.parameters):
            yield from (self.address({"audience": audience}) for audience in Audience)
        else:
            yield self.address({})


def patterns() -> list[Pattern]:
    """All of the project, in their order."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(found: list[URLPattern | URLResolver], before: str, namespace: str) -> Iterator[Pattern]:
    for each in found:
        if not isinstance(each.pattern, RoutePattern):
            raise TypeError(f"{each.pattern} is a regular expression: teach this module to fill it in")
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _walk(each.url_patterns, route, inner)
        else:
            yield Pattern(
                route=route,
                name=f"{namespace}{each.name}",
                parameters=tuple(_parameters(route)),
            )


def _parameters(route: str) -> Iterator[tuple[str, str]]:
    for part in route.split("<")[1:]:
        converter, _, name = part.partition(">")[0].rpartition(":")
        yield name, converter or "str"
