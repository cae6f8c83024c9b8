"""For whom an administrator works: a municipality, or the system administration."""

from identity.access import StaffRequest
from identity.models import StaffMember
from municipalities.models import Municipality


def owner_of(request: StaffRequest) -> Municipality | None:
    """The municipality of the administrator; None for the system administration, which makes national ones."""
    if request.actor.municipality_id is None:
        return None
    return Municipality.objects.get(pk=request.actor.municipality_id)


def staff_member(request: StaffRequest) -> StaffMember:
    return StaffMember.objects.get(pk=request.actor.staff_id)
