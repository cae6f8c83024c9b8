"""What the intervals of a form's scores are called, where its decision support is on (docs/adr/0016).

A definition of which nobody approved the decision support has no bands (`definition_of`): no figure gets a name then.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from questionnaires.engine import Definition
from questionnaires.engine.score_bands import ScoreBand, read_score_bands


def bands_in(definition: Definition) -> dict[str, tuple[ScoreBand, ...]]:
    """The bands of each item that has any, by link id."""
    return {
        json["linkId"]: bands
        for json in _items(definition.source)
        if json.get("linkId") in definition.by_link_id and (bands := read_score_bands(json))
    }


def _items(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in node.get("item", ()):
        yield item
        yield from _items(item)
