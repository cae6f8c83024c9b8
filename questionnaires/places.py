"""Where on a page a question stands: its link id and the rows it is in, as one address for fields, errors and links.

    address_of("dose", ("k3f9a2c1",))      "dose#k3f9a2c1"
    place_at(definition, "dose#k3f9a2c1")  Place("dose", ("k3f9a2c1",))

A question in no row has its link id for an address, so nothing is longer than it must be. A link id that holds a `#`
itself always has another one behind it: no two places share an address.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from questionnaires import engine
from questionnaires.engine import AnswerValue, Definition, Item, Rows

FIELD_PREFIX = "a:"
_ROWS = "#"
_BETWEEN = ","
# An address is a link id and some keys; nobody's form has a longer one.
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Place:
    """An item in its rows."""

    link_id: str
    rows: Rows = ()

    @property
    def address(self) -> str:
        """Its name in forms and links."""
        return address_of(self.link_id, self.rows)


def address_of(link_id: str, rows: Rows = ()) -> str:
    """The name of a place in forms and links."""
    if not rows and _ROWS not in link_id:
        return link_id
    return f"{link_id}{_ROWS}{_BETWEEN.join(rows)}"


def may_be_in_rows(address: str) -> bool:
    """Is it worth looking? Nearly always it is not."""
    return _ROWS in address


def place_at(definition: Definition, address: str) -> Place | None:
    """The place with this address; None where the questionnaire has none such."""
    if not may_be_in_rows(address):
        return _outside_rows(definition, address) if address in definition.by_link_id else None
    return _place(definition, address, inner=0)


def row_at(definition: Definition, address: str) -> Place | None:
    """The row of a repeating group with this address (its own key is the last of `rows`); None where there is none."""
    return _place(definition, address, inner=1)


@lru_cache(maxsize=20_000)
def _outside_rows(definition: Definition, link_id: str) -> Place | None:
    return None if engine.outer_rows(definition, link_id) else Place(link_id)


def _place(definition: Definition, address: str, *, inner: int) -> Place | None:
    if len(address) > _LONGEST:
        return None
    link_id, _mark, keys = address.rpartition(_ROWS) if _ROWS in address else (address, "", "")
    rows = tuple(keys.split(_BETWEEN)) if keys else ()
    if link_id not in definition.by_link_id or not all(engine.is_key(key) for key in rows):
        return None
    item = definition.by_link_id[link_id]
    if inner and not (engine.has_rows(item) and not item.type.is_question):
        return None
    return Place(link_id, rows) if len(rows) == engine.outer_rows(definition, link_id) + inner else None


def field_name(address: str) -> str:
    """What the form fields of a place are called."""
    return f"{FIELD_PREFIX}{address}"


def new_key() -> str:
    """A key for a row, unlike any other."""
    return f"k{secrets.token_hex(4)}"


def answers_at(definition: Definition, document: Mapping[str, Any], place: Place) -> tuple[AnswerValue, ...]:
    """The answers in a place; none where its row is not there."""
    if not place.rows:
        return engine.answers_of(document, place.link_id)
    found = engine.find_rows(definition, document, place.link_id, place.rows)
    return () if found.missing else engine.answers_of(document, place.link_id, within=found.within)


def with_answers_at(
    definition: Definition, document: dict[str, Any], place: Place, answers: Sequence[AnswerValue]
) -> dict[str, Any]:
    """The document with the answers in a place; rows that are missing are made."""
    if not place.rows:
        return engine.with_answers(definition, document, place.link_id, answers)
    found = engine.find_rows(definition, document, place.link_id, place.rows)
    for group, rows in found.missing:
        document = engine.with_row(definition, document, group, rows)
    if found.missing:
        found = engine.find_rows(definition, document, place.link_id, place.rows)
    return engine.with_answers(definition, document, place.link_id, answers, within=found.within)


def item_at(definition: Definition, place: Place) -> Item:
    """The item of a place."""
    return definition.by_link_id[place.link_id]
