"""Who lives where, as a condition of rows about citizens."""

from django.db.models import OuterRef
from django.db.models.functions import Coalesce

from citizens.models import Citizen
from kommunalpro.walked_lists import row_has
from municipalities.models import Municipality


def lives_in(municipality: Municipality) -> Coalesce:
    """Whether the row's `citizen` lives there; asked row by row, so that a long list can be walked along."""
    return row_has(Citizen.objects.filter(pk=OuterRef("citizen")), "municipality", municipality.pk)
