"""Rows of the control of access: an entry with the citizen it is about and the decision that counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from citizens.models import Citizen
from identity.models import AccessEntry, AccessReview


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One use of a citizen's data. `citizen` is None where nobody was found, or who it was is here no longer."""

    entry: AccessEntry
    citizen: Citizen | None
    review: AccessReview | None

    @property
    def citizen_name(self) -> str:
        """Who it was about, in words."""
        if self.citizen is not None:
            return self.citizen.shown_name
        return _("Ingen fundet") if self.entry.citizen_id is None else _("Ikke længere borger her")

    @property
    def needs_follow_up(self) -> bool:
        """Whether the newest decision asks for more."""
        return self.review is not None and self.review.outcome == AccessReview.Outcome.FOLLOW_UP


def access_rows(
    entries: Iterable[AccessEntry], *, citizens: Mapping[UUID, Citizen], reviews: Mapping[int, AccessReview]
) -> list[AccessRow]:
    """The entries in their order, with what is known of each."""
    return [
        AccessRow(
            entry=entry,
            citizen=citizens.get(entry.citizen_id) if entry.citizen_id else None,
            review=reviews.get(entry.pk),
        )
        for entry in entries
    ]
