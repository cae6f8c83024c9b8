"""Marking an answer as handled, with a note if there is something to say, and taking it back."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from followup.models import Attention
from followup.notes import checked
from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import Municipality


class HandledByAnother(Problem):
    """A colleague was faster: who and when stands in the sentence's place on the row itself."""

    code = "handled_by_another"

    def __init__(self, sentence: str, attention: Attention) -> None:
        super().__init__(sentence)
        self.attention = attention


def handle(
    *, attention: Attention, by: StaffMember, at: datetime, note: str = "", municipality: Municipality
) -> Attention:
    """Note that `by` has handled the answer. Again by the same person is as once, but for a new note.

    CPR numbers in the note are masked. Raises HandledByAnother with the row as the colleague left it, or NoteRefused.
    """
    words = checked(note) if note.strip() else ""
    own = Attention.objects.filter(pk=attention.pk, municipality=municipality)
    if not own.unhandled().update(handled_at=at, handled_by=by, note=words):
        if words:
            own.filter(handled_by=by).update(note=words)
        found = _as_it_is(attention.pk)
        if found.handled_by_id != by.pk:
            raise HandledByAnother(_("En kollega har allerede håndteret svaret."), found)
        return found
    return _as_it_is(attention.pk)


def take_back(*, attention: Attention, municipality: Municipality) -> Attention:
    """Nobody has handled the answer after all: it is new again, and the note is gone. Twice is as once."""
    own = Attention.objects.filter(pk=attention.pk, municipality=municipality)
    own.update(handled_at=None, handled_by=None, note="")
    return _as_it_is(attention.pk)


def _as_it_is(response_id: UUID) -> Attention:
    return Attention.objects.select_related("handled_by").get(pk=response_id)
