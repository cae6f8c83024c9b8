"""The outline of a questionnaire as HTML, and what of it has to change on the screen.

Drawn by hand and flat: a questionnaire of 500 elements is 500 lines, and an act changes a few of them.
"""

from collections.abc import Sequence
from urllib.parse import quote

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from kam.builder_words import KINDS
from kommunalpro.templatetags.fields import field_id
from questionnaires.authoring.deltas import shared_ends
from questionnaires.authoring.kinds import GROUPS
from questionnaires.authoring.outline import Row, rows_between
from questionnaires.authoring.tree import Json

TREE_ID = "outline"


def row_id(link_id: str) -> str:
    """What the row of an element is called in HTML."""
    return f"row-{field_id(link_id).removeprefix('f-')}"


def drawn(rows: Sequence[Row], selected: str = "") -> SafeString:
    """All rows."""
    words = _Words()
    return mark_safe("".join(_row(row, selected, words) for row in rows))  # noqa: S308 - escaped piece by piece


def patches(before: Json, after: Json, selected: str) -> SafeString:
    """What htmx has to put elsewhere on the page, so that the outline says `after` where it said `before`."""
    above, gone, come = rows_between(before, after)
    old, new = [_look(row) for row in gone], [_look(row) for row in come]
    start, end = shared_ends(old, new)
    above = come[start - 1] if start else above
    gone, come = gone[start : len(gone) - end], come[start : len(come) - end]
    words = _Words()
    if [row.link_id for row in gone] == [row.link_id for row in come]:
        changed = (_row(row, selected, words, ' hx-swap-oob="true"') for row in come)
        return mark_safe("".join(changed))  # noqa: S308 - escaped piece by piece
    out = "".join(f'<li id="{row_id(row.link_id)}" hx-swap-oob="delete"></li>' for row in gone)
    where = f"afterend:#{row_id(above.link_id)}" if above else f"afterbegin:#{TREE_ID}"
    put = "".join(_row(row, selected, words) for row in come)
    return mark_safe(out + (f'<ul hx-swap-oob="{where}">{put}</ul>' if put else ""))  # noqa: S308 - the same


class _Words:
    """The few words that all rows share, in the language of the screen, looked up once."""

    def __init__(self) -> None:
        self.kinds = {kind: str(escape(words)) for kind, words in KINDS.items()}
        self.empty = str(escape(_("Uden tekst")))
        self.required = str(escape(_("skal besvares")))
        self.conditional = str(escape(_("har betingelser")))


def _mark(sign: str, words: str) -> str:
    return f'<span class="mark" aria-hidden="true">{sign}</span><span class="sr-only">, {words}</span>'


def _look(row: Row) -> tuple[object, ...]:
    return row.link_id, row.depth, row.kind, row.text, row.is_required, row.has_conditions


def _row(row: Row, selected: str, words: _Words, attributes: str = "") -> str:
    kind = words.kinds[row.kind]
    marks = ""
    if row.is_required:
        marks += _mark("*", words.required)
    if row.has_conditions:
        marks += _mark("⤷", words.conditional)
    text = escape(row.text[:200]) if row.text else f"<i>{words.empty}</i>"
    holds = " data-holds" if row.kind in GROUPS else ""
    chosen = "true" if row.link_id == selected else "false"
    return (
        f'<li role="none" id="{row_id(row.link_id)}"{attributes}>'
        f'<a role="treeitem" class="outline-row is-{row.kind.value} depth-{min(row.depth, 8)}" aria-level="{row.depth}"'
        f' aria-selected="{chosen}" href="?valgt={quote(row.link_id, safe="")}" data-id="{escape(row.link_id)}"{holds}>'
        f'<span class="outline-text">{text}</span><span class="sr-only"> ({kind})</span>{marks}</a></li>'
    )
