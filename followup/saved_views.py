"""Choices of the overview that an employee has given a name; each has their own."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from citizens.cpr_pattern import without_cpr
from followup.models import SavedView
from identity.models import StaffMember
from kommunalpro.compiled_queries import CompiledQuery
from kommunalpro.problems import Problem
from municipalities.models import Municipality

MOST = 20


class ViewNotSaved(Problem):
    """The view has no name, or there are too many."""

    code = "view_not_saved"


_VIEWS = CompiledQuery(lambda staff_id: SavedView.objects.filter(staff_member=staff_id))


def views_of(staff_id: UUID) -> list[SavedView]:
    """The employee's own, by name."""
    return _VIEWS.all(staff_id=staff_id)


def save_view(
    *, name: str, choices: Mapping[str, str], by: StaffMember, municipality: Municipality, at: datetime
) -> SavedView:
    """Keep a choice of filters; the same name again takes its place. Raises ViewNotSaved."""
    name = without_cpr(" ".join(name.split()))[: SavedView.LONGEST_NAME]
    if not name:
        raise ViewNotSaved(_("Skriv et navn til visningen."))
    own = SavedView.objects.filter(staff_member=by)
    if not own.filter(name=name).exists() and own.count() >= MOST:
        raise ViewNotSaved(
            _("Du har allerede %(most)d gemte visninger. Slet en, før du gemmer en ny.") % {"most": MOST}
        )
    saved, _created = SavedView.objects.update_or_create(
        staff_member=by,
        name=name,
        defaults={"choices": dict(choices), "municipality": municipality, "made_at": at},
    )
    return saved


def delete_view(*, view_id: int, by: StaffMember) -> None:
    """Forget one of one's own; twice is as once."""
    SavedView.objects.filter(pk=view_id, staff_member=by).delete()
