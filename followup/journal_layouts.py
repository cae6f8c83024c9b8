"""Choosing how answers are written in the journal, and what was chosen."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from django.db import transaction
from django.utils.translation import gettext as _

from followup.journal_models import USUAL_PARTS, JournalLayout, JournalPart
from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import Municipality


class NothingToWrite(Problem):
    """A text without any part, or with the same part twice, is no text for the journal."""

    code = "nothing_to_write"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


def journal_parts(municipality: Municipality) -> tuple[JournalPart, ...]:
    """The parts of a municipality's journal text in their order, the usual ones where it has chosen none."""
    chosen = JournalLayout.objects.filter(municipality=municipality).values_list("parts", flat=True).first()
    return tuple(JournalPart(part) for part in chosen) if chosen else USUAL_PARTS


@transaction.atomic
def choose_journal_parts(
    *, municipality: Municipality, parts: Sequence[JournalPart], by: StaffMember, at: datetime
) -> JournalLayout:
    """Write journal texts of these parts, in this order, from now on. Raises NothingToWrite."""
    if not parts or len(set(parts)) < len(parts):
        raise NothingToWrite(_("Vælg mindst én del, og giv hver del sin egen plads."))
    layout, _created = JournalLayout.objects.update_or_create(
        municipality=municipality,
        defaults={"parts": [part.value for part in parts], "chosen_at": at, "chosen_by": by},
    )
    return layout
