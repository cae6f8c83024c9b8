"""What municipalities had decided before decisions were rows is brought along."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from identity.models import StaffMember
from privacy.models import RetentionDecision
from privacy.selectors import years_of

pytestmark = pytest.mark.django_db


def test_a_shorter_time_that_held_before_holds_still(nurse: StaffMember) -> None:
    assert nurse.municipality is not None
    before = SimpleNamespace(
        municipality_id=nurse.municipality.pk,
        years=6,
        only_five_year_professions=True,
        changed_at=timezone.now(),
        changed_by_id=nurse.pk,
    )
    old = SimpleNamespace(objects=SimpleNamespace(all=lambda: [before]))
    models: dict[str, Any] = {"RetentionPolicy": old, "RetentionDecision": RetentionDecision}
    apps = SimpleNamespace(get_model=lambda _app, name: models[name])
    import_module("privacy.migrations.0005_walls_around_decisions").bring_along(apps, None)
    today = timezone.localdate()
    assert [years_of(nurse.municipality, today=today + timedelta(days=d)) for d in (0, 15)] == [6, 6]
    assert RetentionDecision.objects.get().decided_by == nurse
