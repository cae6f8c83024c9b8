"""Where an employee is in answers that they enter: the pages of the questionnaire, what is saved, what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from citizens.answering import Answering
from citizens.steps import Steps, steps_of
from plans.models import Task
from questionnaires import uploads
from questionnaires.engine import Issue, Page
from questionnaires.form_reading import RowChange, lines_shown, units_waiting
from questionnaires.models import Response
from questionnaires.page_forms import PageForm, focus_after, missing_of, news_of
from questionnaires.places import Place
from questionnaires.rendering import PageView, render_page
from questionnaires.services import locked


@dataclass(frozen=True, slots=True)
class Entering:
    """A task whose answers are being entered.

    `fields` is what the last form said, `unread` its fields that could not be read, `contested` what it and another
    window answered differently, with the fingerprints the form began from. `rows`: the row that was added or removed;
    `going`: one to ask about before it is removed; `lines`: how many lines each list of answers shows; `units`:
    those chosen beside numbers that are not written yet.
    """

    task: Task
    response: Response
    answering: Answering
    fields: Mapping[str, Sequence[str]] | None = None
    unread: tuple[Issue, ...] = ()
    contested: Mapping[str, str] = field(default_factory=dict)
    rows: RowChange | None = None
    going: Place | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, task: Task, response: Response) -> "Entering":
        """The draft as it stands."""
        return cls(
            task=task,
            response=response,
            answering=Answering.of(task.activity.version, response.document),
        )

    @property
    def is_clear(self) -> bool:
        """Could everything be read and saved?"""
        return not (self.unread or self.contested)

    def saved(
        self, page: Page, post: QueryDict, files: "MultiValueDict[str, UploadedFile[bytes]]", *, at: datetime
    ) -> "Entering":
        """Save what the page's form says, and go on from there."""
        definition = self.answering.definition
        sent = uploads.sent_with(definition, page, post, files)
        form = PageForm.read(definition, page, post, document=self.answering.document)
        with transaction.atomic():
            saved = form.saved_to(locked(self.response), sent, at=at)
        return replace(
            Entering.of(self.task, saved.response),
            fields=form.fields,
            unread=saved.issues,
            contested=form.contested(saved),
            rows=form.rows,
            going=form.going,
            lines=lines_shown(post),
            units=units_waiting(post),
        )

    @property
    def focus(self) -> str:
        """Where to go on: at the row that came; after one that went at all of them."""
        return focus_after(self.rows, self.going)

    def view_of(self, page: Page, problems: Sequence[Issue]) -> PageView:
        """The page to show, with what is wrong on it."""
        return render_page(
            self.answering.definition,
            page,
            self.answering.document,
            problems=(*self.unread, *problems),
            raw=self.fields,
            evaluation=self.answering.evaluation,
            contested=self.contested,
            lines=self.lines,
            units=self.units,
            going=self.going.address if self.going is not None else "",
        )

    def address_of(self, page: Page | None) -> str:
        """Of a page of questions, or of the summary after the last."""
        if page is None:
            return reverse("staff:enter_summary", args=[self.task.pk])
        return reverse("staff:enter_page", args=[self.task.pk, page.number])

    def steps(self, current: Page | None) -> Steps:
        """The list of steps; `current` is None on the summary itself."""
        words = self.answering.definition
        return steps_of(self.answering, current, words=words, address_of=self.address_of)

    def missing(self) -> list[tuple[str, str]]:
        """(address, sentence) of everything that stops the submission; "" for what stands on no page that is shown."""
        return missing_of(
            self.answering.problems,
            self.answering.pages,
            words=self.answering.definition,
            address_of_page=self.address_of,
        )

    def news_since(self, before: Answering, page: Page) -> str:
        """What a screen reader is told when the questions of the page have changed."""
        return news_of(
            before.asked_on(page),
            self.answering.asked_on(page),
            rows=self.rows,
            going=self.going,
            is_unread=bool(self.unread),
            is_contested=bool(self.contested),
        )
