"""Where an employee is in answers that they enter: the pages of the questionnaire, what is saved, what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from citizens.answering import Answering
from citizens.steps import Steps, steps_of
from kommunalpro.templatetags.fields import field_id
from plans.models import Task
from questionnaires import uploads
from questionnaires.controls import name_of
from questionnaires.engine import Issue, Page
from questionnaires.form_reading import RowChange, form_fields, lines_shown, shown_with
from questionnaires.models import Response
from questionnaires.places import Place, address_of, field_name
from questionnaires.rendering import PageView, error_about, render_page
from questionnaires.services import save_answers

# Where a page of questions was reached from, and where “Næste” leads back to: /side/2/?fra=opsummering
FROM, SUMMARY = "fra", "opsummering"
# Which of two answers counts, where another window has answered the question as well; the value is its address.
KEEP, TAKE = "keep", "take"
# Ends the id of a row, and of all rows of a group (questionnaires/rows.html): the focus goes there.
ROWS_ID = "-rows"


@dataclass(frozen=True, slots=True)
class Entering:
    """A task whose answers are being entered.

    `fields` is what the last form said, `unread` its fields that could not be read, `contested` what it and another
    window answered differently, with the fingerprints the form began from. `rows`: the row that was added or removed;
    `going`: one to ask about before it is removed; `lines`: how many lines each list of answers shows.
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
        fields = form_fields(definition, page, post, document=self.answering.document)
        shown = shown_with(post)
        for address in post.getlist(KEEP):
            shown.pop(address, None)
        for address in post.getlist(TAKE):
            fields.pop(address, None)
        rows, going = RowChange.asked_by(definition, page, post), None
        if rows is not None and rows.has_to_be_confirmed(definition, post, fields):
            going, rows = rows.removed, None
        sent = uploads.sent_with(definition, page, post, files)
        saved = save_answers(response=self.response, fields=fields, shown=shown, rows=rows, at=at)
        saved = uploads.with_files(saved, sent, at=at, rows=rows)
        return replace(
            Entering.of(self.task, saved.response),
            fields=fields,
            unread=saved.issues,
            contested={address: shown[address] for address in saved.contested},
            rows=rows,
            going=going,
            lines=lines_shown(post),
        )

    @property
    def focus(self) -> str:
        """The id to go on at: the row that came; after one that went all of them."""
        place = self.going or (self.rows.focus if self.rows is not None else None)
        return field_id(field_name(place.address)) + ROWS_ID if place is not None else ""

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
        page_of = {item.link_id: page for page in self.answering.pages for item in page.walk()}
        found = []
        for issue in self.answering.problems:
            link_id, sentence = issue.link_id or "", issue.text(get_language() or "da")
            page, item = page_of.get(link_id), self.answering.definition.by_link_id.get(link_id)
            address = ""
            if page is not None:
                place = field_id(field_name(address_of(link_id, issue.rows)))
                address = f"{self.address_of(page)}?{FROM}={SUMMARY}#{place}"
            found.append((address, error_about(name_of(item), sentence) if item else sentence))
        return found

    def news_since(self, before: Answering, page: Page) -> str:
        """What a screen reader is told when the questions of the page have changed."""
        was, now = before.asked_on(page), self.answering.asked_on(page)
        sentences = []
        if self.going is not None:
            return str(_("Vil du fjerne det, du har skrevet her?"))
        if self.rows is not None:
            return str(_("Der er kommet en mere.") if self.rows.added else _("Fjernet."))
        if came := len(now - was):
            sentences.append(
                ngettext("Der er kommet et spørgsmål mere.", "Der er kommet %(count)s spørgsmål mere.", came)
                % {"count": came}
            )
        if gone := len(was - now):
            sentences.append(
                ngettext("Et spørgsmål er fjernet.", "%(count)s spørgsmål er fjernet.", gone)
                % {"count": gone}
            )
        if self.unread:
            sentences.append(_("Et svar kunne ikke gemmes. Se hvorfor ved spørgsmålet."))
        if self.contested:
            sentences.append(
                _("Du har svaret forskelligt to steder. Vælg ved spørgsmålet, hvilket svar der gælder.")
            )
        return " ".join(sentences)
