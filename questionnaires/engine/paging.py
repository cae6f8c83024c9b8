"""How a questionnaire is cut into pages: a section, a single question, or everything at one time.

FHIR has words for the page of a single group (item control `page`), none for a whole questionnaire. So the choice
stands on the questionnaire as an extension of ours, and travels with it through export and import:

    {"url": "https://kommunalpro.dk/fhir/StructureDefinition/questionnaire-paging", "valueCode": "questions"}

Absent, the questionnaire has a page for each section.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from .definition import Item, ItemControl, ItemType, Page, Paging

PAGING = "https://kommunalpro.dk/fhir/StructureDefinition/questionnaire-paging"

_TABLES = (ItemControl.TABLE, ItemControl.HTABLE, ItemControl.GTABLE, ItemControl.ATABLE)


def sections_of(items: Iterable[Item]) -> tuple[Page, ...]:
    """One for each top-level group, one for each run of loose items between groups.

    What is hidden makes no section of its own.
    """
    found: list[Page] = []
    visible = [item for item in items if _is_shown(item)]
    for is_group, run in groupby(visible, key=lambda item: item.type is ItemType.GROUP):
        if is_group:
            for group in run:
                number = len(found) + 1
                found.append(Page(group.link_id, number, group.heading, group.items, group, section=number))
        else:
            number = len(found) + 1
            found.append(Page(f"page-{number}", number, "", tuple(run), section=number))
    return tuple(found)


def pages_of(sections: Sequence[Page], paging: Paging) -> tuple[Page, ...]:
    """The pages that people see at one time."""
    match paging:
        case Paging.SECTIONS:
            return tuple(sections)
        case Paging.WHOLE:
            items = [item for page in sections for item in ((page.group,) if page.group else page.items)]
            return (Page("page-1", 1, "", tuple(items), section=1),) if items else ()
        case Paging.QUESTIONS:
            return tuple(
                Page(page.link_id, number, page.title, page.items, page.group, page.groups, page.section)
                for number, page in enumerate(_one_by_one(sections), 1)
            )


def _one_by_one(sections: Iterable[Page]) -> Iterator[Page]:
    for section in sections:
        if section.group is not None and _stays_whole(section.group):
            yield section
            continue
        groups = (section.group,) if section.group is not None else ()
        for above, items in _together(section.items, groups):
            named = next((item for item in items if _is_asked(item)), items[0])
            yield Page(named.link_id, 0, section.title, tuple(items), groups=above, section=section.section)


def _together(
    items: Iterable[Item], groups: tuple[Item, ...]
) -> Iterator[tuple[tuple[Item, ...], list[Item]]]:
    """(the groups above, what stands on one page): a question with all below it, and the texts about it.

    A text that is shown because of the question before it stays with that question, as does what was worked out from
    it; other texts lead to the question after them.
    """
    found: list[tuple[tuple[Item, ...], list[Item]]] = []
    texts: list[Item] = []
    last: list[Item] | None = None
    for item in items:
        if not _is_shown(item):
            continue
        if item.type is ItemType.GROUP and not _stays_whole(item):
            if texts:
                found.append((groups, texts))
            found.extend(_together(item.items, (*groups, item)))
            texts, last = [], None
        elif _is_asked(item):
            last = [*texts, item]
            found.append((groups, last))
            texts = []
        elif last is not None and not texts and _belongs_to(item, last):
            last.append(item)
        else:
            texts.append(item)
    if texts and last is not None:
        last.extend(texts)
    elif texts:
        found.append((groups, texts))
    yield from found


def _belongs_to(text: Item, page: Sequence[Item]) -> bool:
    here = {item.link_id for top in page for item in top.walk()}
    return text.type.is_question or any(condition.question in here for condition in text.enable_when)


def _stays_whole(group: Item) -> bool:
    """Does it make sense in one piece only: rows, a table, or a rule about the group itself?

    A required group asks for at least one answer. It may be taken apart where one of its questions asks for its own.
    """
    if group.repeats or group.control in _TABLES or group.constraints or not group.items:
        return True
    return group.required and not any(
        item.required and item.is_asked and not (item.enable_when or item.enable_when_expression)
        for item in group.items
    )


def _is_asked(item: Item) -> bool:
    return any(one.is_asked for one in item.walk())


def _is_shown(item: Item) -> bool:
    if item.is_concealed:
        return False
    if item.type is ItemType.GROUP and item.items:
        return any(_is_shown(child) for child in item.items)
    return True
