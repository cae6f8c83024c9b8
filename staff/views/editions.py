"""An answer that was corrected: what was changed, and the earlier versions."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from identity.access_log import Use, What
from identity.roles import Permission
from plans import selectors
from plans.correcting import editions
from questionnaires.answers import answered_items
from questionnaires.definitions import definition_of
from questionnaires.edition_changes import Change, changes
from questionnaires.models import Response
from questionnaires.significance_words import coloured_answers
from staff.access import MunicipalRequest, municipal_staff
from staff.pages import render_page
from staff.seen import seen
from staff.views.citizens import about


@dataclass(frozen=True, slots=True)
class Correction:
    """One time that an answer was corrected: what it was before, what it became, and what was changed."""

    former: Response
    later: Response
    changes: list[Change]

    @property
    def is_given_otherwise(self) -> bool:
        """Was it put right how or when the answers were given?"""
        return (self.former.mode, self.former.given_on) != (self.later.mode, self.later.given_on) and (
            self.later.is_registered
        )


def corrections_of(response: Response) -> list[Correction]:
    """Each correction that led to a response in force, the latest first."""
    definition = definition_of(response.version)
    found, later = [], response
    for former in editions(response):
        found.append(Correction(former, later, changes(definition, former.document, later.document)))
        later = former
    return found


@require_safe
@municipal_staff(Permission.SEE_ANSWERS)
def edition(request: MunicipalRequest, response_id: UUID) -> HttpResponse:
    """An earlier version with every answer, as it was sent."""
    now = timezone.now()
    found = selectors.former_response(request.municipality, response_id)
    if found is None:
        raise Http404
    former, in_force = found
    seen(request, [former.citizen_id], Use(What.RESPONSE, subject_id=former.pk), at=now)
    context = {
        **about(in_force.citizen, request, now=now),
        "response": former,
        "in_force": in_force,
        "groups": answered_items(definition_of(former.version), former.document),
        "coloured": coloured_answers(definition_of(former.version), former.document),
        "support": former.version.decision_support,
    }
    return render_page(request, "staff/edition.html", context, now=now)
