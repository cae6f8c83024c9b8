"""Short notes about a citizen that colleagues read; the journal is elsewhere."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from citizens.cpr_pattern import without_cpr
from citizens.models import Citizen
from followup.models import LONGEST_NOTE, CitizenNote
from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import Municipality


class NoteRefused(Problem):
    """The note says nothing, or more than there is room for."""

    code = "note_refused"


def write_note(
    *, citizen: Citizen, municipality: Municipality, text: str, by: StaffMember, at: datetime
) -> CitizenNote:
    """Write a note about the citizen; it is never changed. CPR numbers in it are masked. Raises NoteRefused."""
    return CitizenNote.objects.create(
        citizen=citizen, municipality=municipality, text=checked(text), written_by=by, written_at=at
    )


def checked(text: str) -> str:
    """What is kept of the words: without CPR numbers and the space around. Raises NoteRefused."""
    words = without_cpr(text.strip())
    if not words:
        raise NoteRefused(_("Skriv en tekst."))
    if len(words) > LONGEST_NOTE:
        raise NoteRefused(_("Teksten er for lang. Skriv højst %(most)d tegn.") % {"most": LONGEST_NOTE})
    return words


def notes_of(citizen_id: UUID, municipality: Municipality) -> QuerySet[CitizenNote]:
    """The municipality's notes about a citizen, the newest first, each with who wrote it."""
    return (
        CitizenNote.objects.filter(citizen=citizen_id, municipality=municipality)
        .select_related("written_by")
        .order_by("-written_at", "-pk")
    )
