"""“Hvem har set dine oplysninger?”: the citizen's view of the access log."""

from itertools import groupby

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from identity import access_selectors
from identity.access import CitizenRequest, citizen_required
from identity.access_selectors import Seen

USES_A_PAGE = 30


@never_cache
@require_safe
@citizen_required
def access(request: CitizenRequest) -> HttpResponse:
    """What municipalities' staff have done with the citizen's data, by day; no employee is named."""
    uses = access_selectors.uses_of_citizen(request.actor.citizen_id)
    page = Paginator(uses, USES_A_PAGE).get_page(request.GET.get("page"))
    seen = access_selectors.as_seen(page.object_list)
    days = [
        (day, [(place, why, list(uses)) for (place, why), uses in groupby(of_day, key=_where_and_why)])
        for day, of_day in groupby(seen, key=lambda use: use.day)
    ]
    facts = {"page": page, "days": days, "months": settings.ACCESS_LOG_MONTHS}
    return render(request, "citizens/access.html", facts)


def _where_and_why(use: Seen) -> tuple[str, str]:
    return use.place, str(use.why)
