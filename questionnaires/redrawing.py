"""Which questions of a page look otherwise once an answer has been saved: those alone are drawn anew.

    views = redraw(definition, page, occurrences, shown=shown_with(request.POST), raw=fields, …)
    if views is None: …the whole page is drawn

The page in the browser says from which answers each of its questions and figures was drawn (`shown`). Where it shows
the same ones as it would now, what has to be drawn is what was drawn from other answers than there are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from questionnaires.controls import Control, control_of
from questionnaires.engine import (
    Definition,
    Evaluation,
    ItemType,
    Occurrence,
    Occurrences,
    Page,
    has_rows,
    rows_of,
)
from questionnaires.fingerprints import answers_fingerprint
from questionnaires.places import address_of
from questionnaires.rendering import ItemView, Renderer, children_on

# What they show depends on more than their answer.
_DRAWN_WITH_THEIR_PAGE = frozenset({Control.SEARCH, Control.LINES, Control.FILE})


class _IsMoreThanAnswers(Exception):
    """Something on the page shows more than its answer."""


def redraw(
    definition: Definition,
    page: Page,
    occurrences: Occurrences,
    *,
    evaluation: Evaluation,
    shown: Mapping[str, str],
    raw: Mapping[str, Sequence[str]],
    units: Mapping[str, Sequence[str]],
) -> tuple[ItemView, ...] | None:
    """What has to be drawn anew of a page without errors; None where the page has to be drawn as a whole.

    `occurrences` and `evaluation` are of the answers after a save. `shown` maps the addresses of what the page shows,
    in its order, to the fingerprints of the answers that it was drawn from. `raw` is what its fields say (a date that
    is being written stays), `units` are those chosen beside numbers that are not written yet.
    """
    try:
        now = {
            address_of(one.layout.link_id, rows_of(one)): one
            for one in _visible(children_on(page, occurrences))
        }
    except _IsMoreThanAnswers:
        return None
    if list(now) != list(shown):
        return None
    changed = [one for address, one in now.items() if answers_fingerprint(one.effective) != shown[address]]
    renderer = Renderer.of(definition, page, evaluation, raw=raw, units=units)
    views = tuple(view for one in changed if (view := renderer.leaf(one)) is not None)
    return views if len(views) == len(changed) else None


def _visible(children: Iterable[Occurrence]) -> Iterator[Occurrence]:
    """The questions and texts among them and below them that are shown, in the page's order."""
    for one in children:
        if not one.enabled or one.item.is_concealed:
            continue
        if (has_rows(one.item) or len(one.scopes) > 1) or one.item.answer_expression is not None:
            raise _IsMoreThanAnswers
        if one.item.type is not ItemType.GROUP:
            if control_of(one.item) in _DRAWN_WITH_THEIR_PAGE:
                raise _IsMoreThanAnswers
            if one.item.is_asked or one.item.type is ItemType.DISPLAY or one.effective:
                yield one
        for scope in one.scopes:
            yield from _visible(scope.all_children)
