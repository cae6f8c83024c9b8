"""The list of steps beside the questions: the sections of a questionnaire and its summary, each with its name.

A questionnaire with one question a page has as many steps as it has sections, and says “Spørgsmål 7 af 40” over them.
What is not asked now is not counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from citizens.answering import Answering
from questionnaires.engine import Definition, Page, Paging
from questionnaires.rendering import language_of


@dataclass(frozen=True, slots=True)
class Steps:
    """What `{% step_indicator %}` takes: the steps, and where the citizen is in words where these do not say it."""

    steps: list[dict[str, Any]]
    progress: str = ""


def steps_of(
    answering: Answering,
    current: Page | None,
    *,
    words: Definition,
    address_of: Callable[[Page | None], str],
) -> Steps:
    """The steps of a draft; `current` is None on the summary itself.

    `words` is the definition in the language that is shown, `address_of` the address of a page, or of the summary.
    """
    steps: list[dict[str, Any]] = []
    is_open = True  # may one go there: is everything before it in order?
    for number, run in groupby(answering.pages, key=lambda page: page.section):
        pages = list(run)
        wrong = [bool(answering.problems_on(page)) for page in pages]
        is_done = not any(wrong) and any(answering.answered_on(page) for page in pages)
        is_here = current is not None and current.section == number
        title = "" if words.paging is Paging.WHOLE else words.sections[number - 1].title
        steps.append(
            {
                "text": title or _("Spørgsmål"),
                "language": language_of(words) if title else "",
                "state": "current" if is_here else "done" if is_done else "todo",
                "href": address_of(pages[0]) if is_open else "",
            }
        )
        is_open = is_open and not any(wrong)
    steps.append(
        {
            "text": _("Se svarene igennem"),
            "state": "todo" if current is not None else "current",
            "href": address_of(None) if not answering.problems else "",
        }
    )
    return Steps(steps=steps, progress=_progress(answering, current))


def _progress(answering: Answering, current: Page | None) -> str:
    """“Spørgsmål 7 af 40”; nothing on a page where nothing is asked, nor where the steps say it."""
    if current is None or answering.definition.paging is not Paging.QUESTIONS:
        return ""
    asking = [page for page in answering.pages if answering.asks_on(page)]
    if current not in asking:
        return ""
    return _("Spørgsmål %(number)s af %(total)s") % {
        "number": asking.index(current) + 1,
        "total": len(asking),
    }
