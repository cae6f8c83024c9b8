"""A citizen who has been silent for a year: what is due first is shown, and what is to come is not lost behind it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from municipalities.models import Municipality
from staff.citizen_lists import COMING, open_and_coming
from staff.pages import ROWS
from tests.factories import CitizenFactory, PlanFactory, StaffMemberFactory, assign

pytestmark = pytest.mark.django_db


def test_open_and_coming_are_lists_of_their_own(municipality: Municipality) -> None:
    citizen = CitizenFactory(municipality=municipality)
    now = timezone.now()
    start = now - timedelta(weeks=60)
    care_plan = assign(
        citizen, plan=PlanFactory(weekly=70), at=start, by=StaffMemberFactory(municipality=municipality)
    )
    unanswered = care_plan.tasks.order_by("due_at", "pk")
    is_open, coming = open_and_coming(citizen, municipality, now)
    assert is_open == list(unanswered.filter(opens_at__lte=now)[:ROWS])
    assert coming == list(unanswered.filter(opens_at__gt=now)[: COMING + 1])
    assert (len(is_open), len(coming)) == (ROWS, COMING + 1)
