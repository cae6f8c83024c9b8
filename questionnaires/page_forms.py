"""What the form of a page of questions says: read, saved to the draft, and what there is to say of it afterwards.

The same for citizens who answer and for staff who enter what was answered elsewhere.

    sent = uploads.sent_with(definition, page, post, files)    before anything is locked
    form = PageForm.read(definition, page, post, document=document)
    saved = form.saved_to(response, sent, at=now)              locked by now
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kommunalpro.templatetags.fields import field_id
from questionnaires import uploads
from questionnaires.controls import name_of
from questionnaires.engine import Definition, Issue, Page
from questionnaires.form_reading import ADD_LINE, REMOVE_LINE, RowChange, form_fields, shown_with
from questionnaires.models import Response
from questionnaires.places import Place, address_of, field_name
from questionnaires.rendering import error_about
from questionnaires.services import Saved, save_to_locked
from questionnaires.uploads import Sent

# Where a page of questions was reached from, and where “Næste” leads back to: /side/2/?fra=opsummering
FROM, SUMMARY = "fra", "opsummering"
# The page has said what is missing: go on saying it while it is being mended.
CHECKED = "checked"
# While a date is being written, field by field, the rest of it is missing: said with “Næste”, not before.
HALF_A_DATE = "form.date-missing"
# Which of two answers counts, where another page has answered the question as well; the value is its address.
KEEP, TAKE = "keep", "take"
# Ends the id of a row, and of all rows of a group (questionnaires/rows.html): the focus goes there.
ROWS_ID = "-rows"
# Who presses one of these stays on the page.
_STAYS = (KEEP, TAKE, ADD_LINE, REMOVE_LINE, uploads.REMOVE_FILE)


@dataclass(frozen=True, slots=True)
class PageForm:
    """What a form says: `fields` by address, and the fingerprints of the answers they were `shown` with.

    `rows`: a row to add or remove; `going`: one to ask about before it is removed.
    """

    fields: dict[str, list[str]]
    shown: Mapping[str, str]
    rows: RowChange | None = None
    going: Place | None = None

    @classmethod
    def read(
        cls, definition: Definition, page: Page, post: QueryDict, *, document: Mapping[str, Any]
    ) -> "PageForm":
        """Where a question was answered on another page as well, a button says which counts: `keep` or `take` it."""
        fields = form_fields(definition, page, post, document=document)
        shown = shown_with(post)
        for address in post.getlist(KEEP):
            shown.pop(address, None)
        for address in post.getlist(TAKE):
            fields.pop(address, None)
        rows, going = RowChange.asked_by(definition, page, post), None
        if rows is not None and rows.has_to_be_confirmed(definition, post, fields):
            going, rows = rows.removed, None
        return cls(fields=fields, shown=shown, rows=rows, going=going)

    def saved_to(self, response: Response, sent: Sent, *, at: datetime) -> Saved:
        """Save it to a draft that the caller's transaction has locked, with the files that were sent along."""
        saved = save_to_locked(response=response, fields=self.fields, shown=self.shown, rows=self.rows, at=at)
        return uploads.with_files(saved, sent, at=at, rows=self.rows)

    def contested(self, saved: Saved) -> dict[str, str]:
        """What another page answered differently, with the fingerprints this form began from."""
        return {address: self.shown[address] for address in saved.contested}


def focus_after(rows: RowChange | None, going: Place | None) -> str:
    """The id to go on at: the row that came, or is asked about; after one that went, all of them; else ""."""
    place = going or (rows.focus if rows is not None else None)
    return field_id(field_name(place.address)) + ROWS_ID if place is not None else ""


def where_to(post: QueryDict, *, also_stays: str = "") -> str:
    """`next`, `back` or `stay`: where to go with the form. Who has chosen between two answers, say, stays."""
    stays = any(name in post for name in (*_STAYS, also_stays))
    return "stay" if stays else post.get("go", "next")


def news_of(
    before: frozenset[str],
    after: frozenset[str],
    *,
    rows: RowChange | None,
    going: Place | None,
    is_unread: bool,
    is_contested: bool,
) -> str:
    """What a screen reader is told when the questions of the page have changed: which were asked, and are now."""
    if going is not None:
        return _("Vil du fjerne det, du har skrevet her?")
    if rows is not None:
        return _("Der er kommet en mere.") if rows.added else _("Fjernet.")
    sentences = []
    if came := len(after - before):
        sentences.append(
            ngettext("Der er kommet et spørgsmål mere.", "Der er kommet %(count)s spørgsmål mere.", came)
            % {"count": came}
        )
    if gone := len(before - after):
        sentences.append(
            ngettext("Et spørgsmål er fjernet.", "%(count)s spørgsmål er fjernet.", gone) % {"count": gone}
        )
    if is_unread:
        sentences.append(_("Et svar kunne ikke gemmes. Se hvorfor ved spørgsmålet."))
    if is_contested:
        sentences.append(
            _("Du har svaret forskelligt to steder. Vælg ved spørgsmålet, hvilket svar der gælder.")
        )
    return " ".join(sentences)


def missing_of(
    problems: Iterable[Issue],
    pages: Iterable[Page],
    *,
    words: Definition,
    address_of_page: Callable[[Page], str],
) -> list[tuple[str, str]]:
    """(address, sentence) of everything that stops the submission, each leading from the summary to its question.

    `words` is the definition in the language that is shown. The address is "" for what stands on none of the `pages`.
    """
    language = get_language() or "da"
    page_of = {item.link_id: page for page in pages for item in page.walk()}
    found = []
    for issue in problems:
        link_id, sentence, url = issue.link_id or "", issue.text(language), ""
        page, item = page_of.get(link_id), words.by_link_id.get(link_id)
        if page is not None:
            place = field_id(field_name(address_of(link_id, issue.rows)))
            url = f"{address_of_page(page)}?{FROM}={SUMMARY}#{place}"
        found.append((url, error_about(name_of(item), sentence) if item else sentence))
    return found
