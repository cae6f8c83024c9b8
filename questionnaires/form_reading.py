"""What a page's form says: the raw values of its fields by their questions' addresses (`questionnaires.places`)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.http import QueryDict

from questionnaires import engine
from questionnaires.controls import Control, control_of
from questionnaires.engine import Definition, Item, ItemType, Page
from questionnaires.places import (
    FIELD_PREFIX,
    Place,
    answers_at,
    field_name,
    new_key,
    place_at,
    row_at,
)

ASKED = "asked"
# “address, space, fingerprint of the answers it was shown with”, one for each question, text and figure.
SHOWN = "shown"
CLEAR = "clear"
# In a long list: what is typed to find an option, and what it was when the page was shown.
QUERY_PREFIX = "s:"
SEARCHED_PREFIX = "w:"
ROW = "row"
# The unit of a number, where there is a choice; of a question with several lines one for each.
UNIT_PREFIX = "u:"
# Day, month and year of a date.
DATE_PREFIXES = ("d:", "m:", "y:")
LONGEST_PART = 5
# Buttons: the address of a group to have one more row, of a row to have no more, of a question to have one more line.
ADD_ROW, REMOVE_ROW, ADD_LINE = "add-row", "remove-row", "add-line"
# What is written in a row is taken away by a second button only.
REMOVE_ROW_NOW = "remove-row-now"
# “number of the line from 0, space, address of the question”.
REMOVE_LINE = "remove-line"


def form_fields(
    definition: Definition, page: Page, post: QueryDict, *, document: Mapping[str, Any] | None = None
) -> dict[str, list[str]]:
    """Address → what the form says of each question it showed; [] for what is empty, unticked or cleared.

    With `document` (the answers before), an option that excludes the others gives way to one ticked after it.
    """
    cleared = frozenset(post.getlist(CLEAR))
    removed = _removed_lines(post)
    fields: dict[str, list[str]] = {}
    for place, item in _places_shown(definition, page, post):
        name = field_name(place.address)
        said = post.getlist(name)
        if item.unit_choices:
            said = _with_units(item, said, post.getlist(f"{UNIT_PREFIX}{place.address}"))
        if (number := removed.get(place.address)) is not None:
            said = [*said[:number], *said[number + 1 :]]
        values = [] if name in cleared else [value for value in said if value.strip()]
        if control_of(item) is Control.DATE and name not in post:
            values = _date_in_parts(place.address, post)
        if control_of(item) is Control.SEARCH:
            values = _searched(place.address, item, values, post)
        if control_of(item) is Control.NUMBER_LINE:
            # HTML's number fields write 1.250 for one and a quarter, which people write for a thousand.
            values = [value.replace(".", ",") for value in values]
        if len(values) > 1 and any(option.exclusive for option in item.options):
            before = answers_at(definition, document, place) if document is not None else ()
            values = _without_excluded(item, values, engine.form_values(item, before))
        fields[place.address] = values
    return fields


def _with_units(item: Item, numbers: Sequence[str], units: Sequence[str]) -> list[str]:
    """Each number with the unit chosen beside it: `154 [lb_av]`. One that was written with its unit keeps that."""
    return [
        f"{number} {unit}" if number.strip() and unit and not engine.split_unit(item, number)[1] else number
        for number, unit in zip_longest(numbers, units[: len(numbers)], fillvalue="")
    ]


def _date_in_parts(address: str, post: QueryDict) -> list[str]:
    """The three fields of a date as one text; a whole date in one of them is a whole date."""
    parts = [post.get(f"{prefix}{address}", "").strip() for prefix in DATE_PREFIXES]
    filled = [part for part in parts if part]
    if len(filled) == 1 and len(filled[0]) > LONGEST_PART:
        return filled
    return ["-".join(parts)] if filled else []


def is_half_a_date(values: Sequence[str]) -> bool:
    """Is a date in three fields still being written? Then nothing is wrong with it yet."""
    parts = values[0].split("-") if len(values) == 1 else []
    return len(parts) == len(DATE_PREFIXES) and not all(parts)


def _searched(address: str, item: Item, values: list[str], post: QueryDict) -> list[str]:
    """What is chosen of a long list; or what was typed, if that is newer than what the list below it was found by.

    Typed words that are an option's name are the answer; others cannot be read, and the page shows what they find.
    """
    typed = post.get(f"{QUERY_PREFIX}{address}", "").strip()
    if not typed or typed == post.get(f"{SEARCHED_PREFIX}{address}", "").strip():
        return values
    return [*values, typed] if item.repeats else [typed]


def _places_shown(definition: Definition, page: Page, post: QueryDict) -> Iterator[tuple[Place, Item]]:
    """The questions of the page that the form showed, in the page's order; rows in the form's."""
    shown: dict[str, dict[str, Place]] = {}
    named = (name.removeprefix(FIELD_PREFIX) for name in post if name.startswith(FIELD_PREFIX))
    for address in (*post.getlist(ASKED), *named):
        place = place_at(definition, address)
        if place is not None:
            shown.setdefault(place.link_id, {}).setdefault(address, place)
    for item in page.walk():
        if (
            item.is_asked and item.type is not ItemType.ATTACHMENT
        ):  # files come apart (`questionnaires.uploads`)
            for place in shown.get(item.link_id, {}).values():
                yield place, item


def shown_with(post: QueryDict) -> dict[str, str]:
    """Address → the fingerprint of the answers with which the form was shown."""
    pairs = (said.rpartition(" ") for said in post.getlist(SHOWN))
    return {address: printed for address, _space, printed in pairs if address}


def lines_shown(post: QueryDict) -> dict[str, int]:
    """Address → how many fields the form had for it, filled in or not; and one more, or less, where a button asks.

    A question that takes several answers has one field for each: those that are empty are nowhere but in the form.
    """
    counts = {
        name.removeprefix(FIELD_PREFIX): len(post.getlist(name))
        for name in post
        if name.startswith(FIELD_PREFIX)
    }
    for address in post.getlist(ADD_LINE):
        counts[address] = counts.get(address, 1) + 1
    for address in _removed_lines(post):
        counts[address] = counts.get(address, 1) - 1
    return counts


def units_waiting(post: QueryDict) -> dict[str, list[str]]:
    """Address → the units chosen beside its empty fields: they wait for a number, and are nowhere but in the form."""
    waiting: dict[str, list[str]] = {}
    removed = _removed_lines(post)
    for name in post:
        if not name.startswith(UNIT_PREFIX):
            continue
        address = name.removeprefix(UNIT_PREFIX)
        fields = zip(post.getlist(field_name(address)), post.getlist(name), strict=False)
        for number, (typed, unit) in enumerate(fields):
            if not typed.strip() and number != removed.get(address):
                waiting.setdefault(address, []).append(unit)
    return waiting


def says_more_than_answers(definition: Definition, post: QueryDict) -> bool:
    """Does the form say what would be gone on a page drawn from the answers: a line to add, a unit chosen first?"""
    return ADD_LINE in post or any(
        unit != engine.unit_key(choices[0])
        for address, units in units_waiting(post).items()
        if (place := place_at(definition, address)) is not None
        and (choices := definition.by_link_id[place.link_id].unit_choices)
        for unit in units
    )


def _removed_lines(post: QueryDict) -> dict[str, int]:
    pairs = (said.partition(" ") for said in post.getlist(REMOVE_LINE))
    return {
        address: int(number) for number, _space, address in pairs if number.isdecimal() and len(number) < 5
    }


def rows_shown(definition: Definition, post: QueryDict) -> list[Place]:
    """The rows that the form had, filled in or not: for those who keep nothing but the form."""
    places = (row_at(definition, address) for address in post.getlist(ROW))
    return [place for place in places if place is not None]


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a button asks for: one more row of a group, or one row less. `None` where none does."""

    added: Place | None = None
    removed: Place | None = None

    @property
    def focus(self) -> Place:
        """Where to go on: in the row that came; where one went, at its group."""
        if self.added is not None:
            return self.added
        row = self.removed
        assert row is not None  # noqa: S101 - one of the two is there
        return Place(row.link_id, row.rows[:-1])

    def has_to_be_confirmed(
        self, definition: Definition, post: QueryDict, fields: Mapping[str, Sequence[str]]
    ) -> bool:
        """Would something that is written be gone at a slip of the hand?"""
        row = self.removed
        if row is None or REMOVE_ROW_NOW in post:
            return False
        filled = (place_at(definition, address) for address, values in fields.items() if values)
        return any(place is not None and place.rows[: len(row.rows)] == row.rows for place in filled)

    @classmethod
    def asked_by(cls, definition: Definition, page: Page, post: QueryDict) -> "RowChange | None":
        """What the button that sent the form asks for; the group stands on the page."""
        here = {item.link_id for item in page.walk() if item.repeats and not item.type.is_question}
        group = place_at(definition, post.get(ADD_ROW, ""))
        if group is not None and group.link_id in here:
            return cls(added=Place(group.link_id, (*group.rows, new_key())))
        row = row_at(definition, post.get(REMOVE_ROW_NOW, post.get(REMOVE_ROW, "")))
        return cls(removed=row) if row is not None and row.link_id in here else None


def _without_excluded(item: Item, values: list[str], before: Sequence[str]) -> list[str]:
    """“None of these” stands alone: it clears the others, unless it was there before and another one came."""
    exclusive = [option.key for option in item.options if option.exclusive and option.key in values]
    if not exclusive or len(values) == 1:
        return values
    newly = [key for key in exclusive if key not in before]
    if newly:
        return newly[:1]
    others = [value for value in values if value not in exclusive]
    return others if any(value not in before for value in others) else exclusive[:1]
