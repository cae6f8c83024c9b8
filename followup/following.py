"""An employee's own list of citizens."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from citizens.models import Citizen
from followup.models import Following
from identity.models import StaffMember
from municipalities.models import Municipality


def follow(*, citizen: Citizen, by: StaffMember, municipality: Municipality, at: datetime) -> None:
    """Put the citizen on the employee's own list; twice is as once."""
    row = Following(citizen=citizen, staff_member=by, municipality=municipality, since=at)
    Following.objects.bulk_create([row], ignore_conflicts=True)


def unfollow(*, citizen: Citizen, by: StaffMember) -> None:
    """Take the citizen off it; twice is as once."""
    Following.objects.filter(citizen=citizen, staff_member=by).delete()


def is_on_list_of(staff_id: UUID, citizen: str = "pk") -> Exists:
    """For a query in which `citizen` names a citizen: whether they are on the employee's own list."""
    return Exists(Following.objects.filter(staff_member=staff_id, citizen=OuterRef(citizen)))
