"""A questionnaire tried as a citizen would answer it: what the page's form says, and what follows from it.

Nothing is stored: the answers so far travel in the form itself (`answers`), as the JSON of a draft.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.templatetags.languages import own_name
from questionnaires import engine, services
from questionnaires.controls import Control
from questionnaires.engine import Definition, Evaluation, Issue, Page
from questionnaires.engine.explaining import Explanation, explain
from questionnaires.form_reading import RowChange, form_fields, lines_shown, rows_shown, units_waiting
from questionnaires.item_views import ItemView, PageView
from questionnaires.rendering import pages_to_show, render_page

ANSWERS, WAY, PAGE, WORDS, WIDTH, GO = "answers", "way", "page", "words", "width", "go"
LARGEST_ANSWERS = 400_000


class Way(StrEnum):
    """How much of the questionnaire is shown at a time."""

    PAGES = "pages"
    ALL = "all"


class Width(StrEnum):
    """How wide the citizen's screen is."""

    PHONE = "phone"
    DESKTOP = "desktop"


@dataclass(frozen=True, slots=True)
class Choices:
    """How it is looked at. `words` is a language tag, "" for the questionnaire's own."""

    way: Way = Way.PAGES
    width: Width = Width.PHONE
    words: str = ""

    @classmethod
    def of(cls, said: QueryDict, languages: Sequence[str]) -> "Choices":
        """What the form, or the address, asks for; anything else is the usual."""
        return cls(
            way=next((way for way in Way if way == said.get(WAY)), Way.PAGES),
            width=next((width for width in Width if width == said.get(WIDTH)), Width.PHONE),
            words=next((code for code in languages if code == said.get(WORDS)), ""),
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """The answers as they stand. `page` is the one to show, None after the last; `problems` stand at their fields."""

    definition: Definition
    document: Mapping[str, Any]
    evaluation: Evaluation
    page: Page | None = None
    problems: tuple[Issue, ...] = ()
    raw: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def answers(self) -> str:
        """The draft as the form carries it."""
        return json.dumps(self.document, ensure_ascii=False, separators=(",", ":"))

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages that a citizen would be shown now."""
        return pages_to_show(self.definition, self.evaluation, self.document)

    def views(self, worded: Definition, choices: "Choices") -> list[PageView]:
        """What the frame shows, in the words of `worded`."""
        if choices.way is Way.ALL:
            pages = worded.sections
        else:
            here = self.page.number if self.page is not None else None
            pages = tuple(page for page in worded.pages if page.number == here)
        views = (
            render_page(
                worded,
                page,
                self.document,
                problems=self.problems,
                raw=self.raw,
                lines=self.lines,
                units=self.units,
            )
            for page in pages
        )
        return [_on_a_phone(view) if choices.width is Width.PHONE else view for view in views]

    def explanations(self) -> tuple[Explanation, ...]:
        return explain(self.definition, self.document, self.evaluation, now=timezone.now())


def _on_a_phone(page: PageView) -> PageView:
    """Without tables: on a phone questions on the same scale come one by one, which a window's own width decides."""

    def one_by_one(items: tuple[ItemView, ...]) -> tuple[ItemView, ...]:
        return tuple(
            replace(
                item,
                items=one_by_one(item.items),
                control=Control.GROUP if item.control is Control.MATRIX else item.control,
            )
            for item in items
        )

    return replace(page, items=one_by_one(page.items))


def begin(definition: Definition) -> Trial:
    """Nobody has answered anything."""
    document = engine.new_response(definition, now=timezone.now())
    return _at(definition, document, None)


def read(definition: Definition, post: QueryDict, way: Way) -> Trial:
    """The answers that the form had, with what was changed on it; and the page that it asks for."""
    document = _carried(definition, post)
    document = services.with_rows(definition, document, rows_shown(definition, post))
    raw: dict[str, list[str]] = {}
    for page in definition.sections:
        raw |= form_fields(definition, page, post, document=document)
    document, problems = services.apply_fields(definition, document, raw)
    for page in definition.sections:
        if (rows := RowChange.asked_by(definition, page, post)) is not None:
            document = services.change_rows(definition, document, rows)
    said = post.get(PAGE, "")
    current = next((page for page in definition.pages if str(page.number) == said), None)
    trial = _at(
        definition,
        document,
        current,
        problems=problems,
        raw=raw,
        lines=lines_shown(post),
        units=units_waiting(post),
    )
    return trial if way is Way.ALL else _moved(trial, post.get(GO, ""), is_over=said == "0")


def _at(definition: Definition, document: Mapping[str, Any], page: Page | None, **more: Any) -> Trial:
    evaluation = engine.evaluate(definition, document, now=timezone.now())
    trial = Trial(definition, document, evaluation, page, **more)
    return trial if page is not None else _on(trial, next(iter(trial.pages), None))


def _on(trial: Trial, page: Page | None, problems: tuple[Issue, ...] | None = None) -> Trial:
    return replace(trial, page=page, problems=trial.problems if problems is None else problems)


def _moved(trial: Trial, go: str, *, is_over: bool) -> Trial:
    """One page on or back, as a citizen goes: not on before the page is in order."""
    pages, here = trial.pages, trial.page
    if is_over:
        return _on(trial, pages[-1] if go == "back" and pages else None)
    if here is None:
        return trial
    if go == "back":
        return _on(trial, next((page for page in reversed(pages) if page.number < here.number), here), ())
    if go != "next":
        return trial
    wrong = _wrong_on(trial, here)
    if wrong or trial.problems:
        return _on(trial, here, (*trial.problems, *wrong))
    return _on(trial, next((page for page in pages if page.number > here.number), None))


def _wrong_on(trial: Trial, page: Page) -> tuple[Issue, ...]:
    here = {item.link_id for item in page.walk()}
    errors = services.submission_of(trial.definition, trial.document).errors
    return tuple(issue for issue in errors if issue.link_id in here)


def _carried(definition: Definition, post: QueryDict) -> dict[str, Any]:
    """The draft that the form carried; a new one where it carried none that could be read."""
    said = post.get(ANSWERS, "")
    if said and len(said) <= LARGEST_ANSWERS:
        carried, unreadable = engine.read_json(said.encode("utf-8", "replace"), what="response")
        if (
            unreadable is None
            and isinstance(carried, dict)
            and carried.get("resourceType") == "QuestionnaireResponse"
        ):
            return carried
    return engine.new_response(definition, now=timezone.now())


# --- beside the frame ---------------------------------------------------------------------------------------------


def results(trial: Trial) -> dict[str, Any]:
    """Scores, colours and feedback, as the page lists them; in the form's own words."""
    definition, evaluation = trial.definition, trial.evaluation
    language = get_language() or "da"
    colours: dict[str, str] = {}
    for one in sorted(evaluation.significance, key=lambda each: each.colour.urgency):
        colours[one.link_id] = one.colour.value
    told: dict[str, list[str]] = {}
    for given in evaluation.feedback:
        told.setdefault(given.link_id, []).append(given.text)
    scored = {score.link_id for score in evaluation.scores}
    return {
        "scores": [
            {
                "name": score.name,
                "value": engine.display_value(
                    definition.by_link_id[score.link_id], evaluation.calculated[score.link_id], language
                ),
                "of": score_range(score, language),
                "colour": colours.get(score.link_id, ""),
                "feedback": told.get(score.link_id, ()),
                "is_estimated": score.is_estimated,
            }
            for score in evaluation.scores
        ],
        "withheld": [
            {"name": one.name, "reason": one.reason.text(language)} for one in evaluation.withheld_scores
        ],
        "colours": [
            {
                "name": definition.by_link_id[one.link_id].label,
                "answer": engine.display_value(definition.by_link_id[one.link_id], one.answer, language),
                "colour": one.colour.value,
            }
            for one in evaluation.significance
            if one.link_id not in scored
        ],
        "feedback": [
            {"name": definition.by_link_id[link_id].label, "texts": texts}
            for link_id, texts in told.items()
            if link_id not in scored
        ],
    }


def score_range(score: engine.Score, language: str) -> str:
    """“på en skala fra 0 til 27”; nothing where the form does not say it."""
    if score.minimum is None or score.maximum is None:
        return ""
    low, high = (engine.number_text(end, language) for end in (score.minimum, score.maximum))
    return _("på en skala fra %(low)s til %(high)s") % {"low": low, "high": high}


def language_choices(own: str, others: Sequence[str]) -> list[tuple[str, str]]:
    """The questionnaire's languages to choose from, each by what it calls itself."""
    return [("", own_name(own)), *((code, own_name(code)) for code in others)]
